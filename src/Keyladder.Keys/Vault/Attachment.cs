using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
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
    public Stream Open(AccountId vault, Stream sealedContent) => Open(Contexts.VaultAttachment(vault, Id), sealedContent);

    /// <summary>Opens one that another party has sealed for a relationship.</summary>
    /// <inheritdoc cref="Open(AccountId, Stream)"/>
    public Stream Open(RelationshipId relationship, Stream sealedContent) => Open(Contexts.SharedAttachment(relationship, Id), sealedContent);

    private AttachmentStream Open(byte[] context, Stream sealedContent)
    {
        ArgumentNullException.ThrowIfNull(sealedContent);
        using var key = SecretBytes.CopyOf(members.Key);
        sealedContent.Position = Envelope.HeaderLength;
        return new AttachmentStream(
            new OpeningStream(sealedContent, members.Header, key, context, Padding.ShortestLength(Size)), sealedContent, Size);
    }

    /// <summary>
    /// Copies what the Vault keeps, as it is, and verifies all of it on the way: the header, every chunk, and the padding, which
    /// <see cref="Open(AccountId, Stream)"/> leaves out.
    /// </summary>
    /// <param name="vault">The account at the Vault.</param>
    /// <param name="sealedContent">From its beginning; its end is the envelope's. Stays open.</param>
    /// <param name="destination">Gets each chunk once it has been verified. Stays open.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="OpenFailedException">It is not what the attribute says, from the first byte that was not written on.</exception>
    public async Task CopySealedAsync(AccountId vault, Stream sealedContent, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sealedContent);
        ArgumentNullException.ThrowIfNull(destination);
        var header = new byte[Envelope.HeaderLength];
        await sealedContent.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (!header.AsSpan().SequenceEqual(members.Header))
            throw new OpenFailedException();
        await destination.WriteAsync(header, cancellationToken).ConfigureAwait(false);

        using var key = SecretBytes.CopyOf(members.Key);
        using var copy = new CopyingStream(sealedContent);
        using var padded = new OpeningStream(copy, header, key, Contexts.VaultAttachment(vault, Id));
        var chunk = GC.AllocateArray<byte>(Cobblestone.ChunkLength, pinned: true);
        try
        {
            for (long at = 0; ;)
            {
                var read = await padded.ReadAsync(chunk, cancellationToken).ConfigureAwait(false);
                if (!IsPaddedAt(at, chunk.AsSpan(0, read)) || (read == 0 && at != Padding.ShortestLength(Size)))
                    throw new OpenFailedException();
                await copy.HandOnAsync(destination, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                    return;
                at += read;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chunk);
        }
    }

    /// <param name="name">Of the attribute: 1 to <see cref="ItemAttribute.MaxNameLength"/> bytes of UTF-8 without control characters.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public ItemAttribute ToAttribute(string name) =>
        ItemAttribute.Create(name, AttributeType.Attachment, StrictJson.Write(members, Json.AttachmentMembers));

    /// <summary>Shows the id: the rest is the person's own.</summary>
    public override string ToString() => $"attachment {Id}";

    /// <summary>Whether these bytes, from an offset on, have the padding where it must be: 0x80 behind the content, and zeros.</summary>
    private bool IsPaddedAt(long offset, ReadOnlySpan<byte> bytes)
    {
        var mark = Size - offset;
        if (mark >= bytes.Length)
            return true;
        var behind = bytes[(int)Math.Max(0, mark + 1)..];
        return (mark < 0 || bytes[(int)mark] == 0x80) && !behind.ContainsAnyExcept((byte)0);
    }

    /// <param name="json">The value of an attribute of the type <see cref="AttributeType.Attachment"/>.</param>
    /// <param name="attachment">What it says.</param>
    /// <returns>False if it says no such thing.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> json, [NotNullWhen(true)] out Attachment? attachment)
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
