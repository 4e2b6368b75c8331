using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cryptography.Dids;

namespace Keyladder.Cli.Commands;

/// <summary>The public half of a signing key in the formats that others read.</summary>
internal static class PublicKeyText
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Of(string text, string format)
    {
        var did = Parse(text);
        return format switch
        {
            "did" => did.ToString(),
            "document" => JsonNode.Parse(did.Resolve().ToUtf8Json())!.ToJsonString(Indented),
            // RFC 8037 section 2.
            _ => $$"""{"kty":"OKP","crv":"Ed25519","x":"{{Cryptography.Base64UrlText.Encode(did.PublicKey.Bytes)}}"}""",
        };
    }

    public static Did Parse(string text) => Did.TryParse(text, out var did)
        ? did
        : throw Failure.Usage("That is not a did:key of an Ed25519 key.", "Copy the whole DID; `keyladder key list` shows your own.");
}
