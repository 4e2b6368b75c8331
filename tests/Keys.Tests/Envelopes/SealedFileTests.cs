using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Keys.Tests.Envelopes;

/// <summary>docs/spec/envelopes.md, section "Files".</summary>
public sealed class SealedFileTests
{
    private const int Overhead = 18 + 1 + 24 + 32;
    private const int Chunk = 16_384;

    private static readonly AccountId Account = AccountId.Generate();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Chunk - 1)]
    [InlineData(Chunk)]
    [InlineData(Chunk + 1)]
    [InlineData((5 * Chunk) + 77)]
    public void Content_of_any_length_comes_back_and_the_file_is_as_long_as_the_specification_says(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        foreach (var dek in (DataEncryptionKey[])[PersonalDataEncryptionKey.Generate(Account), SharingDataEncryptionKey.Generate(Account)])
        {
            using (dek)
            {
                var file = Files.Seal(dek, content);
                Assert.Equal(content, Files.Open(dek, file));
                Assert.Equal(Overhead + length + (((length / Chunk) + 1) * 16), file.Length);
            }
        }
    }

    [Fact]
    public async Task The_key_of_a_file_is_found_among_many_by_one_look_at_each()
    {
        DataEncryptionKey[] deks =
        [
            .. Enumerable.Range(0, 20).Select(_ => PersonalDataEncryptionKey.Generate(Account)), .. Enumerable.Range(0, 20).Select(_ => SharingDataEncryptionKey.Generate(Account)),
        ];
        foreach (var dek in deks)
        {
            var sealedFile = Files.Seal(dek, [1, 2, 3]);
            var source = new MemoryStream(sealedFile);
            var file = await SealedFile.TryReadAsync(source, Cancelled);

            Assert.NotNull(file);
            Assert.Equal([dek], deks.Where(one => one.HasSealed(file)));
            Assert.Equal(Overhead, source.Position);
            Assert.Throws<OpenFailedException>(() => deks.First(one => one != dek).OpenFile(file));
            using var opened = dek.OpenFile(file);
            Assert.Equal(1, opened.ReadByte());
        }

        Array.ForEach(deks, dek => dek.Dispose());
    }

    [Fact]
    public async Task E01_at_most_one_key_is_found_even_if_the_commitment_is_that_of_another()
    {
        using var one = SharingDataEncryptionKey.Generate(Account);
        using var other = SharingDataEncryptionKey.Generate(Account);
        var (file, foreign) = (Files.Seal(one, [1]), Files.Seal(other, [1]));
        foreign.AsSpan(18 + 1 + 24, 32).CopyTo(file.AsSpan(18 + 1 + 24));

        var read = await SealedFile.TryReadAsync(new MemoryStream(file), Cancelled);
        Assert.False(one.HasSealed(read!));
        Assert.False(other.HasSealed(read!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("keyladder-file/v1")]
    [InlineData("keyladder-file/v2\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("PK and so on, longer than any header of a file of ours, so that nothing but the start decides")]
    public async Task What_does_not_start_like_a_file_is_none(string start) =>
        Assert.Null(await SealedFile.TryReadAsync(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(start)), Cancelled));

    [Fact]
    public async Task D10_J01_a_cut_file_never_reports_its_end()
    {
        using var dek = PersonalDataEncryptionKey.Generate(Account);
        var file = Files.Seal(dek, RandomNumberGenerator.GetBytes(3 * Chunk));
        foreach (var length in (int[])[Overhead, Overhead + 16 + Chunk, Overhead + (2 * (16 + Chunk)), Overhead + (3 * (16 + Chunk)), file.Length - 1])
        {
            var read = await SealedFile.TryReadAsync(new MemoryStream(file[..length]), Cancelled);
            var content = new MemoryStream();
            await Assert.ThrowsAsync<OpenFailedException>(() => dek.OpenFile(read!).CopyToAsync(content, Cancelled));
            Assert.Equal(0, content.Length % Chunk);
        }
    }

    [Fact]
    public async Task A_file_whose_content_could_not_be_read_to_its_end_does_not_open()
    {
        using var dek = PersonalDataEncryptionKey.Generate(Account);
        var destination = new MemoryStream();
        await Assert.ThrowsAsync<IOException>(() => dek.SealFileAsync(new BreakingStream(Chunk * 2), destination, Cancelled));

        var read = await SealedFile.TryReadAsync(new MemoryStream(destination.ToArray()), Cancelled);
        await Assert.ThrowsAsync<OpenFailedException>(() => dek.OpenFile(read!).CopyToAsync(Stream.Null, Cancelled));
    }

    [Fact]
    public async Task Sealing_can_be_cancelled()
    {
        using var dek = PersonalDataEncryptionKey.Generate(Account);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dek.SealFileAsync(new MemoryStream([1]), new MemoryStream(), new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task An_opened_file_can_be_read_after_its_key_has_been_disposed_of()
    {
        var dek = PersonalDataEncryptionKey.Generate(Account);
        var read = await SealedFile.TryReadAsync(new MemoryStream(Files.Seal(dek, [1, 2, 3])), Cancelled);
        using var opened = dek.OpenFile(read!);
        dek.Dispose();
        var content = new byte[3];
        await opened.ReadExactlyAsync(content, Cancelled);
        Assert.Equal([1, 2, 3], content);
    }

    /// <summary>A source that fails after some bytes, as a disk or a pipe does.</summary>
    private sealed class BreakingStream(int breaksAfter) : MemoryStream(new byte[breaksAfter])
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position < Length ? base.ReadAsync(buffer, cancellationToken) : throw new IOException("The source broke.");

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => CopyAsync(destination, cancellationToken);

        private async Task CopyAsync(Stream destination, CancellationToken cancellationToken)
        {
            var buffer = new byte[1000];
            while (true)
                await destination.WriteAsync(buffer.AsMemory(0, await ReadAsync(buffer, cancellationToken)), cancellationToken);
        }
    }
}
