using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Vault;

/// <summary>
/// What an attribute says of content that is too large for it: under which id the Vault keeps that, how long it is, and the key that opens it
/// (docs/spec/vault.md section 6). <see cref="AttachmentSealing"/> makes one.
/// </summary>
public sealed class Attachment
{
    /// <summary>Bytes of UTF-8 that a file's name may have.</summary>
    public const int MaxFileNameLength = 256;

    /// <summary>Characters that a media type may have.</summary>
    public const int MaxMediaTypeLength = 128;

    /// <summary>Bytes of content.</summary>
    public const long MaxSize = 1L << 50;

    internal const int KeySize = 32;

    private static readonly AttachmentJson Json = new(StrictJson.CreateOptions());

    private readonly AttachmentMembers members;

    internal Attachment(AttachmentMembers members) => this.members = members;

    public AttachmentId Id => members.Id;

    /// <summary>Bytes of the content.</summary>
    public long Size => members.Size;

    /// <summary>Null for none.</summary>
    public string? FileName => members.File;

    /// <summary>What the person's program took it for; null for none.</summary>
    public string? MediaType => members.MediaType;

    /// <summary>Bytes that the Vault keeps.</summary>
    public long SealedLength => 1 + Cobblestone.MessageLength(Padding.ShortestLength(Size));

    /// <param name="vault">The account at the Vault.</param>
    /// <param name="sealedContent">Can seek, over <see cref="SealedLength"/> bytes from 0 on: what the Vault keeps, or says it does. Ends with the result.</param>
    /// <returns>
    /// The content: every byte that is read has been verified, from wherever it is read. Its end is reported once the last chunk has been
    /// verified too; asynchronous reads alone.
    /// </returns>
    /// <exception cref="OpenFailedException">The header is not of this key, account and id; reading throws it where the rest is not.</exception>
    public Stream Open(AccountId vault, Stream sealedContent)
    {
        ArgumentNullException.ThrowIfNull(sealedContent);
        using var key = SecretBytes.CopyOf(members.Key);
        sealedContent.Position = Envelope.HeaderLength;
        return new AttachmentStream(
            new OpeningStream(sealedContent, members.Header, key, Contexts.VaultAttachment(vault, Id), Padding.ShortestLength(Size)), sealedContent, Size);
    }

    /// <param name="name">Of the attribute: 1 to <see cref="ItemAttribute.MaxNameLength"/> bytes of UTF-8 without control characters.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public ItemAttribute ToAttribute(string name) =>
        ItemAttribute.Create(name, AttributeType.Attachment, StrictJson.Write(members, Json.AttachmentMembers));

    /// <summary>Shows the id: the rest is the person's own.</summary>
    public override string ToString() => $"attachment {Id}";

    internal static bool TryDecode(ReadOnlySpan<byte> json, [NotNullWhen(true)] out Attachment? attachment)
    {
        attachment = StrictJson.TryRead(json, Json.AttachmentMembers, out var members)
            && members is { Key.Length: KeySize, Header.Length: Envelope.HeaderLength, Size: >= 0 and <= MaxSize }
            && Check(members.File, members.MediaType) is null
            ? new Attachment(members)
            : null;
        return attachment is not null;
    }

    /// <returns>Null if both are in the form that they have; else what is wrong, as a sentence for a person.</returns>
    internal static string? Check(string? fileName, string? mediaType) =>
        fileName is not null && (!PlainText.Fits(fileName, MaxFileNameLength) || fileName.AsSpan().ContainsAny('/', '\\') || fileName is "." or "..")
            ? $"A file's name has 1 to {MaxFileNameLength} bytes of UTF-8 and no control characters or slashes."
        : mediaType is not null && (mediaType.Length is < 1 or > MaxMediaTypeLength || mediaType.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            ? $"A media type has 1 to {MaxMediaTypeLength} printable ASCII characters."
        : null;
}

internal sealed record AttachmentMembers(AttachmentId Id, byte[] Key, byte[] Header, long Size, string? File = null, string? MediaType = null);

[JsonSerializable(typeof(AttachmentMembers))]
internal sealed partial class AttachmentJson : JsonSerializerContext;
