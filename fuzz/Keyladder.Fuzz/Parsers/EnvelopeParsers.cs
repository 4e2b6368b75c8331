using System.Security.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.PublicKeyEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>Envelopes, streams and files (docs/spec/envelopes.md), and what is sealed to a public key (docs/spec/hpke.md): as they come, and with any plaintext behind a genuine seal.</summary>
internal static class EnvelopeParsers
{
    private static readonly SecretBytes Key = Fixed.Secret(31);
    private static readonly XWingPrivateKey Recipient = XWingPrivateKey.FromSeed(Fixed.Bytes(XWingPrivateKey.Size, 32));
    private static readonly byte[] Context = Fixed.Bytes(40);
    private static readonly int[] Lengths = [0, 1, 63, 64, 500, 16383, 16384, 16385, 40000];
    private static readonly Padding[] Paddings = [Padding.None, Padding.Shortest, Padding.Fixed(128), Padding.Fixed(512)];

    // A stream and its chunk are pinned buffers of 16 KiB, whatever is read.
    private const int BufferBytes = 256 * 1024;

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("envelope", [.. Lengths.Select(length => Sealed.Envelope(Key, Context, Fixed.Bytes(length)))], OpenEnvelope)
        {
            Covers =
            [
                "Envelope.Open", "Envelope.OpenSecret", "Envelope.OpenMessage", "Envelope.IsSealedUnder", "ChunkCipher.TryOpen", "EnvelopeReader.TryOpen",
                "ChunkCipher.Commits",
            ],
            MoreBytes = BufferBytes,
        },
        new("envelope-content", [.. Paddings.SelectMany(Contents)], OpenContent)
        {
            Covers = ["Envelope.Open", "Padding.TryRemove"],
            MoreBytes = BufferBytes,
        },
        new("stream", [.. Lengths.Select(length => Sealed.Envelope(Key, Context, Fixed.Bytes(length)))], OpenStream)
        {
            Covers = ["OpeningStream.Read", "OpeningStream.ReadAsync"],
            MoreBytes = BufferBytes,
        },
        new("sealed-file", [.. Lengths.Select(File)], OpenFile)
        {
            Covers = ["SealedFile.TryReadAsync", "DataEncryptionKey.OpenFile", "DataEncryptionKey.HasSealed"],
            Refusals = [typeof(OpenFailedException)],
            MoreBytes = BufferBytes,
        },
        new("data", [.. Lengths.Take(5).Select(Data)], OpenData)
        {
            Covers = ["DataEncryptionKey.Open"],
            Refusals = [typeof(OpenFailedException)],
        },
        new("hpke", [.. Lengths.Take(5).Select(length => SealTo(Fixed.Bytes(length)))], OpenHpke)
        {
            Covers = ["Hpke.Open"],
            Refusals = [typeof(OpenFailedException)],
        },
        .. KeyEnvelopeParsers.All,
    ];

    private static IEnumerable<byte[]> Contents(Padding padding) =>
        Lengths.Where(length => Fits(length, padding)).Select(length => Sealed.Padded(Fixed.Bytes(length), padding));

    private static bool Fits(int length, Padding padding)
    {
        try
        {
            return padding.PaddedLength(length) > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool OpenEnvelope(byte[] input)
    {
        var opened = Open(input, Padding.None);
        if (opened is null)
            return false;
        Require(Sealed.Envelope(Key, Context, opened).AsSpan().SequenceEqual(input), "Only what was sealed opens.");
        Require(Envelope.IsSealedUnder(Key, Context, input), "What opens commits to its key.");
        return true;
    }

    private static bool OpenContent(byte[] input)
    {
        var envelope = Sealed.Envelope(Key, Context, input);
        Require(Open(envelope, Padding.None)?.AsSpan().SequenceEqual(input) == true, "Without padding the content is the plaintext.");
        var accepted = false;
        foreach (var padding in Paddings.Skip(1))
        {
            if (Open(envelope, padding) is not { } content)
                continue;
            accepted = true;
            Require(Sealed.Padded(content, padding).AsSpan().SequenceEqual(input), "A content has one padding.");
            using var secret = Envelope.OpenSecret(Key, Context, envelope, padding);
            Require(secret.FixedTimeEquals(content), "As a secret it opens the same.");
        }

        return accepted;
    }

    private static bool OpenStream(byte[] input)
    {
        var whole = Open(input, Padding.None);
        Require(Read(canSeek: false) is var read && (whole is null ? read is null : read.AsSpan().SequenceEqual(whole)), "A stream opens as the whole does.");
        Require(Read(canSeek: true) is var sought && (whole is null ? sought is null : sought.AsSpan().SequenceEqual(whole)), "So it does with its length known.");
        return whole is not null;

        byte[]? Read(bool canSeek)
        {
            try
            {
                var header = input.AsSpan(0, Math.Min(Envelope.HeaderLength, input.Length));
                using var source = new MemoryStream(input, header.Length, input.Length - header.Length);
                using var stream = new OpeningStream(source, header, Key, Context);
                using var content = new MemoryStream();
                if (canSeek)
                {
                    stream.Position = stream.Length / 2;
                    stream.Position = 0;
                    stream.CopyToAsync(content, 4096).GetAwaiter().GetResult();
                }
                else
                {
                    stream.CopyTo(content, 4096);
                }

                return content.ToArray();
            }
            catch (OpenFailedException)
            {
                return null;
            }
        }
    }

    private static byte[] File(int length)
    {
        using var key = SampleAccount.Personal.CopyKeyBytes();
        return [.. SealedFile.Signature, .. Sealed.Envelope(key, Contexts.PersonalFile(SampleAccount.Account), Fixed.Bytes(length))];
    }

    private static bool OpenFile(byte[] input)
    {
        using var source = new MemoryStream(input);
        if (SealedFile.TryReadAsync(source).GetAwaiter().GetResult() is not { } file)
            return false;
        Require(!SampleAccount.Sharing.HasSealed(file), "A file is one key's.");
        var found = SampleAccount.Personal.HasSealed(file);
        using var stream = SampleAccount.Personal.OpenFile(file);
        Require(found, "What opens was found.");
        using var content = new MemoryStream();
        stream.CopyTo(content, 4096);
        Require(File((int)content.Length).AsSpan().SequenceEqual(input), "Only what was sealed opens.");
        return true;
    }

    private static byte[] Data(int length)
    {
        using var key = SampleAccount.Personal.CopyKeyBytes();
        return Sealed.Envelope(
            key, Contexts.PersonalData(SampleAccount.Account, SampleAccount.Personal.Id, new(Fixed.Uuid(50)), 1), Sealed.Padded(Fixed.Bytes(length), Padding.Shortest));
    }

    private static bool OpenData(byte[] input)
    {
        var content = SampleAccount.Personal.Open(new(Fixed.Uuid(50)), input);
        Require(Data(content.Length).AsSpan().SequenceEqual(input), "Only what was sealed opens.");
        return true;
    }

    private static byte[] SealTo(ReadOnlySpan<byte> plaintext) => Hpke.Seal(Recipient.PublicKey, Context, plaintext, Fixed.Bytes(64));

    private static bool OpenHpke(byte[] input)
    {
        using var plaintext = Hpke.Open(Recipient, Context, input);
        Require(SealTo(plaintext.DangerousSpan).AsSpan().SequenceEqual(input), "Only what was sealed opens.");
        return true;
    }

    private static byte[]? Open(byte[] envelope, Padding padding)
    {
        try
        {
            return Envelope.Open(Key, Context, envelope, padding);
        }
        catch (OpenFailedException)
        {
            return null;
        }
    }
}
