using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Keys.Recovery;

/// <summary>
/// <c>r</c>: opens the kit, and signs for the record at each of the two services (docs/spec/passphrase-store.md section 1). It stands in two
/// slots and nowhere else, and is made anew at each change.
/// </summary>
public sealed class RecoveryKey : IDisposable
{
    internal const int KeySize = 32;

    private static readonly Padding KitPadding = Padding.Fixed(512);

    private readonly SecretBytes key;

    internal RecoveryKey(SecretBytes key) => this.key = key;

    public static RecoveryKey Generate() => new(SecretBytes.Generate(KeySize));

    /// <returns>The envelope, of one length whatever the kit holds.</returns>
    public byte[] Seal(RecoveryKit kit, RecoveryPlace place)
    {
        ArgumentNullException.ThrowIfNull(kit);
        ArgumentNullException.ThrowIfNull(place);
        using var kitKey = Derive(Contexts.RecoveryKit(place));
        using var content = kit.Encode();
        return Envelope.Seal(kitKey, Contexts.RecoveryKit(place), content.DangerousSpan, KitPadding);
    }

    /// <returns>To be disposed of. What it says is whoever's who could seal under this key: it counts once the account that it leads to is the one that it names.</returns>
    /// <exception cref="OpenFailedException">This key did not seal it there, it was altered, or it is no kit.</exception>
    public RecoveryKit Open(ReadOnlySpan<byte> envelope, RecoveryPlace place)
    {
        ArgumentNullException.ThrowIfNull(place);
        using var kitKey = Derive(Contexts.RecoveryKit(place));
        using var content = Envelope.OpenSecret(kitKey, Contexts.RecoveryKit(place), envelope, KitPadding);
        return RecoveryKit.TryDecode(content.DangerousSpan, out var kit) ? kit : throw new OpenFailedException();
    }

    /// <summary>Signs for the record at the Store.</summary>
    /// <returns>To be disposed of.</returns>
    public Ed25519PrivateKey DeriveStoreKey(RecoveryPlace place)
    {
        ArgumentNullException.ThrowIfNull(place);
        return DeriveSigner(Fields.Encode(Labels.StoreKey, place.Store.ToString(), place.Record));
    }

    /// <summary>Signs for the record at the Guardian.</summary>
    /// <returns>To be disposed of.</returns>
    public Ed25519PrivateKey DeriveGuardianKey(GuardianPlace place)
    {
        ArgumentNullException.ThrowIfNull(place);
        return DeriveSigner(Fields.Encode(Labels.GuardianKey, place.Guardian.ToString(), place.Handle));
    }

    /// <returns>The same key, to be disposed of apart.</returns>
    public RecoveryKey Copy() => new(CopyKeyBytes());

    public void Dispose() => key.Dispose();

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(RecoveryKey);

    internal Wrapped<RecoveryKey> WrapUnder(SecretBytes by, byte[] context) => Wrapped<RecoveryKey>.Seal(key, by, context);

    /// <exception cref="OpenFailedException">It was wrapped by another key or elsewhere.</exception>
    internal static RecoveryKey UnwrapUnder(SecretBytes by, byte[] context, Wrapped<RecoveryKey> slot) => new(slot.Open(by, context, KeySize));

    internal SecretBytes CopyKeyBytes() => SecretBytes.CopyOf(key.DangerousSpan);

    private SecretBytes Derive(byte[] info) => HkdfSha512.DeriveKey(key.DangerousSpan, salt: [], info, KeySize);

    private Ed25519PrivateKey DeriveSigner(byte[] info)
    {
        using var seed = Derive(info);
        return Ed25519PrivateKey.FromSeed(seed.DangerousSpan);
    }
}
