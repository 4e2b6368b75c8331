-- Every row belongs to an account, and the account stands first in every key: no statement can name another person's row.
-- Ids are the text form of UUIDs, paths and prefixes hex digits, times full hours in Unix milliseconds or days.

CREATE TABLE heads (
    account_id text   NOT NULL,
    number     bigint NOT NULL,
    jws        text   NOT NULL,
    PRIMARY KEY (account_id, number)
);

CREATE TABLE slots (
    account_id text NOT NULL,
    slot_id    text NOT NULL,
    kind       text NOT NULL,
    locator    bytea NOT NULL UNIQUE,
    login      bytea NOT NULL,
    wrapped    bytea NOT NULL,
    PRIMARY KEY (account_id, slot_id)
);

-- A session ends with its slot: a sign-in that races with the slot's removal leaves nothing behind.
CREATE TABLE sessions (
    account_id    text   NOT NULL,
    session_id    text   NOT NULL,
    slot_id       text   NOT NULL,
    client_public bytea  NOT NULL,
    created       text   NOT NULL,
    expires       bigint NOT NULL,
    PRIMARY KEY (account_id, session_id),
    FOREIGN KEY (account_id, slot_id) REFERENCES slots (account_id, slot_id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_expiry ON sessions (expires);

CREATE TABLE spent_nonces (
    account_id text   NOT NULL,
    nonce      bytea  NOT NULL,
    expires    bigint NOT NULL,
    PRIMARY KEY (account_id, nonce)
);
CREATE INDEX spent_nonces_by_expiry ON spent_nonces (expires);

CREATE TABLE keys (
    account_id text   NOT NULL,
    key_id     text   NOT NULL,
    kek_id     text   NOT NULL,
    revision   bigint NOT NULL,
    overview   bytea  NOT NULL,
    wrapped    bytea  NOT NULL,
    leaf       bytea  NOT NULL,
    PRIMARY KEY (account_id, key_id)
);

-- A deleted id never returns.
CREATE TABLE tombstones (
    account_id text NOT NULL,
    key_id     text NOT NULL,
    PRIMARY KEY (account_id, key_id)
);

-- What each head changed; an absent leaf is null.
CREATE TABLE changes (
    account_id text   NOT NULL,
    number     bigint NOT NULL,
    key_id     text   NOT NULL,
    path       text   NOT NULL,
    old_leaf   bytea,
    new_leaf   bytea,
    PRIMARY KEY (account_id, number, key_id)
);

-- The Merkle tree, four levels to a row.
CREATE TABLE tree_pages (
    account_id text NOT NULL,
    prefix     text NOT NULL,
    page       bytea NOT NULL,
    PRIMARY KEY (account_id, prefix)
);
