-- What a letter names, and the guest of its channel may therefore read. The letter goes, and with it what it names; the attachment begins to wait for its end where nothing else names it.
CREATE TABLE letter_attachments (
    account_id    TEXT NOT NULL,
    channel_id    TEXT NOT NULL,
    letter_id     TEXT NOT NULL,
    attachment_id TEXT NOT NULL,
    PRIMARY KEY (account_id, channel_id, letter_id, attachment_id),
    FOREIGN KEY (account_id, channel_id, letter_id) REFERENCES given_letters (account_id, channel_id, letter_id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX letter_attachments_by_attachment ON letter_attachments (account_id, attachment_id);
