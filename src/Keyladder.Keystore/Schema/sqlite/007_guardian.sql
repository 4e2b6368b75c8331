-- Of the Guardian (docs/spec/passphrase-store.md): these rows belong to nobody's account. A handle is random and names a person to nobody.

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

-- Key and share are sealed at rest.
CREATE TABLE guardian_records (
    handle      TEXT NOT NULL PRIMARY KEY,
    oprf_key    BLOB NOT NULL,
    share       BLOB NOT NULL,
    public_key  BLOB NOT NULL,
    release_key BLOB NOT NULL
);

CREATE TABLE guardian_devices (
    handle     TEXT NOT NULL,
    device_id  TEXT NOT NULL UNIQUE,
    public_key BLOB NOT NULL,
    PRIMARY KEY (handle, device_id),
    FOREIGN KEY (handle) REFERENCES guardian_records (handle) ON DELETE CASCADE
);
