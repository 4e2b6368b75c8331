-- Every row belongs to an account, and the account stands first in every key: no statement can name another person's row.
-- Ids are the text form of UUIDs, paths and prefixes hex digits, times full hours in Unix milliseconds or days.
-- Rows longer than a quarter of a page stand in tables with row ids: without, each would take a page of its own.

-- audited: the number of the event that the head signs for.
CREATE TABLE heads (
    account_id TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    jws        TEXT   NOT NULL,
    audited    BIGINT NOT NULL,
    PRIMARY KEY (account_id, number)
);

-- The locator is the public half of the sign-in keypair, as login is.
CREATE TABLE slots (
    account_id TEXT NOT NULL,
    slot_id    TEXT NOT NULL,
    locator    BLOB NOT NULL UNIQUE,
    login      BLOB NOT NULL,
    PRIMARY KEY (account_id, slot_id)
) WITHOUT ROWID;

CREATE TABLE sessions (
    account_id    TEXT   NOT NULL,
    session_id    TEXT   NOT NULL,
    slot_id       TEXT   NOT NULL,
    client_public BLOB   NOT NULL,
    created       TEXT   NOT NULL,
    expires       BIGINT NOT NULL,
    PRIMARY KEY (account_id, session_id),
    FOREIGN KEY (account_id, slot_id) REFERENCES slots (account_id, slot_id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX sessions_by_expiry ON sessions (expires);

CREATE TABLE spent_nonces (
    account_id TEXT   NOT NULL,
    nonce      BLOB   NOT NULL,
    expires    BIGINT NOT NULL,
    PRIMARY KEY (account_id, nonce)
) WITHOUT ROWID;
CREATE INDEX spent_nonces_by_expiry ON spent_nonces (expires);

CREATE TABLE objects (
    account_id TEXT   NOT NULL,
    object_id  TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    dek        BLOB   NOT NULL,
    revision   BIGINT NOT NULL,
    attachment TEXT,
    sealed     BLOB   NOT NULL,
    leaf       BLOB   NOT NULL,
    PRIMARY KEY (account_id, object_id)
);

-- What an object was before; it goes with its object.
CREATE TABLE versions (
    account_id TEXT   NOT NULL,
    object_id  TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    dek        BLOB   NOT NULL,
    revision   BIGINT NOT NULL,
    attachment TEXT,
    sealed     BLOB   NOT NULL,
    PRIMARY KEY (account_id, object_id, revision)
);

CREATE INDEX objects_by_attachment ON objects (account_id, attachment) WHERE attachment IS NOT NULL;
CREATE INDEX versions_by_attachment ON versions (account_id, attachment) WHERE attachment IS NOT NULL;

-- complete: 1 once the last part is there. expires is null while an object or a version names the attachment.
CREATE TABLE attachments (
    account_id    TEXT   NOT NULL,
    attachment_id TEXT   NOT NULL,
    complete      BIGINT NOT NULL,
    expires       BIGINT,
    PRIMARY KEY (account_id, attachment_id)
) WITHOUT ROWID;
CREATE INDEX attachments_by_expiry ON attachments (expires);

-- Where the bytes of an attachment are: each part in a file of its own, whose name is random and never used again.
CREATE TABLE attachment_parts (
    account_id    TEXT   NOT NULL,
    attachment_id TEXT   NOT NULL,
    start         BIGINT NOT NULL,
    length        BIGINT NOT NULL,
    file          TEXT   NOT NULL,
    PRIMARY KEY (account_id, attachment_id, start),
    FOREIGN KEY (account_id, attachment_id) REFERENCES attachments (account_id, attachment_id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX attachment_parts_by_file ON attachment_parts (file);

-- The lengths of all that is sealed in objects and versions together.
CREATE TABLE usage (
    account_id TEXT   NOT NULL PRIMARY KEY,
    bytes      BIGINT NOT NULL
) WITHOUT ROWID;

-- A deleted id never returns.
CREATE TABLE tombstones (
    account_id TEXT NOT NULL,
    object_id  TEXT NOT NULL,
    PRIMARY KEY (account_id, object_id)
) WITHOUT ROWID;

-- What each head changed; an absent leaf is null.
CREATE TABLE changes (
    account_id TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    object_id  TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    path       TEXT   NOT NULL,
    old_leaf   BLOB,
    new_leaf   BLOB,
    PRIMARY KEY (account_id, number, object_id)
) WITHOUT ROWID;

-- The Merkle tree, four levels to a row.
CREATE TABLE tree_pages (
    account_id TEXT NOT NULL,
    prefix     TEXT NOT NULL,
    page       BLOB NOT NULL,
    PRIMARY KEY (account_id, prefix)
);

-- What happened to an account, in order. A hash covers its event and all before it; previous is that of the event before.
CREATE TABLE audit_events (
    account_id TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    hour       BIGINT NOT NULL,
    kind       TEXT   NOT NULL,
    session_id TEXT   NOT NULL,
    subject    TEXT,
    head       BIGINT,
    previous   BLOB   NOT NULL,
    hash       BLOB   NOT NULL,
    PRIMARY KEY (account_id, number)
) WITHOUT ROWID;

-- What the account's clients left here, sealed, about the heads of another service. The sequence only ever grows.
CREATE TABLE witnesses (
    account_id TEXT   NOT NULL PRIMARY KEY,
    sequence   BIGINT NOT NULL,
    sealed     BLOB   NOT NULL
);

-- The rows from here on belong to the operator and to nobody's account.

-- At most one row: who makes it is the first.
CREATE TABLE first_account (
    number BIGINT NOT NULL PRIMARY KEY
);

-- A hash of each invitation that has not been used.
CREATE TABLE invitations (
    hash    BLOB   NOT NULL PRIMARY KEY,
    expires BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX invitations_by_expiry ON invitations (expires);

-- Admissions that have let somebody in and have not expired yet.
CREATE TABLE spent_admissions (
    signer       TEXT   NOT NULL,
    admission_id TEXT   NOT NULL,
    expires      BIGINT NOT NULL,
    PRIMARY KEY (signer, admission_id)
) WITHOUT ROWID;
CREATE INDEX spent_admissions_by_expiry ON spent_admissions (expires);

-- Counters of one hour each. The name is a MAC: it says neither of whom nor of what.
CREATE TABLE limits (
    limiter BLOB   NOT NULL PRIMARY KEY,
    count   BIGINT NOT NULL,
    expires BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX limits_by_expiry ON limits (expires);

-- At most one row: the number of the restore that this database comes from. It only ever grows.
CREATE TABLE restores (
    number BIGINT NOT NULL PRIMARY KEY
);
