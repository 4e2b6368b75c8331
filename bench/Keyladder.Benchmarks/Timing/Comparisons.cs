using System.Diagnostics;
using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Benchmarks.Timing;

/// <summary>
/// What is compared with a secret: one class is wrong in the first byte, the other in the last. A comparison that stops early tells how
/// much of a guess was right.
/// </summary>
internal sealed class Comparisons : IDisposable
{
    private const int Samples = 400_000;
    private const int WarmUp = 50_000;
    private const int Batch = 1_000;
    private const int Size = 32;

    private static readonly byte[] Data = new byte[200];

    private readonly SecretBytes key = SecretBytes.Generate(Size);
    private readonly SessionKey sessionKey = new(SecretBytes.Generate(Size));
    private readonly byte[] context = Fields.Encode("data/v1/sharing", DataId.Generate(), 1);
    private readonly byte[] envelope;
    private readonly byte[] plaintext = new byte[128];
    private readonly ChunkCipher cipher;

    public Comparisons()
    {
        envelope = Envelope.Seal(key, context, new byte[100], Padding.Fixed(plaintext.Length));
        cipher = Envelope.OpenMessage(key, context, envelope);
    }

    public bool Run()
    {
        var secret = key.DangerousSpan.ToArray();
        var mac = sessionKey.Sign(Data);
        return Both("secret bytes", secret, guess => key.FixedTimeEquals(guess), guess => StopsEarly(key.DangerousSpan, guess))
            & Both(
                "commitment of an envelope",
                envelope[..Envelope.HeaderLength],
                IsSealedUnder,
                header => IsSealedUnder(header) | StopsEarly(envelope, header),
                firstOfWrong: Envelope.HeaderLength - Cobblestone.CommitmentLength)
            & Both("signature of a request", mac, guess => sessionKey.Verify(Data, guess), guess => StopsEarly(sessionKey.Sign(Data), guess))
            & Both(
                "tag of a chunk",
                envelope[Envelope.HeaderLength..],
                Opens,
                chunk => Opens(chunk) | StopsEarly(envelope.AsSpan(Envelope.HeaderLength), chunk),
                firstOfWrong: plaintext.Length);
    }

    public void Dispose()
    {
        cipher.Dispose();
        sessionKey.Dispose();
        key.Dispose();
    }

    private bool IsSealedUnder(byte[] header) => Envelope.IsSealedUnder(key, context, header);

    private bool Opens(byte[] chunk) => cipher.TryOpen(0, chunk, plaintext);

    private static bool Both(string name, byte[] right, Func<byte[], bool> compare, Func<byte[], bool> planted, int firstOfWrong = 0) =>
        Verdict.Real(name, Measure(right, firstOfWrong, compare)) & Verdict.Planted(name, Measure(right, firstOfWrong, planted));

    // Guesses are written a batch ahead: a byte that was stored just before it is read slows the reading down, the more the sooner it comes.
    // Each place in memory holds now the one class, now the other.
    private static WelchTest Measure(byte[] right, int firstOfWrong, Func<byte[], bool> compare)
    {
        var test = new WelchTest(Samples);
        var guesses = Enumerable.Range(0, Batch).Select(_ => new byte[right.Length]).ToArray();
        var order = new byte[Batch];
        for (var number = -WarmUp; number < Samples; number += Batch)
        {
            RandomNumberGenerator.Fill(order);
            for (var i = 0; i < Batch; i++)
            {
                right.CopyTo(guesses[i], 0);
                guesses[i][IsSecond(order[i]) ? ^1 : firstOfWrong] ^= 1;
            }

            for (var i = 0; i < Batch; i++)
            {
                var start = Stopwatch.GetTimestamp();
                var equal = compare(guesses[i]);
                var time = Stopwatch.GetTimestamp() - start;
                if (equal)
                    throw new InvalidOperationException("A wrong guess passed.");
                if (number >= 0)
                    test.Add(IsSecond(order[i]), time);
            }
        }

        return test;
    }

    private static bool IsSecond(byte random) => (random & 1) != 0;

    /// <summary>The leak that the measurement has to see.</summary>
    private static bool StopsEarly(ReadOnlySpan<byte> right, ReadOnlySpan<byte> guess)
    {
        for (var i = 0; i < guess.Length; i++)
        {
            if (right[i] != guess[i])
                return false;
        }

        return true;
    }
}
