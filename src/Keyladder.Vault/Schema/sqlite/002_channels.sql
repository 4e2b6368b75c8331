-- One for each relationship of the account. Its guest names it alone, so that its id is there once over all accounts. guest_key is null once the channel has been removed: the id never returns.
-- number: that of the last letter that was given in it.
CREATE TABLE channels (
    account_id TEXT   NOT NULL,
    channel_id TEXT   NOT NULL UNIQUE,
    guest_key  BLOB,
    number     BIGINT NOT NULL,
    PRIMARY KEY (account_id, channel_id)
) WITHOUT ROWID;

-- What the account leaves for the guest. The number grows within the channel: a guest sees nothing of others.
CREATE TABLE given_letters (
    account_id TEXT   NOT NULL,
    channel_id TEXT   NOT NULL,
    letter_id  TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    sealed     BLOB   NOT NULL,
    PRIMARY KEY (account_id, channel_id, letter_id)
);
CREATE UNIQUE INDEX given_letters_by_number ON given_letters (account_id, channel_id, number);

-- What guests leave for the account, until it is taken. The number grows within the account.
CREATE TABLE received_letters (
    account_id TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    channel_id TEXT   NOT NULL,
    letter_id  TEXT   NOT NULL,
    sealed     BLOB   NOT NULL,
    PRIMARY KEY (account_id, number)
);
CREATE UNIQUE INDEX received_letters_by_channel ON received_letters (account_id, channel_id, letter_id);
CREATE INDEX received_letters_by_id ON received_letters (account_id, letter_id);

-- given: bytes of the given letters, as the quota counts them. received: number of the last letter that was received.
ALTER TABLE usage ADD COLUMN given BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage ADD COLUMN received BIGINT NOT NULL DEFAULT 0;
