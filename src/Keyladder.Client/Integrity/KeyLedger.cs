using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>The account's keys at the Keystore.</summary>
internal sealed class KeyLedger(KeystoreTrust trust, KeystoreCalls calls, HeadWatch<KeystoreHead> watch, TimeProvider time)
    : Ledger<KeystoreHead, StoredKey>(trust, watch, time)
{
    private readonly KeystoreTrust _trust = trust;

    protected override async Task<ShownObjects<StoredKey>> ShowAsync(
        IReadOnlyCollection<ObjectName> names, long since, CancellationToken cancellationToken) =>
        Shown(await calls.FetchKeysAsync(names.Select(name => new KeyId(name.Id)), since, cancellationToken).ConfigureAwait(false));

    protected override async Task<ShownObjects<StoredKey>?> SendAsync(
        SignedHead<KeystoreHead> head, IReadOnlyList<ObjectChange<StoredKey>> changes, CancellationToken cancellationToken)
    {
        var write = new WriteRequest(
            head.Jws,
            [.. from change in changes
                where change.Next is not null
                select new PutKeyMessage(change.Next!.ToMessage(), change.Last?.Leaf.ToArray())],
            [.. from change in changes where change.Next is null select new DeleteKeyMessage(change.Name.Id, change.Last!.Leaf.ToArray())]);
        return await calls.WriteAsync(write, head.Head.Number, cancellationToken).ConfigureAwait(false) is { } winner ? Shown(winner) : null;
    }

    private ShownObjects<StoredKey> Shown(KeysResponse answer) =>
        new(answer.Keys.Select(_trust.Read), answer.Head, answer.Chain, answer.Proof, answer.Events);
}
