using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Keys.Recovery;

/// <summary>
/// What a person gets back: where the account is, which one it is, and its words (docs/spec/passphrase-store.md section 1).
/// </summary>
public sealed class RecoveryKit : IDisposable
{
    /// <summary>Characters that the address of the Keystore may have, as in an overview (docs/spec/envelopes.md).</summary>
    public const int MaxOriginLength = Envelopes.KeyService.MaxOriginLength;

    private const long Version = 1;

    private static readonly KitJson Json = new(StrictJson.CreateOptions());

    /// <param name="keystore">Where the account is.</param>
    /// <param name="account">There.</param>
    /// <param name="identity">What <see cref="IdentityOf"/> says of the account.</param>
    /// <param name="words">Belong to the kit from here on.</param>
    /// <exception cref="ArgumentException">The way to the Keystore would be open to everybody, or its address is too long.</exception>
    public RecoveryKit(Origin keystore, AccountId account, Hash256 identity, Words words)
    {
        ArgumentNullException.ThrowIfNull(keystore);
        ArgumentNullException.ThrowIfNull(words);
        if (!IsPlace(keystore))
            throw new ArgumentException("A kit is for a Keystore at an https address of usual length, or on this machine.", nameof(keystore));
        (Keystore, Account, Identity, Words) = (keystore, account, identity, words);
    }

    /// <summary>Where the account is.</summary>
    public Origin Keystore { get; }

    /// <summary>There.</summary>
    public AccountId Account { get; }

    /// <summary>Fingerprint of the account's identity key, as <see cref="IdentityOf"/> makes it: the account that opens must have it.</summary>
    public Hash256 Identity { get; }

    /// <summary>They unlock the account, and belong to the kit.</summary>
    public Words Words { get; }

    /// <summary>The fingerprint of an account's root of trust: account id and identity key, which it keeps for its life.</summary>
    public static Hash256 IdentityOf(AccountId account, Ed25519PublicKey identityKey)
    {
        ArgumentNullException.ThrowIfNull(identityKey);
        return Hash256.Of(Fields.Encode(Envelopes.Labels.RecoveryIdentity, account, identityKey.Bytes.ToArray()));
    }

    public void Dispose() => Words.Dispose();

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(RecoveryKit);

    internal SecretBytes Encode()
    {
        var members = $$"""{"version":{{Version}},"keystore":"{{Keystore}}","account":"{{Account}}","identity":"{{Base64UrlText.Encode(Identity.ToArray())}}","words":""";
        using var words = Words.ToPassword();
        // By hand, so that the words are in no buffer of the serializer's; an origin and words have nothing that JSON escapes.
        return SecretBytes.Create(members.Length + words.Length + 3, (members, words), static (bytes, parts) =>
        {
            var written = Encoding.ASCII.GetBytes(parts.members, bytes);
            bytes[written++] = (byte)'"';
            parts.words.DangerousSpan.CopyTo(bytes[written..]);
            "\"}"u8.CopyTo(bytes[(written + parts.words.Length)..]);
        });
    }

    internal static bool TryDecode(ReadOnlySpan<byte> json, [NotNullWhen(true)] out RecoveryKit? kit)
    {
        kit = null;
        if (!StrictJson.TryRead(json, Json.Members, out var members))
            return false;
        if (members.Version == Version && IsPlace(members.Keystore) && members.Identity.Length == Hash256.Size)
            kit = new RecoveryKit(members.Keystore, members.Account, new Hash256(members.Identity), members.Words);
        else
            members.Words.Dispose();
        return kit is not null;
    }

    private static bool IsPlace(Origin keystore) => keystore.IsSecure && keystore.ToString().Length <= MaxOriginLength;

    internal sealed class Members
    {
        public required long Version { get; init; }

        public required Origin Keystore { get; init; }

        public required AccountId Account { get; init; }

        public required byte[] Identity { get; init; }

        [JsonConverter(typeof(WordsConverter))]
        public required Words Words { get; init; }
    }

    /// <summary>Reads words from where they stand, so that no string of them comes to be.</summary>
    internal sealed class WordsConverter : JsonConverter<Words>
    {
        public override Words Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            Span<char> text = stackalloc char[Words.MaxTextLength];
            try
            {
                if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence || reader.ValueIsEscaped
                    || reader.ValueSpan.Length > text.Length || !Ascii.IsValid(reader.ValueSpan))
                    throw new JsonException("Words must stand there as they are written.");
                var read = text[..Encoding.ASCII.GetChars(reader.ValueSpan, text)];
                if (!Words.TryParse(read, out var words, out _))
                    throw new JsonException("These are no words.");
                using var canonical = words.ToPassword();
                if (canonical.FixedTimeEquals(reader.ValueSpan))
                    return words;
                words.Dispose();
                throw new JsonException("Words must stand there as they are written.");
            }
            finally
            {
                CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(text));
            }
        }

        public override void Write(Utf8JsonWriter writer, Words value, JsonSerializerOptions options) =>
            throw new NotSupportedException("A kit is written by hand.");
    }
}

[JsonSerializable(typeof(RecoveryKit.Members))]
internal sealed partial class KitJson : JsonSerializerContext;
