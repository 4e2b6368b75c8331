-- Ids are the text form of UUIDs. A username stands nowhere in clear: username_index is derived from it with a secret outside of the database.

-- username, oprf_key, share and handle are sealed under the at-rest secret. events: number of the last event.
CREATE TABLE records (
    record_id      TEXT   NOT NULL PRIMARY KEY,
    username_index BLOB   NOT NULL UNIQUE,
    username       BLOB   NOT NULL,
    oprf_key       BLOB   NOT NULL,
    password_slot  BLOB   NOT NULL,
    reset_slot     BLOB   NOT NULL,
    kit            BLOB   NOT NULL,
    share          BLOB   NOT NULL,
    guardian       TEXT   NOT NULL,
    handle         BLOB   NOT NULL,
    public_key     BLOB   NOT NULL,
    revision       BIGINT NOT NULL,
    events         BIGINT NOT NULL
);

-- A device names itself alone, so that its id is there once over all records.
CREATE TABLE devices (
    record_id  TEXT NOT NULL,
    device_id  TEXT NOT NULL UNIQUE,
    public_key BLOB NOT NULL,
    PRIMARY KEY (record_id, device_id),
    FOREIGN KEY (record_id) REFERENCES records (record_id) ON DELETE CASCADE
) WITHOUT ROWID;

-- hour: a full hour in Unix milliseconds.
CREATE TABLE events (
    record_id TEXT   NOT NULL,
    number    BIGINT NOT NULL,
    hour      BIGINT NOT NULL,
    kind      TEXT   NOT NULL,
    PRIMARY KEY (record_id, number),
    FOREIGN KEY (record_id) REFERENCES records (record_id) ON DELETE CASCADE
) WITHOUT ROWID;

-- Codes by mail, and rows like them where there was none to send. expires: a full minute in Unix milliseconds.
CREATE TABLE codes (
    username_index BLOB   NOT NULL,
    purpose        TEXT   NOT NULL,
    mac            BLOB   NOT NULL,
    tries          BIGINT NOT NULL,
    expires        BIGINT NOT NULL,
    PRIMARY KEY (username_index, purpose)
) WITHOUT ROWID;
CREATE INDEX codes_by_expiry ON codes (expires);

-- Which generations of the at-rest secret have sealed rows here.
CREATE TABLE at_rest_secrets (
    generation  BIGINT NOT NULL PRIMARY KEY,
    fingerprint BLOB   NOT NULL
);

-- Guesses since the last success. Whoever asks about what is not there leaves a row like anybody. The next guess waits until a full minute in Unix milliseconds, 0 for no wait; the row ends
-- with a day.
CREATE TABLE guesses (
    subject TEXT   NOT NULL PRIMARY KEY,
    used    BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    expires BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX guesses_by_expiry ON guesses (expires);

-- At most one row: all guesses there have been, and the minute in which free ones were used up because the database had been restored; 0 for never.
CREATE TABLE guess_total (
    number   BIGINT NOT NULL PRIMARY KEY,
    total    BIGINT NOT NULL,
    restored BIGINT NOT NULL
);

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
