using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Heads;

/// <summary>A head as it travels and is kept. That it has been read says nothing about its signature.</summary>
public sealed class SignedHead<THead>
    where THead : Head
{
    internal SignedHead(string jws, THead head) => (Jws, Head, Hash) = (jws, head, new Hash256(Signing.Jws.SigningInputHash(jws)));

    /// <summary>The compact serialization, to be sent and stored as it is.</summary>
    public string Jws { get; }

    public THead Head { get; }

    /// <summary>What links and pins name; the signature is not part of it.</summary>
    public Hash256 Hash { get; }

    /// <summary>Whether the signature verifies under this key, as the kind of statement that this head is.</summary>
    public bool IsSignedBy(Ed25519PublicKey key) => Signing.Jws.TryVerify(Head.Kind, Jws, key, out _);

    internal static SignedHead<THead> Sign(THead head, Ed25519PrivateKey key) =>
        head.IsWellFormed()
            ? new SignedHead<THead>(Signing.Jws.Sign(head.Kind, head.Write(), key), head)
            : throw new ArgumentException("The head breaks a rule of its format.", nameof(head));
}
