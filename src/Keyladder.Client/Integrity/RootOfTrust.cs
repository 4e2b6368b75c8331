using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Client;

/// <summary>
/// What is settled about an account without the service that shows it (docs/spec/heads.md section 5, "Root of trust"; docs/spec/vault.md
/// section 3): whose it is and which keys it has. Every head is held against it.
/// </summary>
internal abstract class RootOfTrust<THead> : IDisposable
    where THead : Head, IHead<THead>
{
    public abstract AccountId Account { get; }

    /// <summary>Signs the account's heads; computed from its private half, which no service has.</summary>
    public abstract Ed25519PublicKey Signer { get; }

    /// <summary>
    /// Reads a head that this account's key signed and that names the account's keys. Whether it counts is for its descent to say, and
    /// only if it does, <see cref="RequireOwnSlot"/>: an older head may well be from before the own slot.
    /// </summary>
    /// <exception cref="IntegrityException">It is not such a head.</exception>
    public SignedHead<THead> Read(string jws)
    {
        if (!THead.TryRead(jws, out var signed))
            throw Alarms.HeadInvalid("a head", "is not in the form of one");
        if (!signed.IsSignedBy(Signer))
            throw Alarms.HeadInvalid(signed.Head.Number, "the account did not sign");
        if (signed.Head.Account != Account)
            throw Alarms.HeadInvalid(signed.Head.Number, "is another account's");
        RequireKeys(signed.Head);
        return signed;
    }

    /// <param name="head">One that counts.</param>
    /// <exception cref="IntegrityException">It describes the way in that was used here otherwise than it is.</exception>
    /// <exception cref="KeyladderException">This way in is no longer among the account's.</exception>
    public abstract void RequireOwnSlot(THead head);

    public abstract SignedHead<THead> Sign(THead head);

    /// <returns>The JWS.</returns>
    public abstract string Sign(AccountDeletion deletion);

    public abstract void Dispose();

    /// <exception cref="IntegrityException">The head names other keys than the account has for its life.</exception>
    protected abstract void RequireKeys(THead head);
}
