using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Vault;

/// <summary>Seals content of any length as an attachment, under an id and a key of its own, in constant memory (docs/spec/vault.md section 6).</summary>
public sealed class AttachmentSealing : IAsyncDisposable
{
    private static readonly ReadOnlyMemory<byte> Mark = new byte[] { 0x80 };
    private static readonly ReadOnlyMemory<byte> Zeros = new byte[64 * 1024];

    private readonly SecretBytes key;
    private readonly SealingStream sealing;
    private readonly string? fileName, mediaType;
    private long size, padded;

    /// <param name="vault">The account at the Vault.</param>
    /// <param name="destination">Takes what the Vault is to keep. Stays open.</param>
    /// <param name="fileName">1 to <see cref="Attachment.MaxFileNameLength"/> bytes of UTF-8 without control characters or slashes; null for none.</param>
    /// <param name="mediaType">1 to <see cref="Attachment.MaxMediaTypeLength"/> printable ASCII characters; null for none.</param>
    /// <exception cref="ArgumentException">One of the two is not like that.</exception>
    public AttachmentSealing(AccountId vault, Stream destination, string? fileName = null, string? mediaType = null)
        : this(id => Contexts.VaultAttachment(vault, id), destination, fileName, mediaType)
    {
    }

    /// <summary>Seals it for the other party of a relationship (docs/spec/relationships.md section 7): what is stored has nothing in common with the account's own attachment.</summary>
    /// <inheritdoc cref="AttachmentSealing(AccountId, Stream, string?, string?)"/>
    public AttachmentSealing(RelationshipId relationship, Stream destination, string? fileName = null, string? mediaType = null)
        : this(id => Contexts.SharedAttachment(relationship, id), destination, fileName, mediaType)
    {
    }

    internal AttachmentSealing(byte[] context, AttachmentId id, SecretBytes key, Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        (Id, this.key) = (id, key);
        sealing = new SealingStream(destination, key, context);
    }

    private AttachmentSealing(Func<AttachmentId, byte[]> contextOf, Stream destination, string? fileName, string? mediaType)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (Attachment.Check(fileName, mediaType) is { } wrong)
            throw new ArgumentException(wrong);
        (this.fileName, this.mediaType) = (fileName, mediaType);
        (Id, key) = (AttachmentId.Generate(), SecretBytes.Generate(Attachment.KeySize));
        sealing = new SealingStream(destination, key, contextOf(Id));
    }

    public AttachmentId Id { get; }

    /// <summary>Bytes of content so far.</summary>
    public long Size => size;

    /// <exception cref="ArgumentException">The content is longer than <see cref="Attachment.MaxSize"/>.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        if (size + content.Length > Attachment.MaxSize)
            throw new ArgumentException($"An attachment has at most {Attachment.MaxSize} bytes.", nameof(content));
        await sealing.WriteAsync(content, cancellationToken).ConfigureAwait(false);
        size += content.Length;
    }

    /// <summary>Writes the next of what hides how long the content is; to be called, with the content all written, until it has returned true.</summary>
    /// <returns>Whether the envelope is whole.</returns>
    public async Task<bool> PadAsync(CancellationToken cancellationToken = default)
    {
        var left = Padding.ShortestLength(size) - size - padded;
        if (left == 0)
        {
            await sealing.CompleteAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }

        var next = padded == 0 ? Mark : Zeros[..(int)Math.Min(Zeros.Length, left)];
        await sealing.WriteAsync(next, cancellationToken).ConfigureAwait(false);
        padded += next.Length;
        return false;
    }

    /// <summary>What the attribute says; once the envelope is whole.</summary>
    public Attachment ToAttachment() => new(new AttachmentMembers(Id, key.DangerousSpan.ToArray(), sealing.Header, size, fileName, mediaType));

    public async ValueTask DisposeAsync()
    {
        await sealing.DisposeAsync().ConfigureAwait(false);
        key.Dispose();
    }
}
