using System.Data.Common;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Storage;
using Keyladder.Keystore.Heads;
using Keyladder.Keystore.Keys;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Keystore.Changes;

/// <summary>What changed since a head (docs/spec/heads.md section 5, "A delta"), read in one round trip: the newest head, the log, the keys and the tree's pages.</summary>
internal static class Delta
{
    private const string Since = "account_id = @account AND number > @since";

    public static async Task<ChangesResponse> GetAsync(SignedRequest caller, long since, CancellationToken cancellation)
    {
        var read = await ReadAsync(caller, since, TreePages.UsualLevels, cancellation);
        var paths = read.Changes.Select(change => KeysStore.Path(change.Id)).ToList();
        if (read.Tree.MissingPages(paths).Count > 0)
        {
            read = await ReadAsync(caller, since, TreePages.AllLevels, cancellation);
            paths = [.. read.Changes.Select(change => KeysStore.Path(change.Id))];
        }

        var chain = await HeadRows.ChainAsync(caller, read.Head, since, cancellation);
        var keys = read.Changes.Count <= KeystoreRoutes.MaxDeltaObjects ? read.Keys : [];
        return new ChangesResponse([.. read.Changes], [.. keys], read.Head.Jws, chain, read.Tree.Prove(paths).Encode());
    }

    private static Task<(SignedHead<KeystoreHead> Head, List<ChangeMessage> Changes, List<KeyMessage> Keys, PagedTree Tree)> ReadAsync(
        SignedRequest caller, long since, int levels, CancellationToken cancellation) => caller.ReadAsync(
        new Statement(since == 0 ? FromNothing() : FromHead(levels)) { { "since", since }, { "limit", KeystoreRoutes.MaxDeltaObjects + 1 } },
        async rows => (
            await HeadRows.NewestAsync(rows, cancellation),
            Fold(await rows.ListAsync(ReadChange, cancellation)),
            await rows.ListAsync(KeysStore.Read, cancellation),
            await TreePages.ReadAsync(rows, cancellation)),
        cancellation);

    // Everything that there is; the log knows the same but also all that was.
    private static string FromNothing() => $"""
        {HeadRows.SelectNewest}
        SELECT key_id, NULL, leaf FROM keys WHERE account_id = @account;
        SELECT {KeysStore.Columns} FROM keys WHERE account_id = @account LIMIT @limit;
        {TreePages.SelectAll}
        """;

    private static string FromHead(int levels) => $"""
        {HeadRows.SelectNewest}
        SELECT key_id, old_leaf, new_leaf FROM changes WHERE {Since} ORDER BY number;
        SELECT {KeysStore.Columns} FROM keys WHERE account_id = @account AND key_id IN (SELECT key_id FROM changes WHERE {Since}) LIMIT @limit;
        {TreePages.Select($"SELECT path FROM changes WHERE {Since}", levels)}
        """;

    private static ChangeMessage ReadChange(DbDataReader row) => new(Guid.Parse(row.GetString(0)), Leaf(row, 1), Leaf(row, 2));

    private static byte[]? Leaf(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);

    // The old leaf of an object's first change and the new one of its last; what came and went in between is no difference.
    private static List<ChangeMessage> Fold(List<ChangeMessage> log)
    {
        var changes = new Dictionary<Guid, ChangeMessage>();
        foreach (var change in log)
            changes[change.Id] = change with { Old = changes.TryGetValue(change.Id, out var earlier) ? earlier.Old : change.Old };
        return [.. changes.Values.Where(change => change.Old is not null || change.New is not null)];
    }
}
