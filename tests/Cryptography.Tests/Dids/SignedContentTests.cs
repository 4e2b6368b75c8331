using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Dids;

public sealed class SignedContentTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly byte[] Text = "A letter of some length."u8.ToArray();

    private readonly Ed25519PrivateKey key = Ed25519PrivateKey.Generate();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Did Signer => Did.Of(key.PublicKey);

    public void Dispose() => key.Dispose();

    [Fact]
    public async Task What_was_signed_verifies_against_the_DID()
    {
        var jws = await SignAsync(Text);
        Assert.True(SignedContent.TryVerifyStatement(jws, Signer, out var statement));
        Assert.Equal(Signer, statement.Signer);
        Assert.Equal(1_800_000_000, statement.IssuedAt);
        Assert.Equal(SHA512.HashData(Text), statement.Sha512);
        Assert.Equal(Text.Length, statement.Size);
        Assert.True(await statement.MatchesAsync(new MemoryStream(Text), Cancellation));
    }

    [Fact]
    public async Task The_payload_is_that_of_the_spec() =>
        Assert.Equal(
            $$"""{"iss":"{{Signer}}","iat":1800000000,"sha512":"{{Base64UrlText.Encode(SHA512.HashData(Text))}}","size":{{Text.Length}}}""",
            Encoding.UTF8.GetString(Payload(await SignAsync(Text))));

    [Fact]
    public async Task Content_with_a_changed_byte_a_byte_less_or_a_byte_more_does_not_match()
    {
        Assert.True(SignedContent.TryVerifyStatement(await SignAsync(Text), Signer, out var statement));
        var changed = (byte[])Text.Clone();
        changed[^1] ^= 1;
        foreach (var other in new[] { changed, Text[..^1], [.. Text, 0], [] })
            Assert.False(await statement.MatchesAsync(new MemoryStream(other), Cancellation));
        Assert.False(await (statement with { Size = statement.Size + 1 }).MatchesAsync(new MemoryStream(Text), Cancellation));
    }

    [Fact]
    public void The_statement_of_another_DID_is_refused()
    {
        using var other = Ed25519PrivateKey.Generate();
        var jws = Jws.Sign(JwsKind.SignedContent, Encoding.UTF8.GetBytes(Statement(Did.Of(other.PublicKey))), other);
        Assert.True(SignedContent.TryVerifyStatement(jws, Did.Of(other.PublicKey), out _));
        Assert.False(SignedContent.TryVerifyStatement(jws, Signer, out var statement));
        Assert.Null(statement);
    }

    [Fact]
    public void A_statement_that_names_another_DID_is_refused_even_if_the_expected_key_signed_it()
    {
        using var other = Ed25519PrivateKey.Generate();
        Assert.True(Verifies(Statement(Signer)));
        Assert.False(Verifies(Statement(Did.Of(other.PublicKey))));
    }

    [Theory]
    [InlineData("\"size\":0", "\"size\":-1")]
    [InlineData("\"size\":0", "\"size\":0.0")]
    [InlineData("\"size\":0", "\"size\":\"0\"")]
    [InlineData("\"size\":0", "\"size\":0,\"exp\":1")]
    [InlineData(",\"size\":0", "")]
    [InlineData("\"iss\":\"did:", "\"iss\":\"DID:")]
    [InlineData("AA\"", "A\"")]
    [InlineData("AA\"", "AAAAAA\"")]
    [InlineData("AA\"", "AB\"")]
    public void B15_a_payload_in_any_other_form_is_refused_even_if_the_expected_key_signed_it(string old, string changed)
    {
        var statement = Statement(Signer);
        Assert.NotEqual(statement, statement.Replace(old, changed, StringComparison.Ordinal));
        Assert.False(Verifies(statement.Replace(old, changed, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task B13_the_same_payload_signed_by_the_same_key_as_another_kind_is_refused()
    {
        var payload = Payload(await SignAsync(Text));
        foreach (var kind in JwsKind.All)
            Assert.Equal(kind == JwsKind.SignedContent, SignedContent.TryVerifyStatement(Jws.Sign(kind, payload, key), Signer, out _));
    }

    [Fact]
    public async Task Content_is_read_in_pieces_and_to_its_end()
    {
        const long size = (40 * 1024 * 1024) + 7;
        var jws = await SignedContent.SignAsync(new Zeros(size), key, Now, Cancellation);
        Assert.True(SignedContent.TryVerifyStatement(jws, Signer, out var statement));
        Assert.Equal(size, statement.Size);
        Assert.True(await statement.MatchesAsync(new Zeros(size), Cancellation));
        Assert.False(await statement.MatchesAsync(new Zeros(size + 1), Cancellation));
    }

    [Fact]
    public async Task Signing_can_be_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SignedContent.SignAsync(new Zeros(1), key, Now, cancelled.Token));
    }

    private static string Statement(Did issuer) => $$"""{"iss":"{{issuer}}","iat":1,"sha512":"{{new string('A', 86)}}","size":0}""";

    private static byte[] Payload(string jws) => Base64UrlText.TryDecode(jws.Split('.')[1], out var payload) ? payload : [];

    private Task<string> SignAsync(byte[] content) => SignedContent.SignAsync(new MemoryStream(content), key, Now, Cancellation);

    private bool Verifies(string statement) =>
        SignedContent.TryVerifyStatement(Jws.Sign(JwsKind.SignedContent, Encoding.UTF8.GetBytes(statement), key), Signer, out _);

    /// <summary>Content that is nowhere in memory as a whole, comes in odd pieces, and is not asked for much at a time.</summary>
    private sealed class Zeros(long length) : Stream
    {
        private const int MostAtATime = 1024 * 1024;

        private long position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Assert.True(buffer.Length <= MostAtATime);
            var count = (int)Math.Min(Math.Min(buffer.Length, 50_001), length - position);
            buffer.Span[..count].Clear();
            position += count;
            return ValueTask.FromResult(count);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
