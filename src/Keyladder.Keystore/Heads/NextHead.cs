using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Keystore.Audit;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Keystore.Heads;

/// <summary>
/// The head that a write brings, against the account's (docs/spec/keystore-api.md). None of this protects the client from the service; it protects a person's other devices from a faulty client.
/// </summary>
internal sealed class NextHead
{
    private readonly SignedHead<KeystoreHead> offered;

    private NextHead(SignedHead<KeystoreHead> offered) => this.offered = offered;

    public SignedHead<KeystoreHead> Signed => offered;

    public KeystoreHead Head => offered.Head;

    /// <exception cref="ProblemException">The text is no head.</exception>
    public static NextHead Read(string jws) => KeystoreHead.TryRead(jws, out var head) ? new NextHead(head) : throw Problem.MalformedRequest();

    /// <summary>
    /// For what <see cref="Compare"/> looks at: the newest head, the one that already has the number, those that the head links to, the last event, and the one that the head signs for.
    /// </summary>
    public Statement SelectOthers() => new Statement(HeadRows.SelectNewest)
        .Then(HeadRows.Select([Head.Number, .. HeadChain.LinkedNumbers(Head.Number)]))
        .Then(new Statement($"""
            {AuditLog.SelectEnd}
            SELECT number FROM audit_events WHERE account_id = @account AND hash = @audit AND number >= {AuditLog.Audited};
            """) { { "audit", Head.Audit.ToArray() } });

    public static async Task<Others> ReadOthersAsync(Rows rows, CancellationToken cancellation)
    {
        var newest = await HeadRows.NewestAsync(rows, cancellation);
        var named = await rows.ListAsync(row => HeadRows.Read(row.GetString(0)), cancellation);
        var end = await AuditLog.ReadEndAsync(rows, cancellation);
        var audited = await rows.ListAsync(row => row.GetInt64(0), cancellation);
        return new Others(newest, named.ToDictionary(head => head.Head.Number), end, audited.SingleOrDefault());
    }

    /// <summary>Whether the head can follow the newest one, has already done so, or comes too late.</summary>
    /// <exception cref="ProblemException">It can never land: account, identity, KEK, links or signature are wrong.</exception>
    public HeadOrder Compare(AccountId account, Others others)
    {
        if (others.Named.TryGetValue(Head.Number, out var landed) && landed.Hash == offered.Hash)
            return HeadOrder.Landed;

        var newest = others.Newest;
        if (Head.Number != newest.Head.Number + 1 || Head.Links[0] != newest.Hash)
            return HeadOrder.Conflict;
        RequireFit(
            Head.Account == account
            && Head.Identity == newest.Head.Identity
            && Head.KeyEncryptionKey == newest.Head.KeyEncryptionKey
            && Head.Epoch == newest.Head.Epoch
            && Head.CarriesOn(newest.Head)
            && (others.Signs > 0 || Head.Audit == newest.Head.Audit)
            && Head.Links.SequenceEqual(HeadChain.LinkedNumbers(Head.Number).Select(number => others.Named[number].Hash))
            && offered.IsSignedBy(newest.Head.Identity.Public));
        return HeadOrder.Next;
    }

    /// <summary>The first head of an account, which brings its own identity key: there is nothing to compare that with.</summary>
    /// <exception cref="ProblemException">It does not fit the account or the identity keypair.</exception>
    public void RequireFirst(AccountId account, KeyMessage identity) => RequireFit(
        Head.Number == 1
        && Head.Account == account
        && Head.Epoch == 1
        && Head.Audit == Hash256.Zero
        && Head.Identity.Id.Value == identity.Id
        && Head.KeyEncryptionKey.Value == identity.Kek
        && identity.Revision == 1
        && offered.IsSignedBy(Head.Identity.Public));

    /// <exception cref="ProblemException">The head names other slots.</exception>
    public void RequireSlots(IEnumerable<HeadSlot> slots) => RequireFit(Head.Slots.SequenceEqual(slots.OrderBy(slot => slot.Id.ToString(), StringComparer.Ordinal)));

    /// <exception cref="ProblemException">The head has another root or count.</exception>
    public void RequireTree(Hash256 root, long count) => RequireFit(Head.Root == root && Head.Count == count);

    public static void RequireFit(bool condition)
    {
        if (!condition)
            throw Problem.HeadRejected();
    }
}

internal enum HeadOrder
{
    Next,
    Landed,
    Conflict,
}

/// <param name="Newest">The account's newest head.</param>
/// <param name="Named">Those of the heads that a write names which exist, by number.</param>
/// <param name="End">The account's last event.</param>
/// <param name="Signs">Number of the event that the head signs for, if none before the newest head's; 0 if there is no such event.</param>
internal sealed record Others(SignedHead<KeystoreHead> Newest, IReadOnlyDictionary<long, SignedHead<KeystoreHead>> Named, AuditEnd End, long Signs)
{
    /// <summary>Number of the event that the head signs for, once <see cref="NextHead.Compare"/> has found it to be the next.</summary>
    public long Audited => Math.Max(Signs, End.Audited);
}
