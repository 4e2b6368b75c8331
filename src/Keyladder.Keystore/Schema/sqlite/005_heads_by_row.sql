-- A head is longer than a quarter of a page: in a table without row ids each one took a page of its own, four times its length.
CREATE TABLE heads_by_row (
    account_id TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    jws        TEXT   NOT NULL,
    audited    BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, number)
);
INSERT INTO heads_by_row (account_id, number, jws, audited) SELECT account_id, number, jws, audited FROM heads;
DROP TABLE heads;
ALTER TABLE heads_by_row RENAME TO heads;
