-- Every row belongs to an account, and the account stands first in every key: no statement can name another person's row.
-- Ids are the text form of UUIDs, paths and prefixes hex digits, times full hours in Unix milliseconds or days.

CREATE TABLE heads (
    account_id TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    jws        TEXT   NOT NULL,
    PRIMARY KEY (account_id, number)
) WITHOUT ROWID;

CREATE TABLE slots (
    account_id TEXT NOT NULL,
    slot_id    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    locator    BLOB NOT NULL UNIQUE,
    login      BLOB NOT NULL,
    wrapped    BLOB NOT NULL,
    PRIMARY KEY (account_id, slot_id)
) WITHOUT ROWID;

-- A session ends with its slot: a sign-in that races with the slot's removal leaves nothing behind.
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

CREATE TABLE keys (
    account_id TEXT   NOT NULL,
    key_id     TEXT   NOT NULL,
    kek_id     TEXT   NOT NULL,
    revision   BIGINT NOT NULL,
    overview   BLOB   NOT NULL,
    wrapped    BLOB   NOT NULL,
    leaf       BLOB   NOT NULL,
    PRIMARY KEY (account_id, key_id)
);

-- A deleted id never returns.
CREATE TABLE tombstones (
    account_id TEXT NOT NULL,
    key_id     TEXT NOT NULL,
    PRIMARY KEY (account_id, key_id)
) WITHOUT ROWID;

-- What each head changed; an absent leaf is null.
CREATE TABLE changes (
    account_id TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    key_id     TEXT   NOT NULL,
    path       TEXT   NOT NULL,
    old_leaf   BLOB,
    new_leaf   BLOB,
    PRIMARY KEY (account_id, number, key_id)
) WITHOUT ROWID;

-- The Merkle tree, four levels to a row.
CREATE TABLE tree_pages (
    account_id TEXT NOT NULL,
    prefix     TEXT NOT NULL,
    page       BLOB NOT NULL,
    PRIMARY KEY (account_id, prefix)
);
