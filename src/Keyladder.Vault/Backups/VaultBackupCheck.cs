using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Backups;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Vault;
using Keyladder.Vault.Channels;
using Keyladder.Vault.Objects;

namespace Keyladder.Vault.Backups;

/// <summary>
/// At a Vault the newest head names the key that signs in. Versions are the service's word, yet each was an object once: its leaf is among those that a head brought, and its bytes
/// are counted.
/// </summary>
internal sealed class VaultBackupCheck() : BackupCheck<VaultHead, ObjectMessage>(new ObjectsTable(new VaultOptions(), TimeProvider.System))
{
    protected override string SelectOwn => $"""
        SELECT login, locator FROM slots WHERE account_id = @account;
        SELECT object_id, new_leaf FROM changes WHERE account_id = @account AND new_leaf IS NOT NULL;
        SELECT {ObjectsTable.ObjectColumns} FROM versions WHERE account_id = @account AND EXISTS (
            SELECT 1 FROM objects WHERE objects.account_id = @account AND objects.object_id = versions.object_id
            AND objects.kind = versions.kind AND objects.revision > versions.revision);
        SELECT count(*) FROM versions WHERE account_id = @account;
        SELECT bytes - (SELECT coalesce(sum(length(sealed)), 0) FROM objects WHERE account_id = @account)
            - (SELECT coalesce(sum(length(sealed)), 0) FROM versions WHERE account_id = @account) FROM usage WHERE account_id = @account;
        SELECT attachment FROM (
            SELECT attachment FROM objects WHERE account_id = @account UNION SELECT attachment FROM versions WHERE account_id = @account
            UNION SELECT attachment_id FROM letter_attachments WHERE account_id = @account) AS named
        WHERE attachment IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM attachments WHERE attachments.account_id = @account AND attachments.attachment_id = named.attachment
            AND complete = 1 AND expires IS NULL);
        SELECT attachment_id, start, length FROM attachment_parts WHERE account_id = @account ORDER BY attachment_id, start;
        SELECT given - {ChannelWrites.SelectGiven} FROM usage WHERE account_id = @account;
        SELECT channel_id FROM (
            SELECT channel_id, number, 0 AS received FROM given_letters WHERE account_id = @account
            UNION ALL SELECT channel_id, 0, number FROM received_letters WHERE account_id = @account) AS letters
        WHERE NOT EXISTS (
            SELECT 1 FROM channels, usage WHERE channels.account_id = @account AND channels.channel_id = letters.channel_id AND guest_key IS NOT NULL
            AND usage.account_id = @account AND channels.number >= letters.number AND usage.received >= letters.received);
        """;

    protected override async Task RequireOwnAsync(Rows rows, VaultHead newest, CancellationToken cancellation)
    {
        var slots = await rows.ListAsync(row => (Login: row.GetFieldValue<byte[]>(0), Locator: row.GetFieldValue<byte[]>(1)), cancellation);
        var written = (await rows.ListAsync(row => (Guid.Parse(row.GetString(0)), new Hash256(row.GetFieldValue<byte[]>(1))), cancellation)).ToHashSet();
        var versions = await rows.ListAsync(row => ObjectsTable.ReadObject(row) is var one && written.Contains((one.Id, ObjectsTable.LeafOfObject(one))), cancellation);
        var counted = await rows.ListAsync(row => row.GetInt64(0), cancellation);
        var uncounted = await rows.ListAsync(row => row.GetInt64(0), cancellation);
        Require(
            slots is [var slot] && newest.SignIn.Bytes.SequenceEqual(slot.Login) && newest.SignIn.Bytes.SequenceEqual(slot.Locator),
            "holds another way to sign in than the newest head names");
        Require(versions.Count == counted[0] && versions.TrueForAll(isWritten => isWritten), "holds a version of an object that is none");
        Require(uncounted is [0], "holds another number of bytes than it counts");
        Require((await rows.ListAsync(row => row.GetString(0), cancellation)).Count == 0, "lacks an attachment that an object or a letter names");
        var parts = await rows.ListAsync(row => (Attachment: row.GetString(0), Start: row.GetInt64(1), Length: row.GetInt64(2)), cancellation);
        Require(
            parts.GroupBy(part => part.Attachment).All(of => of.Aggregate(0L, (end, part) => part.Start == end ? end + part.Length : -1) > 0),
            "holds an attachment with a gap");
        Require(await rows.ListAsync(row => row.GetInt64(0), cancellation) is [0], "holds other letters than it counts");
        Require((await rows.ListAsync(row => row.GetString(0), cancellation)).Count == 0, "holds a letter that no channel has");
    }
}
