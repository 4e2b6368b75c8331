using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Audit;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;

namespace Keyladder.Hosting.Backups;

/// <summary>Whether a backup is one state of the service, as far as that can be seen without a key: what each account signed for is there, and nothing else.</summary>
public abstract class BackupCheck
{
    /// <exception cref="StartupException">What is wrong with it.</exception>
    public abstract Task<BackupSummary> RunAsync(Backup backup, CancellationToken cancellation);
}

/// <inheritdoc/>
/// <param name="table">Of the service; what an account may hold does not matter here.</param>
public abstract class BackupCheck<THead, TObject>(ObjectTable<THead, TObject> table) : BackupCheck
    where THead : Head, IHead<THead>
    where TObject : class
{
    /// <summary>Queries for what an account has at this service alone.</summary>
    protected abstract string SelectOwn { get; }

    public override async Task<BackupSummary> RunAsync(Backup backup, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(backup);
        try
        {
            var accounts = await backup.Database.ReadAsync(
                new Statement($"""
                    SELECT account_id FROM heads UNION SELECT account_id FROM slots UNION SELECT account_id FROM {table.Name}
                    UNION SELECT account_id FROM tree_pages UNION SELECT account_id FROM audit_events UNION SELECT account_id FROM witnesses;
                    """),
                rows => rows.ListAsync(row => row.GetString(0), cancellation),
                cancellation);
            var summary = new BackupSummary(backup.Schema, accounts.Count, 0, 0, table.Name);
            foreach (var account in accounts)
            {
                var (heads, objects) = await CheckAsync(backup.Database, account, cancellation);
                summary = summary with { Heads = summary.Heads + heads, Objects = summary.Objects + objects };
            }

            return summary;
        }
        catch (Exception e) when (e is InvalidDataException or InvalidCastException or FormatException or ArgumentException or ProblemException)
        {
            throw Backup.Damaged(e);
        }
    }

    /// <summary>Holds the answers to <see cref="SelectOwn"/> against the newest head.</summary>
    /// <exception cref="StartupException">They do not fit.</exception>
    protected abstract Task RequireOwnAsync(Rows rows, THead newest, CancellationToken cancellation);

    /// <exception cref="StartupException">The condition does not hold.</exception>
    protected static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw Backup.Damaged(what: otherwise);
    }

    private Task<(int Heads, int Objects)> CheckAsync(Database database, string account, CancellationToken cancellation) => database.ReadAsync(
        new Statement($"""
            SELECT jws, audited FROM heads WHERE account_id = @account ORDER BY number;
            SELECT {table.Columns}, leaf FROM {table.Name} WHERE account_id = @account;
            SELECT {table.Id} FROM tombstones WHERE account_id = @account;
            {TreePages.SelectAll}
            {AuditLog.SelectAll}
            {SelectOwn}
            """) { { "account", account } },
        async rows =>
        {
            var history = await rows.ListAsync(row => (Head: HeadRows.Read<THead>(row.GetString(0)), Audited: row.GetInt64(1)), cancellation);
            var heads = history.ConvertAll(row => row.Head);
            var objects = await rows.ListAsync(
                row => (Object: table.Read(row), Leaf: new Hash256(row.GetFieldValue<byte[]>(row.GetOrdinal("leaf")))) switch
                {
                    var (one, leaf) => (Name: table.NameOf(one), Leaf: leaf, IsAsWritten: table.LeafOf(one) == leaf),
                },
                cancellation);
            var deleted = await rows.ListAsync(row => Guid.Parse(row.GetString(0)), cancellation);
            var pages = await rows.ListAsync(row => KeyValuePair.Create(row.GetString(0), row.GetFieldValue<byte[]>(1)), cancellation);
            var events = await rows.ListAsync(AuditLog.ReadStored, cancellation);

            Require(heads.Count > 0 && heads.Index().All(head => Follows(head.Item, head.Index, heads, account)), "holds a history of heads that is not whole");
            var newest = heads[^1].Head;
            Require(objects.All(one => one.IsAsWritten && !deleted.Contains(one.Name.Id)), "holds an object that is not the one written, or has been deleted");
            var tree = new PagedTree(new Dictionary<string, byte[]>()).Apply(objects.ToDictionary(one => table.PathOf(one.Name), one => (Hash256?)one.Leaf));
            Require(tree.Root == newest.Root && objects.Count == newest.Count, "holds other objects than the newest head counts");
            Require(
                pages.Count == tree.Changed.Count && pages.TrueForAll(page => tree.Changed.TryGetValue(page.Key, out var bytes) && bytes.AsSpan().SequenceEqual(page.Value)),
                "holds another tree than that of its objects");
            Require(events.Index().All(one => Follows(one.Item, one.Index, events, newest.Account)), "holds a list of events that is not whole");
            var brought = events.Select(one => one.Event.Head).OfType<long>().ToList();
            Require(
                history.TrueForAll(row => SignsFor(row.Head, row.Audited, events)) && brought.Index().All(one => one.Item == newest.Number - brought.Count + 1 + one.Index),
                "holds other events than its heads sign for and came with");
            await RequireOwnAsync(rows, newest, cancellation);
            return (heads.Count, objects.Count);
        },
        cancellation);

    private static bool Follows(SignedHead<THead> signed, int index, List<SignedHead<THead>> heads, string account) =>
        signed.Head.Number == index + 1
        && signed.Head.Account.ToString() == account
        && signed.IsSignedBy(heads[^1].Head.Signer)
        && signed.Head.Links.SequenceEqual(HeadChain.LinkedNumbers(signed.Head.Number).Select(number => heads[(int)number - 1].Hash));

    private static bool Follows(StoredEvent stored, int index, List<StoredEvent> events, AccountId account)
    {
        var (told, previous, hash) = stored;
        return hash == THead.Events.Next(previous, account, told.Number, told.Hour, told.Kind, new SessionId(told.Session), told.Subject, told.Head)
            && (index == 0
                ? (told.Number, previous) == (1, Hash256.Zero) || (told.Number > 1 && events.Count >= ServiceRoutes.KeptEvents)
                : (told.Number, previous) == (events[index - 1].Event.Number + 1, events[index - 1].Hash));
    }

    /// <summary>What an old head signed for may be gone.</summary>
    private static bool SignsFor(SignedHead<THead> head, long number, List<StoredEvent> events)
    {
        var before = events.Count == 0 ? 0 : events[0].Event.Number - 1;
        if (number <= before)
            return number < before || head.Head.Audit == (events.Count == 0 ? Hash256.Zero : events[0].Previous);
        return number - before <= events.Count && head.Head.Audit == events[(int)(number - before) - 1].Hash;
    }
}
