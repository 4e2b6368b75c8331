using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Tests.ChunkedEncryption;

/// <summary>Wycheproof's Cobblestone-256 messages through <see cref="OpeningStream"/>, sequentially and at random; all 35 count.</summary>
public sealed class ChunkedEncryptionVectorTests
{
    private const string File = "c2sp_chunked_encryption_aes_256_gcm_test.json";

    [Fact]
    public void B10_D10_J01_all_35_public_vectors_read_as_a_stream_give_what_they_say()
    {
        var seen = 0;
        foreach (var (_, theCase) in PublicVectors.Wycheproof(File))
        {
            using var released = new MemoryStream();
            var valid = Reads(theCase, seekable: false, stream => stream.CopyTo(released));

            Assert.Equal(theCase.Text("result") == "valid", valid);
            AssertIsThePlaintextSaid(theCase, released.ToArray());
            seen++;
        }

        Assert.Equal(35, seen);
    }

    [Fact]
    public void All_35_public_vectors_authenticate_their_length_exactly_where_they_say()
    {
        var seen = 0;
        foreach (var (_, theCase) in PublicVectors.Wycheproof(File))
        {
            var length = -1L;
            var trusted = Reads(theCase, seekable: true, stream => length = stream.Length);

            var valid = theCase.Text("result") == "valid";
            Assert.Equal(valid || HasFlag(theCase, "ValidFinalChunk"), trusted);
            if (valid)
                Assert.Equal(theCase.GetProperty("msgLength").GetInt64(), length);
            seen++;
        }

        Assert.Equal(35, seen);
    }

    [Fact]
    public void A_public_vector_whose_header_must_fail_fails_before_a_chunk_is_read()
    {
        var seen = 0;
        foreach (var (_, theCase) in PublicVectors.Wycheproof(File).Where(each => HasFlag(each.Case, "HeaderFailure")))
        {
            Assert.False(Reads(theCase, seekable: false, _ => Assert.Fail("The header was accepted.")));
            seen++;
        }

        Assert.Equal(10, seen);
    }

    [Fact]
    public void J01_a_failed_stream_keeps_failing()
    {
        var seen = 0;
        foreach (var (_, theCase) in PublicVectors.Wycheproof(File).Where(each => HasFlag(each.Case, "PartialPlaintext")))
        {
            Reads(theCase, seekable: true, stream =>
            {
                Assert.Throws<OpenFailedException>(() => stream.CopyTo(Stream.Null));
                Assert.Throws<OpenFailedException>(() => stream.ReadByte());
                Assert.Throws<OpenFailedException>(() => stream.Seek(0, SeekOrigin.Begin));
                seen++;
            });
        }

        Assert.Equal(9, seen);
    }

    private static bool Reads(JsonElement theCase, bool seekable, Action<OpeningStream> use)
    {
        // Only the version byte is ours; the message behind it is the vector's.
        var envelope = (byte[])[Envelope.Version, .. Inflate(theCase.Hex("ct"))];
        var header = envelope.AsSpan(0, Math.Min(Envelope.HeaderLength, envelope.Length));
        using var key = SecretBytes.CopyOf(theCase.Hex("key"));
        using var rest = new MemoryStream(envelope[header.Length..]);
        using var source = seekable ? rest : (Stream)new TricklingSource(rest);
        try
        {
            using var opening = new OpeningStream(source, header, key, theCase.Hex("ctx"));
            use(opening);
            return true;
        }
        catch (OpenFailedException)
        {
            return false;
        }
        catch (ArgumentException) when (HasFlag(theCase, "InvalidKeySize"))
        {
            return false;
        }
    }

    private static void AssertIsThePlaintextSaid(JsonElement theCase, byte[] plaintext)
    {
        var length = theCase.TryGetProperty("msgLength", out var said) ? said.GetInt32() : 0;
        Assert.Equal(length, plaintext.Length);
        if (length > 0)
            Assert.Equal(theCase.Hex("msgSha512"), SHA512.HashData(plaintext));
    }

    private static bool HasFlag(JsonElement theCase, string flag) =>
        theCase.GetProperty("flags").EnumerateArray().Any(each => each.GetString() == flag);

    private static byte[] Inflate(byte[] compressed)
    {
        using var inflating = new ZLibStream(new MemoryStream(compressed), CompressionMode.Decompress);
        using var inflated = new MemoryStream();
        inflating.CopyTo(inflated);
        return inflated.ToArray();
    }
}
