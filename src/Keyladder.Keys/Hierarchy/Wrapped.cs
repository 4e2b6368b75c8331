using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Keys.Hierarchy;

/// <summary>
/// A key wrapped by another (docs/spec/envelopes.md). The role stands in this type, in the envelope's label and, for keys of the Keystore,
/// in its context once more as the purpose: a swap fails three times.
/// </summary>
/// <typeparam name="TKey">The role that it was wrapped in, the only one it can be unwrapped in.</typeparam>
/// <param name="envelope">As stored; whether it is what it is said to be shows when it is unwrapped.</param>
public sealed class Wrapped<TKey>(byte[] envelope)
    where TKey : class, IDisposable
{
    /// <summary>One length for all: no service sees which kind of key it keeps.</summary>
    private static readonly Padding Padding = Padding.Fixed(128);

    /// <summary>Ciphertext; 201 bytes if it is genuine.</summary>
    public byte[] Envelope { get; } = envelope ?? throw new ArgumentNullException(nameof(envelope));

    internal static Wrapped<TKey> Seal(SecretBytes keyBytes, SecretBytes by, ReadOnlySpan<byte> context) =>
        new(Cryptography.ChunkedEncryption.Envelope.Seal(by, context, keyBytes.DangerousSpan, Padding));

    /// <param name="size">Of the key bytes; any other number of them is refused.</param>
    /// <exception cref="OpenFailedException">It is not that key, wrapped by this one.</exception>
    internal SecretBytes Open(SecretBytes by, ReadOnlySpan<byte> context, int size)
    {
        var keyBytes = Cryptography.ChunkedEncryption.Envelope.OpenSecret(by, context, Envelope, Padding);
        if (keyBytes.Length == size)
            return keyBytes;
        keyBytes.Dispose();
        throw new OpenFailedException();
    }
}
