-- These rows belong to the operator and to nobody's account. Times are full hours in Unix milliseconds.

-- At most one row: who makes it is the first. A database that has accounts has had its first.
CREATE TABLE first_account (
    number bigint NOT NULL PRIMARY KEY
);
INSERT INTO first_account (number) SELECT 1 WHERE EXISTS (SELECT 1 FROM heads);

-- A hash of each invitation that has not been used.
CREATE TABLE invitations (
    hash    bytea  NOT NULL PRIMARY KEY,
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
    limiter bytea  NOT NULL PRIMARY KEY,
    count   bigint NOT NULL,
    expires bigint NOT NULL
);
CREATE INDEX limits_by_expiry ON limits (expires);
