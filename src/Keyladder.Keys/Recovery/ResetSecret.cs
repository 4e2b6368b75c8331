using System.Diagnostics.CodeAnalysis;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Keys.Recovery;

/// <summary>
/// <c>r₂</c>: split into three shares, one at the Store, one at the Guardian, one with the person; what follows from it wraps the recovery
/// key in the reset slot (docs/spec/passphrase-store.md section 1). Two of the shares tell nothing.
/// </summary>
public sealed class ResetSecret : IDisposable
{
    /// <summary>Bytes of the secret and of each share.</summary>
    public const int Size = 32;

    private readonly SecretBytes secret;

    internal ResetSecret(SecretBytes secret) => this.secret = secret;

    public static ResetSecret Generate() => new(SecretBytes.Generate(Size));

    /// <param name="store">The Store's share <c>a</c>, from anywhere.</param>
    /// <param name="guardian">The Guardian's, <c>b</c>, from anywhere.</param>
    /// <param name="code">The person's, <c>h</c>.</param>
    /// <returns>To be disposed of. Whether it is the right one shows where it unwraps.</returns>
    /// <exception cref="ArgumentException">A share has another length.</exception>
    public static ResetSecret Combine(ReadOnlySpan<byte> store, ReadOnlySpan<byte> guardian, RecoveryCode code)
    {
        ArgumentNullException.ThrowIfNull(code);
        if (store.Length != Size || guardian.Length != Size)
            throw new ArgumentException("A share has 32 bytes.", store.Length != Size ? nameof(store) : nameof(guardian));
        using var share = code.CopySecret();
        return new ResetSecret(Xor(store, guardian, share.DangerousSpan));
    }

    /// <summary>Makes the shares of the two services: one random, and what is missing from it and the person's.</summary>
    /// <param name="code">The person's share.</param>
    /// <returns>Both to be disposed of.</returns>
    public (SecretBytes Store, SecretBytes Guardian) Split(RecoveryCode code)
    {
        ArgumentNullException.ThrowIfNull(code);
        var store = SecretBytes.Generate(Size);
        using var share = code.CopySecret();
        return (store, Xor(secret.DangerousSpan, store.DangerousSpan, share.DangerousSpan));
    }

    public Wrapped<RecoveryKey> Wrap(RecoveryKey recoveryKey, RecoveryPlace place)
    {
        ArgumentNullException.ThrowIfNull(recoveryKey);
        ArgumentNullException.ThrowIfNull(place);
        using var key = DeriveKey(place);
        return recoveryKey.WrapUnder(key, Contexts.ResetSlot(place));
    }

    /// <returns>False where a share is not the one that the slot was made with.</returns>
    public bool TryUnwrap(Wrapped<RecoveryKey> slot, RecoveryPlace place, [NotNullWhen(true)] out RecoveryKey? recoveryKey)
    {
        ArgumentNullException.ThrowIfNull(slot);
        ArgumentNullException.ThrowIfNull(place);
        try
        {
            recoveryKey = Unwrap(slot, place);
            return true;
        }
        catch (OpenFailedException)
        {
            recoveryKey = null;
            return false;
        }
    }

    public void Dispose() => secret.Dispose();

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(ResetSecret);

    internal RecoveryKey Unwrap(Wrapped<RecoveryKey> slot, RecoveryPlace place)
    {
        using var key = DeriveKey(place);
        return RecoveryKey.UnwrapUnder(key, Contexts.ResetSlot(place), slot);
    }

    private SecretBytes DeriveKey(RecoveryPlace place) => HkdfSha512.DeriveKey(secret.DangerousSpan, salt: [], Contexts.ResetSlot(place), Size);

    private static SecretBytes Xor(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third) =>
        SecretBytes.Create(Size, new Shares(first, second, third), static (bytes, shares) =>
        {
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)(shares.First[i] ^ shares.Second[i] ^ shares.Third[i]);
        });

    private readonly ref struct Shares(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        public ReadOnlySpan<byte> First { get; } = first;

        public ReadOnlySpan<byte> Second { get; } = second;

        public ReadOnlySpan<byte> Third { get; } = third;
    }
}
