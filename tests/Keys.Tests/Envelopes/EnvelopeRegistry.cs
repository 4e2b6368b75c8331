using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;

namespace Keyladder.Keys.Tests.Envelopes;

/// <summary>
/// Every kind of envelope that this version has. A new kind is added here, and all the rules of <see cref="EveryEnvelopeTests"/> run over it; a kind that stands in the
/// specification and not here fails a test.
/// </summary>
internal static class EnvelopeRegistry
{
    private const string WrappedFields = "account, KEK id, key id, purpose, type";

    private static readonly SharedContent Shared = SharedContent.OfAttribute(AttributeId.Generate(), ItemAttribute.Text("name", "value"));
    private static readonly byte[] Seed = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];

    private static readonly ItemOverview Item = new()
    {
        Name = "Bicycle", Kind = "thing", Tags = ["outside"], Created = new(2026, 1, 2), Changed = new(2026, 1, 3), Follows = Hash256.Of(Seed), Attributes = [],
    };

    private static readonly WitnessedHead[] Witnessed = [new(AccountId.Generate(), 12, Hash256.Of(Seed))];

    private static readonly ItemAttribute Attribute = ItemAttribute.Text("Combination", "0042");

    public static IReadOnlyList<EnvelopeKind> All { get; } =
    [
        new(
            "wrapped KEK",
            "keystore/v1/wrapped-kek",
            "account, slot, KEK id",
            place => With(Mek(place), mek => With(new KeyEncryptionKey(place.Account, place.Kek, SecretBytes.CopyOf(Seed)), kek => mek.Wrap(kek, place.Slot).Envelope)),
            (place, envelope) => With(Mek(place), mek => With(mek.Unwrap(new(envelope), place.Account, place.Slot, place.Kek), kek => Bytes(kek.CopyKeyBytes())))),
        new(
            "wrapped personal DEK",
            "keystore/v1/wrapped-personal-dek",
            WrappedFields,
            place => With(Kek(place), kek => With(Personal(place, Seed), dek => kek.Wrap(dek).Envelope)),
            (place, envelope) => With(Kek(place), kek => Bytes(kek.Unwrap(new Wrapped<PersonalDataEncryptionKey>(envelope), place.Key, Overview(place, Personal(place, Seed)))))),
        new(
            "wrapped sharing DEK",
            "keystore/v1/wrapped-sharing-dek",
            WrappedFields,
            place => With(Kek(place), kek => With(Sharing(place, Seed), dek => kek.Wrap(dek).Envelope)),
            (place, envelope) => With(Kek(place), kek => Bytes(kek.Unwrap(new Wrapped<SharingDataEncryptionKey>(envelope), place.Key, Overview(place, Sharing(place, Seed)))))),
        new(
            "wrapped signing keypair",
            "keystore/v1/wrapped-keypair",
            WrappedFields,
            place => With(Kek(place), kek => With(Signing(place), keypair => kek.Wrap(keypair).Envelope)),
            (place, envelope) => With(Kek(place), kek => Bytes(kek.Unwrap(new Wrapped<Keypair>(envelope), place.Key, Overview(place, Signing(place)))))),
        new(
            "wrapped identity keypair",
            "keystore/v1/wrapped-keypair",
            WrappedFields,
            place => With(Kek(place), kek => With(Identity(place), keypair => kek.Wrap(keypair).Envelope)),
            (place, envelope) => With(Kek(place), kek => Bytes(kek.Unwrap(new Wrapped<IdentityKeypair>(envelope), place.Key, Overview(place, Identity(place)))))),
        new(
            "wrapped vault sign-in keypair",
            "keystore/v1/wrapped-keypair",
            WrappedFields,
            place => With(Kek(place), kek => With(VaultSignIn(place), keypair => kek.Wrap(keypair).Envelope)),
            (place, envelope) => With(Kek(place), kek => Bytes(kek.Unwrap(new Wrapped<VaultSignInKeypair>(envelope), place.Key, Overview(place, VaultSignIn(place)))))),
        new(
            "wrapped vault head keypair",
            "keystore/v1/wrapped-keypair",
            WrappedFields,
            place => With(Kek(place), kek => With(VaultHead(place), keypair => kek.Wrap(keypair).Envelope)),
            (place, envelope) => With(Kek(place), kek => Bytes(kek.Unwrap(new Wrapped<VaultHeadKeypair>(envelope), place.Key, Overview(place, VaultHead(place)))))),
        new(
            "key overview",
            "keystore/v1/key-overview",
            "account, KEK id, key id, revision",
            place => With(Kek(place), kek => kek.SealOverview(place.Key, Overview(place, Signing(place)), place.Revision)),
            (place, envelope) => With(Kek(place), kek => kek.OpenOverview(place.Key, envelope, place.Revision).Encode())),
        new(
            "witness",
            "keystore/v1/witness",
            "account, KEK id, keeper",
            place => With(Witness(place), key => key.Seal(place.VaultAccount, Witnessed)),
            (place, envelope) => With(Witness(place), key => Vectors.WitnessVectors.Content(key.Open(place.VaultAccount, envelope)))),
        new(
            "personal data",
            "data/v1/personal",
            "account, DEK id, object id, revision",
            place => With(Personal(place, place.SealingKey), dek => dek.Seal(place.Data, Content, place.Revision)),
            (place, envelope) => With(Personal(place, place.SealingKey), dek => dek.Open(place.Data, envelope, place.Revision))),
        new(
            "sharing data",
            "data/v1/sharing",
            "object id, revision",
            place => With(Sharing(place, place.SealingKey), dek => SealInPlace(dek, place)),
            (place, envelope) => With(Sharing(place, place.SealingKey), dek => OpenInPlace(dek, place, envelope))),
        new(
            "personal file",
            "file/v1/personal",
            "account",
            place => With(Personal(place, place.SealingKey), dek => Files.Envelope(Files.Seal(dek, Content))),
            (place, envelope) => With(Personal(place, place.SealingKey), dek => Files.Open(dek, Files.WithFirstLine(envelope)))),
        new(
            "sharing file",
            "file/v1/sharing",
            "none",
            place => With(Sharing(place, place.SealingKey), dek => Files.Envelope(Files.Seal(dek, Content))),
            (place, envelope) => With(Sharing(place, place.SealingKey), dek => Files.Open(dek, Files.WithFirstLine(envelope)))),
        new(
            "vault item",
            "vault/v1/item",
            "account at the Vault, item id, revision, DEK name",
            place => With(ForVault(place), dek => dek.Seal(place.Item, Item, place.Revision)),
            (place, envelope) => With(ForVault(place), dek => dek.Open(place.Item, envelope, place.Revision).Encode())),
        new(
            "vault attribute",
            "vault/v1/attribute",
            "account at the Vault, item id, attribute id, revision, DEK name",
            place => With(ForVault(place), dek => dek.Seal(place.Item, place.Attribute, Attribute, place.Revision)),
            (place, envelope) => With(ForVault(place), dek => dek.Open(place.Item, place.Attribute, envelope, place.Revision).Encode())),
        new(
            "record of a local store",
            "vault/v1/local-store",
            "account at the Vault, store id, record number, DEK name",
            place => With(ForVault(place), dek => dek.SealRecord(place.Data, place.Revision, Content)),
            (place, envelope) => With(ForVault(place), dek => dek.OpenRecord(place.Data, place.Revision, envelope))),
        new(
            "copy of a share",
            "share/v1/copy",
            "relationship, share, number, DEK name",
            place => With(Sharing(place, place.SealingKey), dek => dek.Seal(place.Relationship, place.Share, Shared, place.Revision)),
            (place, envelope) => With(Sharing(place, place.SealingKey), dek => dek.Open(place.Relationship, place.Share, envelope, place.Revision).Encode())),
        new(
            "offer",
            "invitation/v1/offer",
            "channel, inviter's DID",
            place => With(Invitation(place), invitation => invitation.SealOffer("offer")),
            (place, envelope) => With(Invitation(place), invitation => Encoding.ASCII.GetBytes(invitation.OpenOffer(envelope)))),
        new(
            "acceptance",
            "invitation/v1/acceptance",
            "channel, inviter's DID",
            place => With(Invitation(place), invitation => invitation.SealAcceptance("acceptance")),
            (place, envelope) => With(Invitation(place), invitation => Encoding.ASCII.GetBytes(invitation.OpenAcceptance(envelope)))),
        new(
            "password slot",
            "recovery/v1/password-slot",
            "Store's origin, record id",
            place => With(PasswordSlotKey(place), key => With(Recovered(Seed), recovered => key.Wrap(recovered).Envelope)),
            (place, envelope) => With(PasswordSlotKey(place), key => With(key.Unwrap(new(envelope)), recovered => Bytes(recovered.CopyKeyBytes())))),
        new(
            "reset slot",
            "recovery/v1/reset-slot",
            "Store's origin, record id",
            place => With(new ResetSecret(place.CopyKey()), secret => With(Recovered(Seed), recovered => secret.Wrap(recovered, Recovery(place)).Envelope)),
            (place, envelope) => With(new ResetSecret(place.CopyKey()), secret => With(secret.Unwrap(new(envelope), Recovery(place)), recovered => Bytes(recovered.CopyKeyBytes())))),
        new(
            "recovery kit",
            "recovery/v1/kit",
            "Store's origin, record id",
            place => With(Recovered(place.SealingKey), key => With(Kit(), kit => key.Seal(kit, Recovery(place)))),
            (place, envelope) => With(Recovered(place.SealingKey), key => With(key.Open(envelope, Recovery(place)), kit => Bytes(kit.Encode())))),
        new("vault attachment", "vault/v1/attachment", "account at the Vault, attachment id", Attachments.Seal, Attachments.Open),
        new("attachment of a share", "share/v1/attachment", "relationship, attachment id", Attachments.SealShared, Attachments.OpenShared),
    ];

    private static RelationshipInvitation Invitation(Place place) => RelationshipInvitation.Of(
        Origin.TryParse("https://vault.example.org", out var origin) ? origin : null!, place.Channel, place.Inviter, DateTimeOffset.UnixEpoch, place.CopyKey());

    private static RecoveryPlace Recovery(Place place) => new(Origin.TryParse(place.Store, out var origin) ? origin : null!, place.RecoveryRecord);

    private static PasswordSlotKey PasswordSlotKey(Place place) => new(place.CopyKey(), Recovery(place));

    private static RecoveryKey Recovered(byte[] key) => new(SecretBytes.CopyOf(key));

    private static RecoveryKit Kit() => new(
        Origin.TryParse("https://keys.example.org", out var origin) ? origin : null!, new AccountId(Place.Home.Account.Value), Hash256.Of(Seed), Words.FromEntropy(Seed.AsSpan(0, 16)));

    private static MasterEncryptionKey Mek(Place place) => new(place.CopyKey());

    private static KeyEncryptionKey Kek(Place place) => new(place.Account, place.Kek, place.CopyKey());

    // As if one key derived others to itself, so that nothing but the context tells the kinds apart.
    private static WitnessKey Witness(Place place) => new(place.Account, place.Kek, place.CopyKey());

    private static PersonalDataEncryptionKey Personal(Place place, byte[] key) => new(place.Account, place.Key, KeyState.Active, SecretBytes.CopyOf(key));

    private static SharingDataEncryptionKey Sharing(Place place, byte[] key) => new(place.Account, place.Key, KeyState.Active, SecretBytes.CopyOf(key));

    private static Keypair Signing(Place place) => new(place.Account, place.Key, KeyState.Active, Ed25519PrivateKey.FromSeed(Seed));

    private static IdentityKeypair Identity(Place place) => new(place.Account, place.Key, KeyState.Active, Ed25519PrivateKey.FromSeed(Seed));

    private static VaultSignInKeypair VaultSignIn(Place place) => new(place.Account, place.Key, KeyState.Active, Ed25519PrivateKey.FromSeed(Seed), Vault(place));

    private static VaultHeadKeypair VaultHead(Place place) => new(place.Account, place.Key, KeyState.Active, Ed25519PrivateKey.FromSeed(Seed), Vault(place));

    private static PersonalDataEncryptionKey ForVault(Place place) => new(place.Account, place.Key, KeyState.Active, place.CopyKey(), Vault(place));

    private static KeyService Vault(Place place)
    {
        Assert.True(Origin.TryParse("https://vault.example.org", out var origin));
        return new KeyService(origin, place.VaultAccount);
    }

    private static KeyOverview Overview(Place place, KeystoreKey key)
    {
        Assert.Equal(place.Key, key.Id);
        using (key)
            return KeyOverview.Of(key, key.Purpose.IsForVault() ? null : "a label", new DateOnly(2026, 1, 2));
    }

    private static byte[] SealInPlace(SharingDataEncryptionKey dek, Place place)
    {
        var envelope = new byte[DataEncryptionKey.SealedLength(Content.Length)];
        Assert.Equal(envelope.Length, dek.Seal(place.Data, Content, envelope, place.Revision));
        return envelope;
    }

    private static byte[] OpenInPlace(SharingDataEncryptionKey dek, Place place, byte[] envelope)
    {
        var data = new byte[envelope.Length];
        return data[..dek.Open(place.Data, envelope, data, place.Revision)];
    }

    private static byte[] Bytes(KeystoreKey key) => With(key, opened => Bytes(opened.CopyKeyBytes()));

    private static byte[] Bytes(SecretBytes bytes) => With(bytes, secret => secret.DangerousSpan.ToArray());

    private static T With<TKey, T>(TKey key, Func<TKey, T> use)
        where TKey : IDisposable
    {
        using (key)
            return use(key);
    }
}
