using System.Buffers.Binary;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Hosting.Recovery;
using Keyladder.Protocol;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>The notation of docs/spec/README.md and what is written in it: one text for each value.</summary>
internal static class NotationParsers
{
    public static IReadOnlyList<Parser> All { get; } =
    [
        new("base64url", [.. Enumerable.Range(0, 70).Select(length => Text.Bytes(Base64UrlText.Encode(Fixed.Bytes(length))))], ReadBase64Url)
        {
            Covers = ["Base64UrlText.TryDecode"],
        },
        new("uuid", [.. Enumerable.Range(0, 8).Select(number => Text.Bytes(Fixed.Uuid(number).ToString("D")))], ReadUuid)
        {
            Covers =
            [
                "Uuid.TryParse", "UuidConverter.TryParse", "AccountId.TryParse", "SlotId.TryParse", "KeyEncryptionKeyId.TryParse", "KeyId.TryParse",
                "DataId.TryParse", "SessionId.TryParse", "ItemId.TryParse", "AttributeId.TryParse", "AttachmentId.TryParse",
                "RelationshipId.TryParse", "ShareId.TryParse", "LetterId.TryParse", "DeviceId.TryParse",
                "RecoveryRecordId.TryParse", "GuardianHandle.TryParse", "RecoveryDeviceId.TryParse",
            ],
        },
        new("fields", [Fields.Encode("a/v1", Fixed.Bytes(5), "\u00fc", 258, Fixed.Bytes(0)), Fields.Encode(""), []], ReadFields) { Covers = ["Fields.TryRead"] },
        new("session-key-id", [Text.Bytes(Fixed.KeyId.ToString())], ReadSessionKeyId) { Covers = ["SessionKeyId.TryParse"] },
        new("ed25519-public-key", [.. Enumerable.Range(1, 9).Select(PublicKey)], ReadEd25519) { Covers = ["Ed25519PublicKey.TryImport"] },
        new("x25519-public-key", [Fixed.Bytes(32)], X25519) { Covers = ["X25519PrivateKey.IsPublicKey"] },
    ];

    private static byte[] PublicKey(int first)
    {
        using var key = Fixed.Signer((byte)first);
        return key.PublicKey.Bytes.ToArray();
    }

    private static bool ReadBase64Url(byte[] input)
    {
        var text = Text.Of(input);
        if (!Base64UrlText.TryDecode(text, out var bytes))
            return false;
        Require(Base64UrlText.Encode(bytes) == text, "Encoding again gives the same text.");
        return true;
    }

    private static bool ReadFields(byte[] input)
    {
        ReadOnlyMemory<byte> rest = input;
        for (var before = rest; Fields.TryRead(ref rest, out var field); before = rest)
        {
            Require(BinaryPrimitives.ReadUInt32BigEndian(before.Span) == field.Length, "A field is as long as it says.");
            Require(before.Length == sizeof(uint) + field.Length + rest.Length, "What is left is behind the field.");
            Require(before.Span.Slice(sizeof(uint), field.Length).SequenceEqual(field.Span), "A field is its bytes.");
        }

        Require(input.AsSpan().EndsWith(rest.Span), "What is left is the end.");
        return rest.IsEmpty;
    }

    private static bool ReadUuid(byte[] input)
    {
        var text = Text.Of(input);
        var accepted = AccountId.TryParse(text, out var account);
        Require(accepted == UuidConverter.TryParse(text, out _), "Both sides read the same ids.");
        Require(accepted == SlotId.TryParse(text, out _) && accepted == KeyEncryptionKeyId.TryParse(text, out _), "One form for all ids.");
        Require(accepted == KeyId.TryParse(text, out _) && accepted == DataId.TryParse(text, out _), "One form for all ids.");
        Require(accepted == SessionId.TryParse(text, out _), "One form for all ids.");
        Require(accepted == RelationshipId.TryParse(text, out _) && accepted == ShareId.TryParse(text, out _) && accepted == LetterId.TryParse(text, out _) && accepted == RecoveryRecordId.TryParse(text, out _)
            && accepted == GuardianHandle.TryParse(text, out _) && accepted == RecoveryDeviceId.TryParse(text, out _), "One form for all ids.");
        Require(accepted == DeviceId.TryParse(text, out _), "One form for all ids.");
        Require(!accepted || account.ToString() == text, "Writing it again gives the same text.");
        return accepted;
    }

    private static bool ReadSessionKeyId(byte[] input)
    {
        var text = Text.Of(input);
        if (!SessionKeyId.TryParse(text, out var keyId))
            return false;
        Require(keyId.ToString() == text, "Writing it again gives the same text.");
        return true;
    }

    private static bool ReadEd25519(byte[] input)
    {
        if (!Ed25519PublicKey.TryImport(input, out var key))
            return false;
        Require(key.Bytes.SequenceEqual(input), "It holds the bytes that it was read from.");
        Require(Did.TryParse(Did.Of(key).ToString(), out var did) && key.Equals(did.PublicKey), "Its DID leads back to it.");
        return true;
    }

    private static bool X25519(byte[] input)
    {
        var accepted = X25519PrivateKey.IsPublicKey(input);
        using var own = X25519PrivateKey.FromScalar(Fixed.Bytes(32, 3));
        if (accepted)
            own.Agree(input).Dispose();
        return accepted;
    }
}
