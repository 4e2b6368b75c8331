using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting;
using Keyladder.Hosting.Audit;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Storage;
using Keyladder.Keystore.Keys;
using Keyladder.Keystore.Slots;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Keystore.Backups;

/// <summary>Whether a backup is one state of the service, as far as that can be seen without a key: what each account signed for is there, and nothing else.</summary>
internal static class BackupCheck
{
    private static readonly KeysTable Keys = new(new KeystoreOptions());

    /// <exception cref="StartupException">What is wrong with it.</exception>
    public static async Task<BackupSummary> RunAsync(Backup backup, CancellationToken cancellation)
    {
        try
        {
            var accounts = await backup.Database.ReadAsync(
                new Statement("""
                    SELECT account_id FROM heads UNION SELECT account_id FROM slots UNION SELECT account_id FROM keys
                    UNION SELECT account_id FROM tree_pages UNION SELECT account_id FROM audit_events;
                    """),
                rows => rows.ListAsync(row => row.GetString(0), cancellation),
                cancellation);
            var summary = new BackupSummary(backup.Schema, accounts.Count, 0, 0);
            foreach (var account in accounts)
            {
                var (heads, keys) = await CheckAsync(backup.Database, account, cancellation);
                summary = summary with { Heads = summary.Heads + heads, Keys = summary.Keys + keys };
            }

            return summary;
        }
        catch (Exception e) when (e is InvalidDataException or InvalidCastException or FormatException or ArgumentException or Hosting.Problems.ProblemException)
        {
            throw Backup.Damaged(e);
        }
    }

    private static Task<(int Heads, int Keys)> CheckAsync(Database database, string account, CancellationToken cancellation) => database.ReadAsync(
        new Statement($"""
            SELECT jws, audited FROM heads WHERE account_id = @account ORDER BY number;
            SELECT slot_id, kind, login, wrapped, locator FROM slots WHERE account_id = @account;
            SELECT {Keys.Columns}, leaf FROM keys WHERE account_id = @account;
            SELECT key_id FROM tombstones WHERE account_id = @account;
            {TreePages.SelectAll}
            {AuditLog.SelectAll}
            """) { { "account", account } },
        async rows =>
        {
            var history = await rows.ListAsync(row => (Head: HeadRows.Read<KeystoreHead>(row.GetString(0)), Audited: row.GetInt64(1)), cancellation);
            var heads = history.ConvertAll(row => row.Head);
            var slots = await rows.ListAsync(SlotsStore.Read, cancellation);
            var keys = await rows.ListAsync(row => (Key: Keys.Read(row), Leaf: new Hash256(row.GetFieldValue<byte[]>(5))), cancellation);
            var deleted = await rows.ListAsync(row => Guid.Parse(row.GetString(0)), cancellation);
            var pages = await rows.ListAsync(row => KeyValuePair.Create(row.GetString(0), row.GetFieldValue<byte[]>(1)), cancellation);
            var events = await rows.ListAsync(AuditLog.ReadStored, cancellation);

            Require(heads.Count > 0 && heads.Index().All(head => Follows(head.Item, head.Index, heads, account)), "holds a history of heads that is not whole");
            var newest = heads[^1].Head;
            Require(newest.Slots.SequenceEqual(slots.Select(SlotsStore.Describe).OrderBy(slot => slot.Id.ToString(), StringComparer.Ordinal)), "holds other ways to unlock than the newest head names");
            Require(keys.All(key => Keys.LeafOf(key.Key) == key.Leaf && !deleted.Contains(key.Key.Id)), "holds a key that is not the one written, or has been deleted");
            var tree = new PagedTree(new Dictionary<string, byte[]>()).Apply(keys.ToDictionary(key => Keys.PathOf(new(key.Key.Id)), key => (Hash256?)key.Leaf));
            Require(tree.Root == newest.Root && keys.Count == newest.Count, "holds other keys than the newest head counts");
            Require(
                pages.Count == tree.Changed.Count && pages.TrueForAll(page => tree.Changed.TryGetValue(page.Key, out var bytes) && bytes.AsSpan().SequenceEqual(page.Value)),
                "holds another tree than that of its keys");
            Require(events.Index().All(one => Follows(one.Item, one.Index, events, newest.Account)), "holds a list of events that is not whole");
            var brought = events.Select(one => one.Event.Head).OfType<long>().ToList();
            Require(
                history.TrueForAll(row => SignsFor(row.Head, row.Audited, events)) && brought.Index().All(one => one.Item == newest.Number - brought.Count + 1 + one.Index),
                "holds other events than its heads sign for and came with");
            return (heads.Count, keys.Count);
        },
        cancellation);

    private static bool Follows(SignedHead<KeystoreHead> signed, int index, List<SignedHead<KeystoreHead>> heads, string account) =>
        signed.Head.Number == index + 1
        && signed.Head.Account.ToString() == account
        && signed.IsSignedBy(heads[^1].Head.Identity.Public)
        && signed.Head.Links.SequenceEqual(HeadChain.LinkedNumbers(signed.Head.Number).Select(number => heads[(int)number - 1].Hash));

    private static bool Follows(StoredEvent stored, int index, List<StoredEvent> events, AccountId account)
    {
        var (told, previous, hash) = stored;
        return hash == AuditChain.Keystore.Next(previous, account, told.Number, told.Hour, told.Kind, new SessionId(told.Session), told.Subject, told.Head)
            && (index == 0
                ? (told.Number, previous) == (1, Hash256.Zero) || (told.Number > 1 && events.Count >= ServiceRoutes.KeptEvents)
                : (told.Number, previous) == (events[index - 1].Event.Number + 1, events[index - 1].Hash));
    }

    /// <summary>What an old head signed for may be gone.</summary>
    private static bool SignsFor(SignedHead<KeystoreHead> head, long number, List<StoredEvent> events)
    {
        var before = events.Count == 0 ? 0 : events[0].Event.Number - 1;
        if (number <= before)
            return number < before || head.Head.Audit == (events.Count == 0 ? Hash256.Zero : events[0].Previous);
        return number - before <= events.Count && head.Head.Audit == events[(int)(number - before) - 1].Hash;
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw Backup.Damaged(what: otherwise);
    }
}
