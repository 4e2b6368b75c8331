using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Audit;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Heads;

/// <summary>
/// The head that a write brings, against the account's (docs/spec/keystore-api.md). None of this protects the client from the service; it protects a person's other devices from a faulty client.
/// </summary>
public sealed class NextHead<THead>
    where THead : Head, IHead<THead>
{
    private readonly SignedHead<THead> offered;

    private NextHead(SignedHead<THead> offered) => this.offered = offered;

    public SignedHead<THead> Signed => offered;

    public THead Head => offered.Head;

    /// <exception cref="ProblemException">The text is no head.</exception>
    public static NextHead<THead> Read(string jws) => THead.TryRead(jws, out var head) ? new(head) : throw Problem.MalformedRequest();

    /// <summary>
    /// For what <see cref="Compare"/> looks at: the newest head, the one that already has the number, those that the head links to, the last event, and the one that the head signs for.
    /// </summary>
    public Statement SelectOthers() => new Statement(HeadRows.SelectNewest)
        .Then(HeadRows.Select([Head.Number, .. HeadChain.LinkedNumbers(Head.Number)]))
        .Then(new Statement($"""
            {AuditLog.SelectEnd}
            SELECT number FROM audit_events WHERE account_id = @account AND hash = @audit AND number >= {AuditLog.Audited};
            """) { { "audit", Head.Audit.ToArray() } });

    public static async Task<Others<THead>> ReadOthersAsync(Rows rows, CancellationToken cancellation)
    {
        var newest = await HeadRows.NewestAsync<THead>(rows, cancellation);
        var named = await rows.ListAsync(row => HeadRows.Read<THead>(row.GetString(0)), cancellation);
        var end = await AuditLog.ReadEndAsync(rows, cancellation);
        var audited = await rows.ListAsync(row => row.GetInt64(0), cancellation);
        return new Others<THead>(newest, named.ToDictionary(head => head.Head.Number), end, audited.SingleOrDefault());
    }

    /// <summary>Whether the head can follow the newest one, has already done so, or comes too late.</summary>
    /// <exception cref="ProblemException">It can never land: account, keys, links or signature are wrong.</exception>
    public HeadOrder Compare(AccountId account, Others<THead> others)
    {
        if (others.Named.TryGetValue(Head.Number, out var landed) && landed.Hash == offered.Hash)
            return HeadOrder.Landed;

        var newest = others.Newest;
        if (Head.Number != newest.Head.Number + 1 || Head.Links[0] != newest.Hash)
            return HeadOrder.Conflict;
        Problem.HeadRejectedUnless(
            Head.Account == account
            && Head.KeepsKeysOf(newest.Head)
            && Head.CarriesOn(newest.Head)
            && (others.Signs > 0 || Head.Audit == newest.Head.Audit)
            && Head.Links.SequenceEqual(HeadChain.LinkedNumbers(Head.Number).Select(number => others.Named[number].Hash))
            && offered.IsSignedBy(newest.Head.Signer));
        return HeadOrder.Next;
    }

    /// <summary>The first head of an account, which brings the key that signs it: there is nothing to compare that with.</summary>
    /// <exception cref="ProblemException">It is no first head, or does not fit the account.</exception>
    public void RequireFirst(AccountId account) =>
        Problem.HeadRejectedUnless(Head.Number == 1 && Head.Account == account && Head.Audit == Hash256.Zero && offered.IsSignedBy(Head.Signer));

    /// <exception cref="ProblemException">The head has another root or count.</exception>
    public void RequireTree(Hash256 root, long count) => Problem.HeadRejectedUnless(Head.Root == root && Head.Count == count);
}

public enum HeadOrder
{
    Next,
    Landed,
    Conflict,
}

/// <param name="Newest">The account's newest head.</param>
/// <param name="Named">Those of the heads that a write names which exist, by number.</param>
/// <param name="End">The account's last event.</param>
/// <param name="Signs">Number of the event that the head signs for, if none before the newest head's; 0 if there is no such event.</param>
public sealed record Others<THead>(SignedHead<THead> Newest, IReadOnlyDictionary<long, SignedHead<THead>> Named, AuditEnd End, long Signs)
    where THead : Head, IHead<THead>
{
    /// <summary>Number of the event that the head signs for, once <see cref="NextHead{THead}.Compare"/> has found it to be the next.</summary>
    public long Audited => Math.Max(Signs, End.Audited);
}
