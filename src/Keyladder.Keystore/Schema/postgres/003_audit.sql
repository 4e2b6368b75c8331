-- What happened to an account, in order. A hash covers its event and all before it; previous is that of the event before.
CREATE TABLE audit_events (
    account_id text   NOT NULL,
    number     bigint NOT NULL,
    hour       bigint NOT NULL,
    kind       text   NOT NULL,
    session_id text   NOT NULL,
    subject    text,
    head       bigint,
    previous   bytea  NOT NULL,
    hash       bytea  NOT NULL,
    PRIMARY KEY (account_id, number)
);

-- The number of the event that the head signs for.
ALTER TABLE heads ADD COLUMN audited bigint NOT NULL DEFAULT 0;
