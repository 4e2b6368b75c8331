using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>All keys of the account, the identity keypair among them.</summary>
internal sealed class KeyCopy(KeystoreTrust trust, KeystoreCalls calls, HeadWatch<KeystoreHead> watch, KeyLedger ledger)
    : ObjectCopy<KeystoreHead, StoredKey>(trust, watch, ledger)
{
    private readonly KeystoreTrust _trust = trust;

    protected override async Task<ShownChanges<StoredKey>> ShowAsync(long since, CancellationToken cancellationToken)
    {
        var answer = await calls.GetChangesAsync(since, cancellationToken).ConfigureAwait(false);
        return new(
            answer.Changes.Select(change => ((ObjectName)new KeyId(change.Id), change.Old, change.New)),
            answer.Keys.Select(_trust.Read),
            answer.Head,
            answer.Chain,
            answer.Proof);
    }

    // All or none: too many for one answer.
    protected override bool MayLeaveOut(int changed, int shown) => shown == 0 && changed > KeystoreRoutes.MaxDeltaObjects;
}
