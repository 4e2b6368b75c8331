using Keyladder.AspNetCore;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>What an app reads where a DID signs in (docs/spec/did-sign-in.md sections 4 and 5).</summary>
internal static class AppParsers
{
    public static IReadOnlyList<Parser> All { get; } =
    [
        new("did-challenge", [Sample(DidSignInPurpose.SignIn, ""), Sample(DidSignInPurpose.Link, "alice")], ReadChallenge) { Covers = ["DidChallenge.TryDecode"] },
        new("did-challenge-request", [Text.Bytes("""{"purpose":"sign-in"}"""), Text.Bytes("""{"purpose":"link"}""")], ReadRequest)
        {
            Covers = ["DidMessages.ChallengeRequest"],
        },
        new("did-answer", [Text.Bytes("""{"challenge":"AAAA","response":"a.b.c"}""")], ReadAnswer) { Covers = ["DidMessages.SignedAnswer"] },
    ];

    // Encode draws its random part; the parser passes over that, and inputs must follow from the seed alone.
    private static byte[] Sample(DidSignInPurpose purpose, string user)
    {
        var bytes = new DidChallenge(purpose, Fixed.Now, Fixed.Bytes(32), user).Encode();
        Fixed.Bytes(32, 8).CopyTo(bytes, 9);
        return bytes;
    }

    private static bool ReadChallenge(byte[] input)
    {
        if (!DidChallenge.TryDecode(input, out var read))
            return false;
        var again = read.Encode();
        input.AsSpan(9, 32).CopyTo(again.AsSpan(9));
        Require(again.AsSpan().SequenceEqual(input), "Writing it again gives the same bytes.");
        _ = read.IsGoodAt(Fixed.Now);
        return true;
    }

    private static bool ReadRequest(byte[] input) =>
        StrictJson.TryRead(input, DidMessages.Strict.ChallengeRequest, out var read) && Enum.IsDefined(read.Purpose);

    private static bool ReadAnswer(byte[] input) =>
        StrictJson.TryRead(input, DidMessages.Strict.SignedAnswer, out var read) && read is { Challenge: not null, Response: not null };
}
