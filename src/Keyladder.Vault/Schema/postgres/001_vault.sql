-- Every row belongs to an account, and the account stands first in every key: no statement can name another person's row.
-- Ids are the text form of UUIDs, paths and prefixes hex digits, times full hours in Unix milliseconds or days.

-- audited: the number of the event that the head signs for.
CREATE TABLE heads (
    account_id text   NOT NULL,
    number     bigint NOT NULL,
    jws        text   NOT NULL,
    audited    bigint NOT NULL,
    PRIMARY KEY (account_id, number)
);

-- The locator is the public half of the sign-in keypair, as login is.
CREATE TABLE slots (
    account_id text NOT NULL,
    slot_id    text NOT NULL,
    locator    bytea NOT NULL UNIQUE,
    login      bytea NOT NULL,
    PRIMARY KEY (account_id, slot_id)
);

CREATE TABLE sessions (
    account_id    text   NOT NULL,
    session_id    text   NOT NULL,
    slot_id       text   NOT NULL,
    client_public bytea   NOT NULL,
    created       text   NOT NULL,
    expires       bigint NOT NULL,
    PRIMARY KEY (account_id, session_id),
    FOREIGN KEY (account_id, slot_id) REFERENCES slots (account_id, slot_id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_expiry ON sessions (expires);

CREATE TABLE spent_nonces (
    account_id text   NOT NULL,
    nonce      bytea   NOT NULL,
    expires    bigint NOT NULL,
    PRIMARY KEY (account_id, nonce)
);
CREATE INDEX spent_nonces_by_expiry ON spent_nonces (expires);

CREATE TABLE objects (
    account_id text   NOT NULL,
    object_id  text   NOT NULL,
    kind       text   NOT NULL,
    dek        bytea   NOT NULL,
    revision   bigint NOT NULL,
    attachment text,
    sealed     bytea   NOT NULL,
    leaf       bytea   NOT NULL,
    PRIMARY KEY (account_id, object_id)
);

-- What an object was before; it goes with its object.
CREATE TABLE versions (
    account_id text   NOT NULL,
    object_id  text   NOT NULL,
    kind       text   NOT NULL,
    dek        bytea   NOT NULL,
    revision   bigint NOT NULL,
    attachment text,
    sealed     bytea   NOT NULL,
    PRIMARY KEY (account_id, object_id, revision)
);

CREATE INDEX objects_by_attachment ON objects (account_id, attachment) WHERE attachment IS NOT NULL;
CREATE INDEX versions_by_attachment ON versions (account_id, attachment) WHERE attachment IS NOT NULL;

-- complete: 1 once the last part is there. expires is null while an object or a version names the attachment.
CREATE TABLE attachments (
    account_id    text   NOT NULL,
    attachment_id text   NOT NULL,
    complete      bigint NOT NULL,
    expires       bigint,
    PRIMARY KEY (account_id, attachment_id)
);
CREATE INDEX attachments_by_expiry ON attachments (expires);

-- Where the bytes of an attachment are: each part in a file of its own, whose name is random and never used again.
CREATE TABLE attachment_parts (
    account_id    text   NOT NULL,
    attachment_id text   NOT NULL,
    start         bigint NOT NULL,
    length        bigint NOT NULL,
    file          text   NOT NULL,
    PRIMARY KEY (account_id, attachment_id, start),
    FOREIGN KEY (account_id, attachment_id) REFERENCES attachments (account_id, attachment_id) ON DELETE CASCADE
);
CREATE INDEX attachment_parts_by_file ON attachment_parts (file);

-- The lengths of all that is sealed in objects and versions together.
CREATE TABLE usage (
    account_id text   NOT NULL PRIMARY KEY,
    bytes      bigint NOT NULL
);

-- A deleted id never returns.
CREATE TABLE tombstones (
    account_id text NOT NULL,
    object_id  text NOT NULL,
    PRIMARY KEY (account_id, object_id)
);

-- What each head changed; an absent leaf is null.
CREATE TABLE changes (
    account_id text   NOT NULL,
    number     bigint NOT NULL,
    object_id  text   NOT NULL,
    kind       text   NOT NULL,
    path       text   NOT NULL,
    old_leaf   bytea,
    new_leaf   bytea,
    PRIMARY KEY (account_id, number, object_id)
);

-- The Merkle tree, four levels to a row.
CREATE TABLE tree_pages (
    account_id text NOT NULL,
    prefix     text NOT NULL,
    page       bytea NOT NULL,
    PRIMARY KEY (account_id, prefix)
);

-- What happened to an account, in order. A hash covers its event and all before it; previous is that of the event before.
CREATE TABLE audit_events (
    account_id text   NOT NULL,
    number     bigint NOT NULL,
    hour       bigint NOT NULL,
    kind       text   NOT NULL,
    session_id text   NOT NULL,
    subject    text,
    head       bigint,
    previous   bytea   NOT NULL,
    hash       bytea   NOT NULL,
    PRIMARY KEY (account_id, number)
);

-- What the account's clients left here, sealed, about the heads of another service. The sequence only ever grows.
CREATE TABLE witnesses (
    account_id text   NOT NULL PRIMARY KEY,
    sequence   bigint NOT NULL,
    sealed     bytea  NOT NULL
);

-- The rows from here on belong to the operator and to nobody's account.

-- At most one row: who makes it is the first.
CREATE TABLE first_account (
    number bigint NOT NULL PRIMARY KEY
);

-- A hash of each invitation that has not been used.
CREATE TABLE invitations (
    hash    bytea   NOT NULL PRIMARY KEY,
    expires bigint NOT NULL
);
CREATE INDEX invitations_by_expiry ON invitations (expires);

-- Admissions that have let somebody in and have not expired yet.
CREATE TABLE spent_admissions (
    signer       text   NOT NULL,
    admission_id text   NOT NULL,
    expires      bigint NOT NULL,
    PRIMARY KEY (signer, admission_id)
);
CREATE INDEX spent_admissions_by_expiry ON spent_admissions (expires);

-- Counters of one hour each. The name is a MAC: it says neither of whom nor of what.
CREATE TABLE limits (
    limiter bytea   NOT NULL PRIMARY KEY,
    count   bigint NOT NULL,
    expires bigint NOT NULL
);
CREATE INDEX limits_by_expiry ON limits (expires);

-- At most one row: the number of the restore that this database comes from. It only ever grows.
CREATE TABLE restores (
    number bigint NOT NULL PRIMARY KEY
);
