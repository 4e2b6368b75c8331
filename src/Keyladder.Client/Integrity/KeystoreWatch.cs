using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>The heads of an account of the Keystore, with the session's slot and the identity keypair as they opened.</summary>
internal sealed class KeystoreWatch(KeystoreTrust trust, KeystoreCalls calls, IPinStore pins) : HeadWatch<KeystoreHead>(trust, pins)
{
    private readonly KeystoreTrust _trust = trust;

    public override Task<(SignedHead<KeystoreHead> Head, HeadPin Pin, Hash256 Audit)> ReadAccountAsync(CancellationToken cancellationToken) =>
        ReadAsync(
            since => calls.GetAccountAsync(since, cancellationToken),
            answer => (answer.Head, answer.Chain),
            (answer, head, pin) =>
            {
                CheckAccount(answer, head, pin);
                return (head, pin, AuditTail.Continue(_trust.Account, head.Head, answer.Events));
            },
            cancellationToken);

    /// <summary>Accepts what the service showed when the account was unlocked: the one answer that is there before its verifier.</summary>
    /// <param name="pin">What was asked with.</param>
    /// <param name="shown">The answer.</param>
    /// <param name="restored">The restore number that the service showed: from here on it is no news.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The head; null if the pin has moved meanwhile.</returns>
    public async Task<SignedHead<KeystoreHead>?> TryAcceptAsync(HeadPin pin, AccountResponse shown, long restored, CancellationToken cancellationToken)
    {
        var (head, next) = Verify(pin, shown.Head, shown.Chain);
        CheckAccount(shown, head, next);
        next = next with { Restored = Math.Max(pin.Restored, restored) };
        return await MoveAsync(pin, next, cancellationToken).ConfigureAwait(false) ? head : null;
    }

    protected override async Task<(string Head, string[] Chain)> ShowAsync(long since, CancellationToken cancellationToken)
    {
        var shown = await calls.GetAccountAsync(since, cancellationToken).ConfigureAwait(false);
        return (shown.Head, shown.Chain);
    }

    private void CheckAccount(AccountResponse shown, SignedHead<KeystoreHead> head, HeadPin pin)
    {
        var own = _trust.OwnSlotAt(head.Head.Number);
        if (new SlotId(shown.Slot.Id) != own.Id || Hash256.Of(shown.Slot.Wrapped) != own.Wrapped)
            throw Alarms.DoesNotOpen("the wrapped KEK", inner: null);
        _ = ProvenObjects<KeystoreHead, StoredKey>.Verify([_trust.Identity.Id], [_trust.Read(shown.Identity)], shown.Proof, head, pin);
    }
}
