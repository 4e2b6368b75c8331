-- Of the Guardian (docs/spec/passphrase-store.md): these rows belong to nobody's account. A handle is random and names a person to nobody.

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

-- Key and share are sealed at rest.
CREATE TABLE guardian_records (
    handle      text  NOT NULL PRIMARY KEY,
    oprf_key    bytea NOT NULL,
    share       bytea NOT NULL,
    public_key  bytea NOT NULL,
    release_key bytea NOT NULL
);

CREATE TABLE guardian_devices (
    handle     text  NOT NULL,
    device_id  text  NOT NULL UNIQUE,
    public_key bytea NOT NULL,
    PRIMARY KEY (handle, device_id),
    FOREIGN KEY (handle) REFERENCES guardian_records (handle) ON DELETE CASCADE
);
