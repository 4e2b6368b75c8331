using System.Text;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cli.Commands;

/// <summary>The public half of a signing key in the formats that others read.</summary>
internal static class PublicKeyText
{
    public static readonly string[] Formats = ["did", "did-jwk", "document", "jwk"];

    /// <param name="text">The did:key of a key of the account.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    public static string Of(string text, string format)
    {
        if (!Did.TryParse(text, out var did) || did.PublicKey is not { } key)
            throw new InvalidOperationException("The DID of a key of the account leads to it.");
        return format switch
        {
            "did" => text,
            "did-jwk" => Did.JwkOf(key).ToString(),
            "document" => DidCommand.Text(did.Resolve()),
            _ => Encoding.UTF8.GetString(Jwk.Of(key).ToUtf8Json()),
        };
    }
}
