using Keyladder.Cryptography;

namespace Keyladder.Client;

/// <summary>A Vault's export as it lies in a file: read from anywhere, and by several at once. What it gives may be anything.</summary>
internal sealed class ExportFile(Stream file) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async ValueTask<int> ReadAsync(long offset, Memory<byte> target, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            file.Position = offset;
            return await file.ReadAsync(target, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <param name="offset">Where its header is to stand.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The member with that header, all of it there and zeros behind it; null where the end of the file stands.</returns>
    /// <exception cref="KeyladderException">Something else stands there.</exception>
    public async Task<ExportMember?> ReadMemberAsync(long offset, CancellationToken cancellationToken)
    {
        var header = await ReadAllAsync(offset, TarHeader.Size, cancellationToken).ConfigureAwait(false);
        if (!header.AsSpan().ContainsAnyExcept((byte)0))
        {
            var rest = await ReadAllAsync(offset + TarHeader.Size, TarHeader.Size, cancellationToken).ConfigureAwait(false);
            return !rest.AsSpan().ContainsAnyExcept((byte)0) && file.Length == offset + (2 * TarHeader.Size) ? null : throw Failures.NotAVaultExport();
        }

        if (TarHeader.Read(header) is not var (name, length) || length > file.Length - offset - TarHeader.Size)
            throw Failures.NotAVaultExport();
        var member = new ExportMember(this, name, offset + TarHeader.Size, length);
        var gap = await ReadAllAsync(member.Start + length, TarHeader.Gap(length), cancellationToken).ConfigureAwait(false);
        return gap.AsSpan().ContainsAnyExcept((byte)0) ? throw Failures.NotAVaultExport() : member;
    }

    public async Task<byte[]> ReadAllAsync(long offset, int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[length];
        for (var read = 0; read < length;)
        {
            var more = await ReadAsync(offset + read, bytes.AsMemory(read), cancellationToken).ConfigureAwait(false);
            read += more > 0 ? more : throw Failures.NotAVaultExport();
        }

        return bytes;
    }

    public void Dispose() => _turn.Dispose();
}

/// <param name="File">Where it lies.</param>
/// <param name="Name">As its header says.</param>
/// <param name="Start">Offset of its first byte in the file.</param>
/// <param name="Length">In bytes.</param>
internal sealed record ExportMember(ExportFile File, string Name, long Start, long Length)
{
    public const string Account = "account.jsonl";
    public const string Vault = "vault.jsonl";

    /// <summary>Where the next header stands.</summary>
    public long Next => Start + Length + TarHeader.Gap(Length);

    public static string Of(AttachmentId id) => $"attachments/{id}";

    public Stream Open() => new ExportMemberStream(this);
}
