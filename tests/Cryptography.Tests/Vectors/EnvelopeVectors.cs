using System.Text.Json;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Tests.ChunkedEncryption;
using Keyladder.Vectors;
using PaddingRule = Keyladder.Cryptography.ChunkedEncryption.Padding;

namespace Keyladder.Cryptography.Tests.Vectors;

internal static class EnvelopeVectors
{
    /// <summary>Opened at once, read from front to end, and read from a source that can seek: all must say the same.</summary>
    public static bool Chunks(VectorCase vector)
    {
        var envelope = vector.Bytes("envelope");
        using var key = SecretBytes.CopyOf(vector.Bytes("key"));
        var context = vector.Bytes("context");
        var headerLength = Math.Min(envelope.Length, Envelope.HeaderLength);

        var plaintext = Try(() => Envelope.Open(key, context, envelope, PaddingRule.None));
        Assert.Equal(plaintext, Try(() => Read(new TricklingSource(new MemoryStream(envelope[headerLength..])))));
        Assert.Equal(plaintext, Try(() => Read(new MemoryStream(envelope[headerLength..]))));
        if (plaintext is null)
            return false;

        vector.GivesSha256("envelopeSha256", envelope);
        vector.Gives("plaintextLength", plaintext.Length);
        vector.GivesSha256("plaintextSha256", plaintext);
        return true;

        byte[] Read(Stream source)
        {
            using var opening = new OpeningStream(source, envelope.AsSpan(0, headerLength), key, context);
            using var read = new MemoryStream();
            opening.CopyTo(read);
            return read.ToArray();
        }
    }

    /// <summary>Padding is put on by sealing and taken off by opening; without padding, an envelope shows what is in it.</summary>
    public static bool Padding(VectorCase vector)
    {
        var rule = vector.Json("padding") is { ValueKind: JsonValueKind.Number } length ? PaddingRule.Fixed(length.GetInt32()) : PaddingRule.Shortest;
        using var key = SecretBytes.Generate(Cobblestone.KeyLength);
        if (vector.Has("padded"))
            return Try(() => Envelope.Open(key, [], Envelope.Seal(key, [], vector.Bytes("padded"), PaddingRule.None), rule)) is not null;

        var content = vector.Bytes("content");
        var envelope = Envelope.Seal(key, [], content, rule);
        var padded = Envelope.Open(key, [], envelope, PaddingRule.None);
        vector.Gives("paddedLength", padded.Length);
        vector.GivesSha256("paddedSha256", padded);
        return content.AsSpan().SequenceEqual(Try(() => Envelope.Open(key, [], envelope, rule)));
    }

    private static byte[]? Try(Func<byte[]> open)
    {
        try
        {
            return open();
        }
        catch (OpenFailedException)
        {
            return null;
        }
    }
}
