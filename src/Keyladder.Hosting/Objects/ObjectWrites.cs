using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Audit;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Sessions;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Hosting.Objects;

/// <summary>Writes under a head: objects, log and tree change together with it or not at all.</summary>
public sealed class ObjectWrites<THead, TObject>(
    ObjectTable<THead, TObject> table, ObjectReads<THead, TObject> reads, ServiceOptions options, AuditLog audit)
    where THead : Head, IHead<THead>
    where TObject : class
{
    /// <param name="also">What else lands with the head: not called for one that has landed already.</param>
    /// <param name="answer">What the transaction of the write still reads, of the number of the head that landed.</param>
    /// <exception cref="ProblemException">The write is refused; nothing has changed.</exception>
    public async Task<T> PutAsync<T>(
        SignedRequest caller, ObjectWrite<TObject> write, Func<Transaction, Task>? also, Func<long, Transaction, Task<T>> answer, CancellationToken cancellation)
    {
        var head = NextHead<THead>.Read(write.Head);
        var wanted = new WantedObjects([.. write.Put.Select(put => table.NameOf(put.Object)), .. write.Delete.Select(delete => delete.Name)], table.PathOf);
        var done = await WriteAsync(caller, write, head, wanted, TreePages.UsualLevels, also, answer, cancellation)
            ?? await WriteAsync(caller, write, head, wanted, TreePages.AllLevels, also, answer, cancellation);
        return done!.Order == HeadOrder.Conflict
            ? throw Problem.HeadConflict(await reads.FetchAsync(caller, wanted.Names, head.Head.Number - 1, cancellation))
            : done.Answer!;
    }

    // Null: the tree is deeper than the levels that were read.
    private Task<Done<T>?> WriteAsync<T>(
        SignedRequest caller, ObjectWrite<TObject> write, NextHead<THead> head, WantedObjects wanted, int levels, Func<Transaction, Task>? also,
        Func<long, Transaction, Task<T>> answer, CancellationToken cancellation) =>
        caller.WriteAsync<Present, Done<T>?>(
            head.SelectOthers().Then(wanted.AddTo(new Statement($"""
                SELECT revision, leaf, {table.NameColumns} FROM {table.Name} WHERE account_id = @account AND {table.Id} IN ({WantedObjects.EachId});
                SELECT {table.Id} FROM tombstones WHERE account_id = @account AND {table.Id} IN ({WantedObjects.EachId});
                {TreePages.Select(WantedObjects.EachPath, levels)}
                {table.SelectBytes}
                """))),
            async rows => new Present(
                await NextHead<THead>.ReadOthersAsync(rows, cancellation),
                (await rows.ListAsync(row => new PresentObject(table.ReadName(row, 2), row.GetInt64(0), row.GetFieldValue<byte[]>(1)), cancellation)).ToDictionary(one => one.Name.Id),
                (await rows.ListAsync(row => Guid.Parse(row.GetString(0)), cancellation)).ToHashSet(),
                await TreePages.ReadAsync(rows, cancellation),
                await ReadBytesAsync(rows, cancellation)),
            async (present, transaction) =>
            {
                if (head.Compare(caller.Account, present.Heads) is var order and not HeadOrder.Next)
                    return new(order, order == HeadOrder.Landed ? await answer(head.Head.Number, transaction) : default);
                if (present.Tree.MissingPages(wanted.Paths).Count > 0)
                    return null;
                Problem.HeadRejectedUnless(
                    write.Put.All(put => Follows(put, present)) && write.Delete.All(delete => Follows(delete, present)) && table.Fits(write, head.Head, present.Heads.Newest.Head));

                var leaves = write.Put.ToDictionary(put => table.PathOf(table.NameOf(put.Object)), put => (Hash256?)table.LeafOf(put.Object));
                foreach (var delete in write.Delete)
                    leaves.Add(table.PathOf(delete.Name), null);
                var update = present.Tree.Apply(leaves);
                head.RequireTree(update.Root, present.Heads.Newest.Head.Count + update.Added);
                if (head.Head.Number > options.MaxHeads || (update.Added > 0 && head.Head.Count > table.MaxObjects))
                    throw Problem.QuotaExceeded();

                await transaction.ExecuteAllAsync(
                    [
                        SessionsStore.Hold(caller),
                        HeadRows.Insert(caller.Account, head.Signed, present.Heads.Audited),
                        .. Append(caller, write, present.Heads.End, head.Head),
                        .. table.Store(caller.Account, [.. write.Put.Select(put => put.Object)], [.. write.Delete.Select(delete => delete.Name)]),
                        .. write.Put.Select(put => table.Change(
                            caller.Account, head.Head.Number, table.NameOf(put.Object), put.Replaces, table.LeafOf(put.Object).ToArray())),
                        .. write.Delete.Select(delete => table.Change(caller.Account, head.Head.Number, delete.Name, delete.Replaces, null)),
                        .. TreePages.Write(caller.Account, update),
                    ],
                    cancellation);
                await RequireRoomAsync(caller, present.Bytes, transaction, cancellation);
                await table.CheckAsync(caller.Account, write, transaction, cancellation);
                if (also is not null)
                    await also(transaction);
                return new(HeadOrder.Next, await answer(head.Head.Number, transaction));
            },
            cancellation);

    private IEnumerable<Statement> Append(SignedRequest caller, ObjectWrite<TObject> write, AuditEnd end, THead head)
    {
        var isEmpty = write.Put.Count + write.Delete.Count == 0;
        var (kind, subject) = isEmpty && head.Lost is [{ Follows: var follows }, ..] && follows == head.Number - 1
            ? (AuditEventKinds.RestoreAccepted, null)
            : table.Tell(write);
        return audit.Append(caller.Account, end, kind, caller.Session, subject, head.Number);
    }

    private bool Follows(PutObject<TObject> put, Present present)
    {
        var name = table.NameOf(put.Object);
        var replaced = present.Objects.GetValueOrDefault(name.Id);
        return !present.Deleted.Contains(name.Id)
            && (replaced is null || replaced.Name == name)
            && table.RevisionOf(put.Object) == (replaced?.Revision ?? 0) + 1
            && IsSame(put.Replaces, replaced?.Leaf);
    }

    private static bool Follows(DeleteObject delete, Present present) =>
        present.Objects.TryGetValue(delete.Name.Id, out var deleted) && deleted.Name == delete.Name && IsSame(delete.Replaces, deleted.Leaf);

    private static bool IsSame(byte[]? left, byte[]? right) => left is null ? right is null : right is not null && left.AsSpan().SequenceEqual(right);

    // What takes less than before is never refused.
    private async Task RequireRoomAsync(SignedRequest caller, long before, Transaction transaction, CancellationToken cancellation)
    {
        if (table.MaxBytes == long.MaxValue)
            return;
        var after = await transaction.QueryAsync(
            new Statement(table.SelectBytes) { { "account", caller.Account.ToString() } }, rows => ReadBytesAsync(rows, cancellation), cancellation);
        if (after > table.MaxBytes && after > before)
            throw Problem.QuotaExceeded();
    }

    private static async Task<long> ReadBytesAsync(Rows rows, CancellationToken cancellation) => (await rows.ListAsync(row => row.GetInt64(0), cancellation)).Single();

    private sealed record Done<T>(HeadOrder Order, T? Answer);

    private sealed record Present(Others<THead> Heads, Dictionary<Guid, PresentObject> Objects, HashSet<Guid> Deleted, PagedTree Tree, long Bytes);

    private sealed record PresentObject(ObjectName Name, long Revision, byte[] Leaf);
}
