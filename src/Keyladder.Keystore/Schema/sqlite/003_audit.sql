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

-- The number of the event that the head signs for.
ALTER TABLE heads ADD COLUMN audited BIGINT NOT NULL DEFAULT 0;
