using System.Data.Common;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Audit;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Hosting.Objects;

/// <summary>What changed since a head (docs/spec/heads.md section 5, "A delta"), read in one round trip: the newest head, the log, the objects and the tree's pages.</summary>
public sealed class ObjectChanges<THead, TObject>(ObjectTable<THead, TObject> table)
    where THead : Head, IHead<THead>
    where TObject : class
{
    private const string Since = "account_id = @account AND number > @since";

    /// <param name="inline">Of a condition for the rows that changed, the query for those objects that travel with the answer.</param>
    public async Task<ChangedObjects<TObject>> GetAsync(SignedRequest caller, long since, Func<string, Statement> inline, CancellationToken cancellation)
    {
        var read = await ReadAsync(caller, since, inline, TreePages.UsualLevels, cancellation);
        // Besides all leaves a tree holds nothing: from nothing, no path is looked up and no page read.
        var paths = PathsOf(since == 0 ? [] : read.Changes);
        if (read.Tree.MissingPages(paths).Count > 0)
        {
            read = await ReadAsync(caller, since, inline, TreePages.AllLevels, cancellation);
            paths = PathsOf(read.Changes);
        }

        var chain = await HeadRows.ChainAsync(caller, read.Head, since, cancellation);
        return new(read.Changes, read.Objects, read.Head.Jws, chain, read.Tree.Prove(paths).Encode(), read.Events);

        List<Hash256> PathsOf(List<ChangedObject> changes) => changes.ConvertAll(change => table.PathOf(change.Name));
    }

    private Task<(SignedHead<THead> Head, List<ChangedObject> Changes, List<TObject> Objects, PagedTree Tree, AuditEventMessage[] Events)> ReadAsync(
        SignedRequest caller, long since, Func<string, Statement> inline, int levels, CancellationToken cancellation) => caller.ReadAsync(
        since == 0 ? FromNothing(inline) : FromHead(since, inline, levels),
        async rows => (
            await HeadRows.NewestAsync<THead>(rows, cancellation),
            Fold(since, await rows.ListAsync(ReadChange, cancellation)),
            await rows.ListAsync(table.Read, cancellation),
            since == 0 ? new PagedTree(new Dictionary<string, byte[]>()) : await TreePages.ReadAsync(rows, cancellation),
            await AuditLog.ReadAsync(rows, cancellation)),
        cancellation);

    // Everything that there is; the log knows the same but also all that was.
    private Statement FromNothing(Func<string, Statement> inline) =>
        new Statement($"""
            {HeadRows.SelectNewest}
            SELECT NULL, leaf, {table.NameColumns} FROM {table.Name} WHERE account_id = @account;
            """)
            .Then(inline("account_id = @account"))
            .Then(AuditLog.SelectUnsigned);

    private Statement FromHead(long since, Func<string, Statement> inline, int levels) =>
        new Statement($"""
            {HeadRows.SelectNewest}
            SELECT old_leaf, new_leaf, {table.NameColumns} FROM changes WHERE {Since} ORDER BY number;
            """) { { "since", since } }
            .Then(inline($"(account_id, {table.Id}) IN (SELECT account_id, {table.Id} FROM changes WHERE {Since})")) // as a pair: SQLite would look for the account alone
            .Then(new Statement(TreePages.Select($"SELECT path FROM changes WHERE {Since}", levels)))
            .Then(AuditLog.SelectUnsigned);

    private ChangedObject ReadChange(DbDataReader row) => new(table.ReadName(row, 2), Leaf(row, 0), Leaf(row, 1));

    private static byte[]? Leaf(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);

    // The old leaf of an object's first change and the new one of its last; what came and went in between is no difference.
    private static List<ChangedObject> Fold(long since, List<ChangedObject> log)
    {
        if (since == 0)
            return log; // each object once
        var changes = new Dictionary<ObjectName, ChangedObject>();
        foreach (var change in log)
            changes[change.Name] = change with { Old = changes.TryGetValue(change.Name, out var earlier) ? earlier.Old : change.Old };
        return [.. changes.Values.Where(change => change.Old is not null || change.New is not null)];
    }
}

/// <param name="Changes">Every object whose leaf is another than at the caller's head.</param>
/// <param name="Objects">Those of them that travel with the answer.</param>
/// <param name="Chain">From <paramref name="Head"/> down to the caller's pin, neither included.</param>
/// <param name="Events">Those that the head does not sign for yet.</param>
public sealed record ChangedObjects<TObject>(
    IReadOnlyList<ChangedObject> Changes, IReadOnlyList<TObject> Objects, string Head, string[] Chain, byte[] Proof, AuditEventMessage[] Events)
    where TObject : class;

/// <param name="Name">The object.</param>
/// <param name="Old">Leaf at the caller's head; null if there was none.</param>
/// <param name="New">Leaf at the newest head; null if there is none.</param>
public sealed record ChangedObject(ObjectName Name, byte[]? Old, byte[]? New);
