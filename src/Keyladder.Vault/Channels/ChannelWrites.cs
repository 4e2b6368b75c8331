using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Vault;
using Keyladder.Vault.Attachments;

namespace Keyladder.Vault.Channels;

/// <summary>What a write of the account does to its channels, in the transaction of the head: channels first, then letters that it gives, then those that it has taken.</summary>
internal sealed class ChannelWrites(VaultOptions options, TimeProvider time)
{
    // What a letter takes of the quota: little ones count too.
    private const int SmallestLetter = 1024;

    // What each attachment takes that a letter names: a row and its place in an index.
    private const int NamedAttachment = 512;

    private static readonly string Size = string.Create(CultureInfo.InvariantCulture, $"CASE WHEN length(sealed) < {SmallestLetter} THEN {SmallestLetter} ELSE length(sealed) END");

    private const string SelectNamed = "SELECT attachment_id FROM letter_attachments WHERE account_id = @account AND channel_id = @channel";

    /// <summary>The given letters' bytes, as <c>usage</c> has them.</summary>
    public static readonly string SelectGiven = string.Create(CultureInfo.InvariantCulture, $"""
        CAST((SELECT coalesce(sum({Size}), 0) FROM given_letters WHERE account_id = @account)
        + {NamedAttachment} * (SELECT count(*) FROM letter_attachments WHERE account_id = @account) AS bigint)
        """);

    /// <exception cref="ProblemException">A channel is not there or cannot be made, or there is no room.</exception>
    public async Task StoreAsync(AccountId account, ObjectWriteRequest write, Transaction transaction, CancellationToken cancellation)
    {
        var (channels, letters, taken) = (write.Channels ?? [], write.Letters ?? [], write.Taken ?? []);
        if (channels.Length + letters.Length + taken.Length == 0)
            return;
        await AttachmentRows.RequireCompleteAsync(
            account, letters.SelectMany(letter => letter.Attachments ?? []).Select(id => id.ToString()).ToHashSet(), transaction, cancellation);
        var before = await CountAsync(account, transaction, cancellation);
        await transaction.ExecuteAllAsync(
            [
                .. channels.SelectMany(channel => channel.Key is null ? Remove(account, channel) : Put(account, channel)),
                .. letters.SelectMany(letter => letter.Sealed is null ? Remove(account, letter) : Put(account, letter)),
                Take(account, taken),
                AttachmentRows.Keep(account),
            ],
            cancellation);

        var named = channels.Where(channel => channel.Key is not null).Select(channel => channel.Id)
            .Union(letters.Where(letter => letter.Sealed is not null).Select(letter => letter.Channel)).ToList();
        if (await CountAsync(account, named, transaction, cancellation) != named.Count)
            throw Problem.NotFound();
        var after = await CountAsync(account, transaction, cancellation);
        if ((after.Channels > options.MaxChannels && after.Channels > before.Channels) || (after.Given > options.MaxGivenBytes && after.Given > before.Given))
            throw Problem.QuotaExceeded();
    }

    private static async Task<(long Channels, long Given)> CountAsync(AccountId account, Transaction transaction, CancellationToken cancellation) =>
        (await transaction.QueryAsync(
            new Statement("SELECT (SELECT count(*) FROM channels WHERE account_id = @account AND guest_key IS NOT NULL), given FROM usage WHERE account_id = @account;")
            {
                { "account", account.ToString() },
            },
            rows => rows.ListAsync(row => (row.GetInt64(0), row.GetInt64(1)), cancellation),
            cancellation)).Single();

    /// <returns>How many of them the account has.</returns>
    private static async Task<long> CountAsync(AccountId account, List<Guid> named, Transaction transaction, CancellationToken cancellation) =>
        (await transaction.QueryAsync(
            new Statement($"SELECT count(*) FROM channels WHERE account_id = @account AND guest_key IS NOT NULL AND channel_id IN ({Statement.EachOf("named")});")
            {
                { "account", account.ToString() },
                { "named", named.Select(id => id.ToString()) },
            },
            rows => rows.ListAsync(row => row.GetInt64(0), cancellation),
            cancellation)).Single();

    // Neither another account's id nor one that was removed gets a row or a key by it.
    private static IEnumerable<Statement> Put(AccountId account, ChannelMessage channel)
    {
        yield return Of("INSERT INTO channels (account_id, channel_id, guest_key, number) VALUES (@account, @channel, @key, 0) ON CONFLICT DO NOTHING;");
        yield return Of("UPDATE channels SET guest_key = @key WHERE account_id = @account AND channel_id = @channel AND guest_key IS NOT NULL;");

        Statement Of(string text) => new(text) { { "account", account.ToString() }, { "channel", channel.Id.ToString() }, { "key", channel.Key } };
    }

