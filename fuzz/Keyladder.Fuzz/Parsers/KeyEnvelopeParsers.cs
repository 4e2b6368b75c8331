using System.Diagnostics;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Signing;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>Wrapped keys and their overviews, as a Keystore shows them and as a faulty client may have sealed them.</summary>
internal static class KeyEnvelopeParsers
{
    private static readonly Keypair OnP256 = Curve(KeyType.P256, 31);
    private static readonly Keypair OnSecp256k1 = Curve(KeyType.Secp256k1, 32);

    private static readonly KeystoreKey[] Roles =
        [SampleAccount.Identity, SampleAccount.Personal, SampleAccount.Sharing, SampleAccount.Signing, SampleVault.SignIn, SampleVault.HeadKey, SampleVault.Dek, OnP256, OnSecp256k1, SampleRelationship.Own];

    private static readonly string?[] Labels = [null, "photos \u00e9 \ud83d\ude00 \\ \""];

    private static readonly string[] Terms =
        ["personal-dek", "sharing-dek", "identity", "signing", "vault-sign-in", "vault-head", "relationship", "pre-activation", "active", "deactivated", "compromised"];

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("wrapped-key", [.. SampleAccount.Keys.Take(4).Select(key => key.Wrapped)], input => UnwrapAll(_ => input))
        {
            Covers = ["KeyEncryptionKey.Unwrap", "Wrapped.Open", "KeyEncryptionKey.UnwrapBytes"],
        },
        new("wrapped-key-content", [.. Roles.Select(Content)], input => UnwrapAll(role => SampleAccount.Wrap(role.Id, role.Purpose, role.PublicKey?.Type, input)))
        {
            Covers = ["KeyEncryptionKey.Unwrap", "KeypairBytes.Read", "KeypairBytes.ReadEd25519", "KeyType.FromBytes", "RelationshipKey.Read"],
        },
        new("wrapped-kek", [SampleAccount.WrappedKek], UnwrapKek)
        {
            Covers = ["MasterEncryptionKey.Unwrap"],
            Refusals = [typeof(OpenFailedException)],
        },
        new("overview-envelope", [.. SampleAccount.Keys.Take(4).Select(key => key.Overview)], OpenOverviews) { Covers = ["KeyEncryptionKey.OpenOverview"] },
        new("key-overview", [.. from role in Roles from label in Labels where label is null || !role.Purpose.IsForVault() select SampleAccount.Overview(role, label)], ReadOverview)
        {
            Covers = ["KeyOverview.TryDecode", "KeyOverview.TryReadKey", "LabelConverter.Read", "OverviewJson.Members"],
        },
        new("key-overview-sealed", [.. Roles.Select(role => Sealed.Padded(SampleAccount.Overview(role, role.Purpose.IsForVault() ? null : "photos"), Padding.Fixed(512)))], OpenSealedOverview)
        {
            Covers = ["KeyEncryptionKey.OpenOverview"],
            Refusals = [typeof(OpenFailedException)],
        },
        new("key-terms", [.. Terms.Select(Text.Bytes)], ReadTerm)
        {
            Covers = ["KeyPurposes.TryParse", "KeyStates.TryParse", "KeyOverview.IsLabel"],
        },
    ];

    private static Keypair Curve(KeyType type, int number) =>
        new(SampleAccount.Account, new KeyId(Fixed.Uuid(number)), KeyState.Active, EcdsaPrivateKey.FromScalar(type, Fixed.Bytes(32, (byte)number)));

    private static byte[] Content(KeystoreKey role)
    {
        using var bytes = role.CopyKeyBytes();
        return Sealed.Padded(bytes.DangerousSpan, Padding.Fixed(128));
    }

    private static bool UnwrapAll(Func<KeystoreKey, byte[]> envelope)
    {
        var accepted = false;
        foreach (var role in Roles)
        {
            try
            {
                using var unwrapped = Unwrap(role, envelope(role));
                using var bytes = unwrapped.CopyKeyBytes();
                using var genuine = role.CopyKeyBytes();
                Require(role.PublicKey is null || bytes.FixedTimeEquals(genuine), "A keypair is that of its overview.");
                var again = SampleAccount.Wrap(role.Id, role.Purpose, role.PublicKey?.Type, Sealed.Padded(bytes.DangerousSpan, Padding.Fixed(128)));
                Require(again.AsSpan().SequenceEqual(envelope(role)), "Only what was wrapped unwraps.");
                accepted = true;
            }
            catch (OpenFailedException)
            {
                // Another role may take it.
            }
        }

        return accepted;
    }

    private static KeystoreKey Unwrap(KeystoreKey role, byte[] envelope)
    {
        var overview = KeyOverview.Of(role, null, new DateOnly(2026, 1, 2));
        return role.Purpose switch
        {
            KeyPurpose.PersonalDek => SampleAccount.Kek.Unwrap(new Wrapped<PersonalDataEncryptionKey>(envelope), role.Id, overview),
            KeyPurpose.SharingDek => SampleAccount.Kek.Unwrap(new Wrapped<SharingDataEncryptionKey>(envelope), role.Id, overview),
            KeyPurpose.Signing => SampleAccount.Kek.Unwrap(new Wrapped<Keypair>(envelope), role.Id, overview),
            KeyPurpose.VaultSignIn => SampleAccount.Kek.Unwrap(new Wrapped<VaultSignInKeypair>(envelope), role.Id, overview),
            KeyPurpose.VaultHead => SampleAccount.Kek.Unwrap(new Wrapped<VaultHeadKeypair>(envelope), role.Id, overview),
            KeyPurpose.Relationship => SampleAccount.Kek.Unwrap(new Wrapped<RelationshipKey>(envelope), role.Id, overview),
            KeyPurpose.Identity => SampleAccount.Kek.Unwrap(new Wrapped<IdentityKeypair>(envelope), role.Id, overview),
            _ => throw new UnreachableException(),
        };
    }

    private static bool UnwrapKek(byte[] input)
    {
        using var kek = SampleAccount.Mek.Unwrap(new Wrapped<KeyEncryptionKey>(input), SampleAccount.Account, SampleAccount.Slot, SampleAccount.Kek.Id);
        Require(input.AsSpan().SequenceEqual(SampleAccount.WrappedKek), "Only what was wrapped unwraps.");
        return true;
    }

    private static bool OpenOverviews(byte[] input)
    {
        var accepted = false;
        foreach (var role in Roles)
        {
            try
            {
                var overview = SampleAccount.Kek.OpenOverview(role.Id, input, 1);
                Require(overview.Purpose == role.Purpose, "Only what was sealed opens.");
                accepted = true;
            }
            catch (OpenFailedException)
            {
                // It may be another key's.
            }
        }

        return accepted;
    }

    private static bool ReadOverview(byte[] input)
    {
        if (!KeyOverview.TryDecode(input, out var overview))
            return false;
        Require(KeyOverview.TryDecode(overview.Encode(), out var again), "Writing it again gives an overview.");
        Require(again!.Encode().AsSpan().SequenceEqual(overview.Encode()), "Writing it again keeps it.");
        Require(overview.Encode().Length < 512, "It fits its padding.");
        return true;
    }

    private static bool OpenSealedOverview(byte[] input)
    {
        var id = SampleAccount.Personal.Id;
        var overview = SampleAccount.Kek.OpenOverview(id, SampleAccount.SealOverview(id, input), 1);
        _ = SampleAccount.Kek.SealOverview(id, overview, 2);
        return true;
    }

    private static bool ReadTerm(byte[] input)
    {
        var text = Text.Of(input);
        Require(!KeyOverview.IsLabel(text) || input.Length is > 0 and <= KeyOverview.MaxLabelLength, "A label has at most 128 bytes.");
        if (KeyPurposes.TryParse(text, out var purpose))
            Require(purpose.ToText() == text, "Writing it again gives the same text.");
        if (KeyStates.TryParse(text, out var state))
            Require(state.ToText() == text, "Writing it again gives the same text.");
        return KeyPurposes.TryParse(text, out _) || KeyStates.TryParse(text, out _);
    }
}
