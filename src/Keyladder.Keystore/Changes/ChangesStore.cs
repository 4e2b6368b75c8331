using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Keystore.Audit;
using Keyladder.Keystore.Heads;
using Keyladder.Keystore.Keys;
using Keyladder.Keystore.Sessions;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Keystore.Changes;

/// <summary>Writes under a head: keys, log and tree change together with it or not at all.</summary>
internal sealed class ChangesStore(KeystoreOptions options, AuditLog audit)
{
    /// <returns>The number of the head that landed.</returns>
    /// <exception cref="ProblemException">The write is refused; nothing has changed.</exception>
    public async Task<long> PutAsync(SignedRequest caller, WriteRequest request, CancellationToken cancellation)
    {
        var head = NextHead.Read(request.Head);
        var ids = request.Put.Select(put => put.Key.Id).Concat(request.Delete.Select(delete => delete.Id)).ToList();
        var order = await WriteAsync(caller, request, head, new WantedKeys(ids), TreePages.UsualLevels, cancellation)
            ?? await WriteAsync(caller, request, head, new WantedKeys(ids), TreePages.AllLevels, cancellation);
        if (order == HeadOrder.Conflict)
            throw Problem.HeadConflict(await KeysStore.FetchAsync(caller, ids, head.Head.Number - 1, cancellation));
        return head.Head.Number;
    }

    // Null: the tree is deeper than the levels that were read.
    private Task<HeadOrder?> WriteAsync(
        SignedRequest caller, WriteRequest request, NextHead head, WantedKeys wanted, int levels, CancellationToken cancellation) =>
        caller.WriteAsync<Present, HeadOrder?>(
            head.SelectOthers().Then(wanted.AddTo(new Statement($"""
                SELECT key_id, revision, leaf FROM keys WHERE account_id = @account AND key_id IN ({WantedKeys.EachId});
                SELECT key_id FROM tombstones WHERE account_id = @account AND key_id IN ({WantedKeys.EachId});
                {TreePages.Select(WantedKeys.EachPath, levels)}
                """))),
            async rows => new Present(
                await NextHead.ReadOthersAsync(rows, cancellation),
                (await rows.ListAsync(row => new PresentKey(Guid.Parse(row.GetString(0)), row.GetInt64(1), row.GetFieldValue<byte[]>(2)), cancellation)).ToDictionary(key => key.Id),
                (await rows.ListAsync(row => Guid.Parse(row.GetString(0)), cancellation)).ToHashSet(),
                await TreePages.ReadAsync(rows, cancellation)),
            async (present, transaction) =>
            {
                if (head.Compare(caller.Account, present.Heads) is var order and not HeadOrder.Next)
                    return order;
                if (present.Tree.MissingPages(wanted.Paths).Count > 0)
                    return null;
                head.RequireSlots(present.Heads.Newest.Head.Slots);
                NextHead.RequireFit(request.Put.All(put => Follows(put, present, head.Head)) && request.Delete.All(delete => Follows(delete, present, head.Head)));

                var leaves = request.Put.ToDictionary(put => KeysStore.Path(put.Key.Id), put => (Hash256?)KeysStore.Leaf(put.Key));
                foreach (var delete in request.Delete)
                    leaves.Add(KeysStore.Path(delete.Id), null);
                var update = present.Tree.Apply(leaves);
                head.RequireTree(update.Root, present.Heads.Newest.Head.Count + update.Added);
                if (head.Head.Number > options.MaxHeads || (update.Added > 0 && head.Head.Count > options.MaxKeys))
                    throw Problem.QuotaExceeded();

                await transaction.ExecuteAllAsync(
                    [
                        SessionsStore.Hold(caller),
                        HeadRows.Insert(caller.Account, head.Signed, present.Heads.Audited),
                        .. Append(caller, request, present.Heads.End, head.Head),
                        .. request.Put.Select(put => KeysStore.Put(caller.Account, put.Key)),
                        .. request.Put.Select(put => Change(caller.Account, head.Head.Number, put.Key.Id, put.Replaces, KeysStore.Leaf(put.Key).ToArray())),
                        .. request.Delete.SelectMany(delete => KeysStore.Delete(caller.Account, delete.Id)),
                        .. request.Delete.Select(delete => Change(caller.Account, head.Head.Number, delete.Id, delete.Replaces, null)),
                        .. TreePages.Write(caller.Account, update),
                    ],
                    cancellation);
                return HeadOrder.Next;
            },
            cancellation);

    private IEnumerable<Statement> Append(SignedRequest caller, WriteRequest request, AuditEnd end, KeystoreHead head)
    {
        (string Kind, Guid? Subject) tells = (request.Put, request.Delete) switch
        {
            ([{ Replaces: null } put], []) => (AuditEventKinds.KeyAdded, put.Key.Id),
            ([var put], []) => (AuditEventKinds.KeyChanged, put.Key.Id),
            ([], [var delete]) => (AuditEventKinds.KeyDeleted, delete.Id),
            ([], []) when head.Lost is [{ Follows: var follows }, ..] && follows == head.Number - 1 => (AuditEventKinds.RestoreAccepted, null),
            _ => (AuditEventKinds.KeysChanged, null),
        };
        return audit.Append(caller.Account, end, tells.Kind, caller.Session, tells.Subject, head.Number);
    }

    private static bool Follows(PutKeyMessage put, Present present, KeystoreHead head)
    {
        var replaced = present.Keys.GetValueOrDefault(put.Key.Id);
        return put.Key.Kek == head.KeyEncryptionKey.Value
            && !present.Deleted.Contains(put.Key.Id)
            && put.Key.Revision == (replaced?.Revision ?? 0) + 1
            && IsSame(put.Replaces, replaced?.Leaf);
    }

    private static bool Follows(DeleteKeyMessage delete, Present present, KeystoreHead head) =>
        delete.Id != head.Identity.Id.Value && present.Keys.TryGetValue(delete.Id, out var deleted) && IsSame(delete.Replaces, deleted.Leaf);

    private static bool IsSame(byte[]? left, byte[]? right) => left is null ? right is null : right is not null && left.AsSpan().SequenceEqual(right);

    public static Statement Change(AccountId account, long number, Guid key, byte[]? oldLeaf, byte[]? newLeaf) =>
        new("INSERT INTO changes (account_id, number, key_id, path, old_leaf, new_leaf) VALUES (@account, @number, @key, @path, @old, @new);")
        {
            { "account", account.ToString() },
            { "number", number },
            { "key", key.ToString() },
            { "path", KeysStore.Path(key).ToString() },
            { "old", oldLeaf },
            { "new", newLeaf },
        };

    private sealed record Present(Others Heads, Dictionary<Guid, PresentKey> Keys, HashSet<Guid> Deleted, PagedTree Tree);

    private sealed record PresentKey(Guid Id, long Revision, byte[] Leaf);
}
