using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Heads;

/// <summary>A head of the Keystore (docs/spec/heads.md section 3): besides the tree, how the account is unlocked.</summary>
public sealed record KeystoreHead : Head, IHead<KeystoreHead>
{
    /// <summary>Ways to unlock that an account may have.</summary>
    public const int MaxSlots = 32;

    [JsonPropertyName("kek")]
    public required KeyEncryptionKeyId KeyEncryptionKey { get; init; }

    /// <summary>How many KEKs the account has had, this one included.</summary>
    public required long Epoch { get; init; }

    public required HeadIdentity Identity { get; init; }

    /// <summary>One to <see cref="MaxSlots"/>, ascending by id.</summary>
    public required IReadOnlyList<HeadSlot> Slots { get; init; }

    public static AuditChain Events => AuditChain.Keystore;

    public static JwsKind DeletionKind => JwsKind.KeystoreDeletion;

    [JsonIgnore]
    public override Ed25519PublicKey Signer => Identity.Public;

    internal override JwsKind Kind => JwsKind.KeystoreHead;

    /// <summary>The slots are not among it: a change of how the account is unlocked is a write too.</summary>
    public override bool KeepsKeysOf(Head previous) =>
        previous is KeystoreHead before && Identity == before.Identity && KeyEncryptionKey == before.KeyEncryptionKey && Epoch == before.Epoch;

    /// <exception cref="ArgumentException">The head breaks a rule of section 3, so that no reader would take it.</exception>
    public SignedHead<KeystoreHead> Sign(Ed25519PrivateKey identityKey)
    {
        ArgumentNullException.ThrowIfNull(identityKey);
        return SignedHead<KeystoreHead>.Sign(this, identityKey);
    }

    /// <summary>Reads form and rules, not the signature: a service looks the key up first, and a client computes it from what it unwraps.</summary>
    public static bool TryRead(string jws, [NotNullWhen(true)] out SignedHead<KeystoreHead>? head)
    {
        head = Jws.TryReadUnverified(JwsKind.KeystoreHead, jws, out var payload)
            && StrictJson.TryRead(payload, HeadJson.Strict.KeystoreHead, out var read)
            && read.IsWellFormed()
                ? new SignedHead<KeystoreHead>(jws, read)
                : null;
        return head is not null;
    }

    internal override byte[] Write() => StrictJson.Write(this, HeadJson.Strict.KeystoreHead);

    internal override bool IsWellFormed() =>
        base.IsWellFormed()
        && (Number == 1 ? Count == 1 : Count >= 1)
        && Epoch >= 1
        && Slots.Count is >= 1 and <= MaxSlots
        && Slots.All(slot => slot is not null && SlotKind.IsKnown(slot.Kind))
        && Slots.Zip(Slots.Skip(1)).All(pair => string.CompareOrdinal(pair.First.Id.ToString(), pair.Second.Id.ToString()) < 0);
}

/// <summary>The identity keypair as a head names it.</summary>
public sealed record HeadIdentity(KeyId Id, Ed25519PublicKey Public);

/// <summary>An unlock slot as a head names it.</summary>
/// <param name="Kind">One of <see cref="SlotKind"/>.</param>
/// <param name="Login">Public half of the login keypair.</param>
/// <param name="Wrapped">SHA-256 of the envelope with the wrapped KEK.</param>
public sealed record HeadSlot(SlotId Id, string Kind, Ed25519PublicKey Login, Hash256 Wrapped);

/// <summary>The kinds of unlock slots (docs/spec/key-hierarchy.md section 1) as heads and messages write them.</summary>
public static class SlotKind
{
    /// <summary>Twelve generated words.</summary>
    public const string Words = "words";

    /// <summary>A chosen passphrase with a Secret Key.</summary>
    public const string Passphrase = "passphrase";

    /// <summary>A random secret that one device keeps.</summary>
    public const string Device = "device";

    public static bool IsKnown(string? kind) => kind is Words or Passphrase or Device;
}

/// <summary>The payloads of heads and of what ends them as strict JSON.</summary>
[JsonSerializable(typeof(AccountDeletion))]
[JsonSerializable(typeof(KeystoreHead))]
[JsonSerializable(typeof(VaultHead))]
internal sealed partial class HeadJson : JsonSerializerContext
{
    public static HeadJson Strict { get; } = new(StrictJson.CreateOptions());
}
