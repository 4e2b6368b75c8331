-- What the account's clients left here, sealed, about the heads of another service. The sequence only ever grows.
CREATE TABLE witnesses (
    account_id TEXT   NOT NULL PRIMARY KEY,
    sequence   BIGINT NOT NULL,
    sealed     BLOB   NOT NULL
);
