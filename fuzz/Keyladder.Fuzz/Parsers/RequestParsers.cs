using Keyladder.Cryptography.Signing;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>What stands in the head of a signed request (docs/spec/sign-in.md), and addresses.</summary>
internal static class RequestParsers
{
    private static readonly string Signature = "sig=:" + Convert.ToBase64String(Fixed.Bytes(32)) + ":";

    private static readonly string GuestValue = "sig=:" + Convert.ToBase64String(Fixed.Bytes(64)) + ":";

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("content-digest", [Text.Bytes(ContentDigest.Of(Fixed.Bytes(9)).ToString())], ReadDigest) { Covers = ["ContentDigest.TryParse"] },
        new("message-signature", [Text.Bytes(SignatureInput(1_770_000_000) + "\n" + Signature), Text.Bytes(SignatureInput(0) + "\n" + Signature)], ReadSignature)
        {
            Covers = ["HttpMessageSignature.TryParse", "SignatureFields.TryParse"],
        },
        new("guest-signature", [Text.Bytes(GuestInput(1_770_000_000) + "\n" + GuestValue), Text.Bytes(GuestInput(0) + "\n" + GuestValue)], ReadGuestSignature)
        {
            Covers = ["GuestSignature.TryParse", "SignatureFields.TryParse", "ChannelId.TryParse"],
        },
        new("request-target", [Text.Bytes("GET\n/v1/keys/x?since=1"), Text.Bytes("POST\n/v1/changes")], ReadTarget)
        {
            Covers = ["CoveredComponents.AreCoverable", "CoveredComponents.IsVisible"],
        },
        new(
            "origin",
            [.. new[] { "https://keys.example.org", "http://127.0.0.1:5410", "http://[::1]:8080", "https://xn--bcher-kva.example" }.Select(Text.Bytes)],
            ReadOrigin)
        {
            Covers = ["Origin.TryParse"],
            MoreBytes = 256 * 1024,
        },
        new(
            "origin-address",
            [.. new[] { "https://keys.example.org/", "HTTP://LOCALHOST:80", "https://b\u00fccher.example:8443", "http://[::1]/" }.Select(Text.Bytes)],
            ReadAddress)
        {
            Covers = ["Origin.TryCreate"],
            BytesPerByte = 256,
            MoreBytes = 256 * 1024,
        },
    ];

    private static string SignatureInput(long created) =>
        $"sig={CoveredComponents.List};created={created};nonce=\"AAAAAAAAAAAAAAAAAAAAAA\";keyid=\"{Fixed.KeyId}\";alg=\"hmac-sha256\"";

    private static string GuestInput(long created) =>
        $"sig={CoveredComponents.List};created={created};nonce=\"AAAAAAAAAAAAAAAAAAAAAA\";keyid=\"{Fixed.Uuid(70)}\";alg=\"ed25519\"";

    private static bool ReadDigest(byte[] input)
    {
        var text = Text.Of(input);
        if (!ContentDigest.TryParse(text, out var digest))
            return false;
        Require(digest.ToString() == text, "Writing it again gives the same text.");
        return true;
    }

    private static bool ReadSignature(byte[] input)
    {
        var fields = Text.Lines(input, 2);
        if (!HttpMessageSignature.TryParse(fields[0], fields[1], out var parsed))
            return false;
        Require(parsed.SignatureInput == fields[0] && parsed.Signature == fields[1], "Writing it again gives the same fields.");
        Require(parsed.Created is >= 0 and < 1_000_000_000_000_000, "An Integer of RFC 8941.");
        parsed.IsTimely(Fixed.Now);
        return true;
    }

    private static bool ReadGuestSignature(byte[] input)
    {
        var fields = Text.Lines(input, 2);
        if (!GuestSignature.TryParse(fields[0], fields[1], out var parsed))
            return false;
        Require(parsed.SignatureInput == fields[0] && parsed.Signature == fields[1], "Writing it again gives the same fields.");
        Require(fields[0].Contains($"keyid=\"{parsed.KeyId}\"", StringComparison.Ordinal), "It names the thing that it is read for.");
        Require(parsed.Created is >= 0 and < 1_000_000_000_000_000, "An Integer of RFC 8941.");
        parsed.IsTimely(Fixed.Now);
        return true;
    }

    private static bool ReadTarget(byte[] input)
    {
        var parts = Text.Lines(input, 2);
        if (!CoveredComponents.AreCoverable(parts[0], parts[1]))
            return false;
        var covered = new CoveredComponents(parts[0], Fixed.Origin, parts[1], ContentDigest.OfNothing);
        Require(covered.Path + covered.Query == parts[1] || covered is { Query: "?" } && covered.Path == parts[1], "Nothing of the target is lost.");
        Require(covered.ToLines().All(line => !line.Value.Contains('\n', StringComparison.Ordinal)), "One line for each component.");
        return true;
    }

    private static bool ReadOrigin(byte[] input)
    {
        var text = Text.Of(input);
        if (!Origin.TryParse(text, out var origin))
            return false;
        Require(origin.ToString() == text, "Writing it again gives the same text.");
        return true;
    }

    private static bool ReadAddress(byte[] input)
    {
        if (!Uri.TryCreate(Text.Of(input), UriKind.Absolute, out var address) || !Origin.TryCreate(address, out var origin))
            return false;
        Require(Origin.TryParse(origin.ToString(), out var again) && again == origin, "The one form is read as itself.");
        return true;
    }
}