    private IEnumerable<Statement> Remove(AccountId account, ChannelMessage channel)
    {
        yield return Of($"UPDATE attachments SET expires = @expires WHERE account_id = @account AND attachment_id IN ({SelectNamed});");
        yield return Of($"""
            UPDATE usage SET given = given - (SELECT coalesce(sum({Size}), 0) FROM given_letters WHERE account_id = @account AND channel_id = @channel)
                - @named * (SELECT count(*) FROM letter_attachments WHERE account_id = @account AND channel_id = @channel) WHERE account_id = @account;
            """);
        yield return Of("DELETE FROM given_letters WHERE account_id = @account AND channel_id = @channel;");
        yield return Of("DELETE FROM received_letters WHERE account_id = @account AND channel_id = @channel;");
        yield return Of("UPDATE channels SET guest_key = NULL, number = 0 WHERE account_id = @account AND channel_id = @channel;");

        Statement Of(string text) => new(text) { { "account", account.ToString() }, { "channel", channel.Id.ToString() }, { "named", NamedAttachment }, { "expires", AttachmentRows.ExpiresAfter(time.GetUtcNow()) } };
    }

    private IEnumerable<Statement> Put(AccountId account, GivenLetterMessage letter)
    {
        foreach (var removed in Remove(account, letter))
            yield return removed;
        yield return Of($"UPDATE channels SET number = {Letters.Next("number")} WHERE account_id = @account AND channel_id = @channel AND guest_key IS NOT NULL;");
        yield return Of("UPDATE usage SET given = given + @size WHERE account_id = @account;");
        yield return Of("""
            INSERT INTO given_letters (account_id, channel_id, letter_id, number, sealed)
            SELECT account_id, channel_id, @letter, number, @sealed FROM channels WHERE account_id = @account AND channel_id = @channel AND guest_key IS NOT NULL;
            """);
        if (letter.Attachments is { Length: > 0 })
        {
            yield return Of($"""
                INSERT INTO letter_attachments (account_id, channel_id, letter_id, attachment_id)
                SELECT account_id, channel_id, letter_id, key FROM given_letters, ({Statement.EachOf("attachments")}) AS named
                WHERE account_id = @account AND channel_id = @channel AND letter_id = @letter;
                """);
        }

        Statement Of(string text) => new(text)
        {
            { "account", account.ToString() },
            { "channel", letter.Channel.ToString() },
            { "letter", letter.Id.ToString() },
            { "sealed", letter.Sealed },
            { "size", Math.Max(SmallestLetter, letter.Sealed!.Length) + (NamedAttachment * (letter.Attachments?.Length ?? 0)) },
            { "attachments", (letter.Attachments ?? []).Select(id => id.ToString()) },
        };
    }

    private IEnumerable<Statement> Remove(AccountId account, GivenLetterMessage letter)
    {
        yield return Of($"UPDATE attachments SET expires = @expires WHERE account_id = @account AND attachment_id IN ({SelectNamed} AND letter_id = @letter);");
        yield return Of($"""
            UPDATE usage SET given = given - coalesce((
                SELECT {Size} FROM given_letters WHERE account_id = @account AND channel_id = @channel AND letter_id = @letter), 0)
                - @named * (SELECT count(*) FROM letter_attachments WHERE account_id = @account AND channel_id = @channel AND letter_id = @letter) WHERE account_id = @account;
            """);
        yield return Of("DELETE FROM given_letters WHERE account_id = @account AND channel_id = @channel AND letter_id = @letter;");

        Statement Of(string text) => new(text)
        {
            { "account", account.ToString() },
            { "channel", letter.Channel.ToString() },
            { "letter", letter.Id.ToString() },
            { "named", NamedAttachment },
            { "expires", AttachmentRows.ExpiresAfter(time.GetUtcNow()) },
        };
    }

    // Guests choose the ids: two that chose the same one must not learn from the end of their letters that they write to one account. The owner has seen the older one first.
    private static Statement Take(AccountId account, Guid[] taken) => new($"""
        DELETE FROM received_letters WHERE account_id = @account AND number IN (
            SELECT min(number) FROM received_letters WHERE account_id = @account AND letter_id IN ({Statement.EachOf("taken")}) GROUP BY letter_id);
        """)
    {
        { "account", account.ToString() },
        { "taken", taken.Select(id => id.ToString()) },
    };
}
