-- What the account's clients left here, sealed, about the heads of another service. The sequence only ever grows.
CREATE TABLE witnesses (
    account_id text   NOT NULL PRIMARY KEY,
    sequence   bigint NOT NULL,
    sealed     bytea  NOT NULL
);
