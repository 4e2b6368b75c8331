-- One for each relationship of the account. Its guest names it alone, so that its id is there once over all accounts. guest_key is null once the channel has been removed: the id never returns.
-- number: that of the last letter that was given in it.
CREATE TABLE channels (
    account_id text   NOT NULL,
    channel_id text   NOT NULL UNIQUE,
    guest_key  bytea,
    number     bigint NOT NULL,
    PRIMARY KEY (account_id, channel_id)
);

-- What the account leaves for the guest. The number grows within the channel: a guest sees nothing of others.
CREATE TABLE given_letters (
    account_id text   NOT NULL,
    channel_id text   NOT NULL,
    letter_id  text   NOT NULL,
    number     bigint NOT NULL,
    sealed     bytea   NOT NULL,
    PRIMARY KEY (account_id, channel_id, letter_id)
);
CREATE UNIQUE INDEX given_letters_by_number ON given_letters (account_id, channel_id, number);

-- What guests leave for the account, until it is taken. The number grows within the account.
CREATE TABLE received_letters (
    account_id text   NOT NULL,
    number     bigint NOT NULL,
    channel_id text   NOT NULL,
    letter_id  text   NOT NULL,
    sealed     bytea   NOT NULL,
    PRIMARY KEY (account_id, number)
);
CREATE UNIQUE INDEX received_letters_by_channel ON received_letters (account_id, channel_id, letter_id);
CREATE INDEX received_letters_by_id ON received_letters (account_id, letter_id);

-- given: bytes of the given letters, as the quota counts them. received: number of the last letter that was received.
ALTER TABLE usage ADD COLUMN given bigint NOT NULL DEFAULT 0;
ALTER TABLE usage ADD COLUMN received bigint NOT NULL DEFAULT 0;
