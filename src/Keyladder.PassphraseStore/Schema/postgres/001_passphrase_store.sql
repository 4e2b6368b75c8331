-- Ids are the text form of UUIDs. A username stands nowhere in clear: username_index is derived from it with a secret outside of the database.

-- username, oprf_key, share and handle are sealed under the at-rest secret. events: number of the last event.
CREATE TABLE records (
    record_id      text   NOT NULL PRIMARY KEY,
    username_index bytea  NOT NULL UNIQUE,
    username       bytea  NOT NULL,
    oprf_key       bytea  NOT NULL,
    password_slot  bytea  NOT NULL,
    reset_slot     bytea  NOT NULL,
    kit            bytea  NOT NULL,
    share          bytea  NOT NULL,
    guardian       text   NOT NULL,
    handle         bytea  NOT NULL,
    public_key     bytea  NOT NULL,
    revision       bigint NOT NULL,
    events         bigint NOT NULL
);

-- A device names itself alone, so that its id is there once over all records.
CREATE TABLE devices (
    record_id  text NOT NULL,
    device_id  text NOT NULL UNIQUE,
    public_key bytea NOT NULL,
    PRIMARY KEY (record_id, device_id),
    FOREIGN KEY (record_id) REFERENCES records (record_id) ON DELETE CASCADE
);

-- hour: a full hour in Unix milliseconds.
CREATE TABLE events (
    record_id text   NOT NULL,
    number    bigint NOT NULL,
    hour      bigint NOT NULL,
    kind      text   NOT NULL,
    PRIMARY KEY (record_id, number),
    FOREIGN KEY (record_id) REFERENCES records (record_id) ON DELETE CASCADE
);

-- Codes by mail, and rows like them where there was none to send. expires: a full minute in Unix milliseconds.
CREATE TABLE codes (
    username_index bytea  NOT NULL,
    purpose        text   NOT NULL,
    mac            bytea  NOT NULL,
    tries          bigint NOT NULL,
    expires        bigint NOT NULL,
    PRIMARY KEY (username_index, purpose)
);
CREATE INDEX codes_by_expiry ON codes (expires);

-- Which generations of the at-rest secret have sealed rows here.
CREATE TABLE at_rest_secrets (
    generation  bigint NOT NULL PRIMARY KEY,
    fingerprint bytea  NOT NULL
);

-- Guesses since the last success. Whoever asks about what is not there leaves a row like anybody. The next guess waits until a full minute in Unix milliseconds, 0 for no wait; the row ends
-- with a day.
CREATE TABLE guesses (
    subject text   NOT NULL PRIMARY KEY,
    used    bigint NOT NULL,
    until   bigint NOT NULL,
    expires bigint NOT NULL
);
CREATE INDEX guesses_by_expiry ON guesses (expires);

-- At most one row: all guesses there have been, and the minute in which free ones were used up because the database had been restored; 0 for never.
CREATE TABLE guess_total (
    number   bigint NOT NULL PRIMARY KEY,
    total    bigint NOT NULL,
    restored bigint NOT NULL
);

-- Counters of one hour each. The name is a MAC: it says neither of whom nor of what.
CREATE TABLE limits (
    limiter bytea  NOT NULL PRIMARY KEY,
    count   bigint NOT NULL,
    expires bigint NOT NULL
);
CREATE INDEX limits_by_expiry ON limits (expires);

-- At most one row: the number of the restore that this database comes from. It only ever grows.
CREATE TABLE restores (
    number bigint NOT NULL PRIMARY KEY
);
