using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Audit;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Hosting.Objects;

/// <summary>Objects by their names, with one proof for all of them, against the newest head.</summary>
public sealed class ObjectReads<THead, TObject>(ObjectTable<THead, TObject> table)
    where THead : Head, IHead<THead>
    where TObject : class
{
    /// <returns>Those that exist; the proof is for the others too.</returns>
    public async Task<FoundObjects<TObject>> FetchAsync(SignedRequest caller, IEnumerable<ObjectName> names, long since, CancellationToken cancellation)
    {
        var wanted = new WantedObjects(names, table.PathOf);
        var (head, objects, tree, events) = await ReadAsync(caller, wanted, TreePages.UsualLevels, cancellation);
        if (tree.MissingPages(wanted.Paths).Count > 0)
            (head, objects, tree, events) = await ReadAsync(caller, wanted, TreePages.AllLevels, cancellation);
        return new(
            [.. objects.Where(one => wanted.Names.Contains(table.NameOf(one)))],
            head.Jws,
            await HeadRows.ChainAsync(caller, head, since, cancellation),
            tree.Prove(wanted.Paths).Encode(),
            events);
    }

    /// <summary>For the newest head, those of the objects that exist, the pages of the tree that their paths lie on, and the events that no head signs for yet.</summary>
    internal Statement Select(WantedObjects wanted, int levels) => wanted.AddTo(new Statement($"""
        {HeadRows.SelectNewest}
        SELECT {table.Columns} FROM {table.Name} WHERE account_id = @account AND {table.Id} IN ({WantedObjects.EachId});
        {TreePages.Select(WantedObjects.EachPath, levels)}
        """)).Then(AuditLog.SelectUnsigned);

    private Task<(SignedHead<THead> Head, List<TObject> Objects, PagedTree Tree, AuditEventMessage[] Events)> ReadAsync(
        SignedRequest caller, WantedObjects wanted, int levels, CancellationToken cancellation) => caller.ReadAsync(
        Select(wanted, levels),
        async rows => (
            await HeadRows.NewestAsync<THead>(rows, cancellation),
            await rows.ListAsync(table.Read, cancellation),
            await TreePages.ReadAsync(rows, cancellation),
            await AuditLog.ReadAsync(rows, cancellation)),
        cancellation);
}

/// <summary>What a client needs to believe the objects that it asked for.</summary>
/// <param name="Chain">From <paramref name="Head"/> down to the caller's pin, neither included.</param>
/// <param name="Events">Those that the head does not sign for yet.</param>
public sealed record FoundObjects<TObject>(TObject[] Objects, string Head, string[] Chain, byte[] Proof, AuditEventMessage[] Events)
    where TObject : class;
