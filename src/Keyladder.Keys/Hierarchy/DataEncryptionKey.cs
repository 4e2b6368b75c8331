using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>
/// What personal and sharing DEKs have in common: they seal data and files, each under contexts of its own kind, and wrap no key.
/// </summary>
public abstract class DataEncryptionKey : KeystoreKey
{
    internal const int KeySize = 32;

    private readonly SecretBytes key;

    private protected DataEncryptionKey(
        AccountId account, KeyId id, KeyPurpose purpose, KeyState state, SecretBytes key, KeyService? service = null)
        : base(account, id, purpose, state, service) => this.key = key;

    /// <summary>For what a kind of DEK seals besides data and files; it asks <see cref="KeystoreKey.State"/> first.</summary>
    private protected SecretBytes Key => key;

    /// <summary>The 32 bytes of the key: whoever has them opens what it sealed, as docs/spec/envelopes.md has it.</summary>
    /// <returns>To be disposed of.</returns>
    public SecretBytes DangerousExport() => CopyKeyBytes();

    /// <param name="id">Names the object; the app keeps it beside the envelope.</param>
    /// <param name="revision">From 1; counts changes of the content. An older revision does not open as a newer one.</param>
    /// <returns>The envelope; it shows the length of the data, rounded up.</returns>
    /// <exception cref="KeyStateException">The key is not active.</exception>
    public byte[] Seal(DataId id, ReadOnlySpan<byte> data, long revision = 1)
    {
        RequireSealing("seals");
        return Envelope.Seal(key, DataContext(id, revision), data, Padding.Shortest);
    }

    /// <summary>The same into memory that exists, for what is large or many.</summary>
    /// <param name="destination">Takes <see cref="SealedLength"/> bytes; apart from the data.</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="KeyStateException">The key is not active.</exception>
    /// <exception cref="ArgumentException">The destination is too short, or overlaps the data.</exception>
    public int Seal(DataId id, ReadOnlySpan<byte> data, Span<byte> destination, long revision = 1)
    {
        RequireSealing("seals");
        return Envelope.Seal(key, DataContext(id, revision), data, Padding.Shortest, destination);
    }

    /// <returns>How many bytes the envelope of that many bytes of data has.</returns>
    /// <exception cref="ArgumentException">It would be too long for one array.</exception>
    public static int SealedLength(int dataLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dataLength);
        return Envelope.SealedLength(dataLength, Padding.Shortest);
    }

    /// <exception cref="OpenFailedException">This key did not seal it as that revision of that object, or it was altered.</exception>
    /// <exception cref="KeyStateException">The key has not been activated.</exception>
    public byte[] Open(DataId id, ReadOnlySpan<byte> envelope, long revision = 1)
    {
        RequireOpening();
        return Envelope.Open(key, DataContext(id, revision), envelope, Padding.Shortest);
    }

    /// <summary>The same into memory that exists, for what is large or many.</summary>
    /// <param name="destination">
    /// As many bytes as the envelope has are always enough; apart from it. Holds nothing of the data unless all of it has been verified.
    /// </param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="OpenFailedException">This key did not seal it as that revision of that object, or it was altered.</exception>
    /// <exception cref="KeyStateException">The key has not been activated.</exception>
    /// <exception cref="ArgumentException">The destination is too short for the data, or overlaps the envelope.</exception>
    public int Open(DataId id, ReadOnlySpan<byte> envelope, Span<byte> destination, long revision = 1)
    {
        RequireOpening();
        return Envelope.Open(key, DataContext(id, revision), envelope, Padding.Shortest, destination);
    }

    /// <summary>Seals everything that the content still gives as a file of docs/spec/envelopes.md, in constant memory.</summary>
    /// <param name="destination">Holds no file that opens before the task has completed. Stays open.</param>
    /// <exception cref="KeyStateException">The key is not active.</exception>
    public async Task SealFileAsync(Stream content, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(destination);
        RequireSealing("seals");
        await destination.WriteAsync(SealedFile.Signature.ToArray(), cancellationToken).ConfigureAwait(false);
        var sealing = new SealingStream(destination, key, FileContext());
        await using (sealing.ConfigureAwait(false))
        {
            await content.CopyToAsync(sealing, cancellationToken).ConfigureAwait(false);
            await sealing.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether this key sealed the file: the way to find the right one among many, active or not.</summary>
    public bool HasSealed(SealedFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Envelope.IsSealedUnder(key, FileContext(), file.Header);
    }

    /// <returns>
    /// The content: each byte that is read has been verified. The end is reported only after the last chunk has been verified as such;
    /// until then, put what was read aside. If the source can seek, so can this. It stays open when this is disposed of.
    /// </returns>
    /// <exception cref="OpenFailedException">
    /// This key did not seal the file; reading throws it where the file was altered or cut.
    /// </exception>
    /// <exception cref="KeyStateException">The key has not been activated.</exception>
    public Stream OpenFile(SealedFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        RequireOpening();
        return new OpeningStream(file.Rest, file.Header, key, FileContext());
    }

    private protected sealed override void Erase() => key.Dispose();

    internal sealed override SecretBytes CopyKeyBytes() => SecretBytes.CopyOf(key.DangerousSpan);

    private protected abstract byte[] DataContext(DataId id, long revision);

    private protected abstract byte[] FileContext();
}
