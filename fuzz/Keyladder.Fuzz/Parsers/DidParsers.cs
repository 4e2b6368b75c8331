using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>Public keys, DIDs and their documents (docs/spec/dids.md), which come from anybody.</summary>
internal static class DidParsers
{
    private static readonly EcdsaPrivateKey P256 = EcdsaPrivateKey.FromScalar(KeyType.P256, Fixed.Bytes(32, 3));
    private static readonly EcdsaPrivateKey Secp256k1 = EcdsaPrivateKey.FromScalar(KeyType.Secp256k1, Fixed.Bytes(32, 4));

    // Of "content"; another one each time it is made.
    private const string P256Signature = "00C60945594B739C9BAE1F533DA4DEB0840EE5F46FF3F4916EEFBB85FED13D42C026054CCDEC40DC50B3479E01D39C634C4F05152144ACD2C05280507CA0E6AD";

    private static readonly Did Web = Parsed("did:web:example.org%3A8443:people:ada");
    private static readonly Did X25519 = Parsed("did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F");

    private static readonly Did[] Keys =
        [.. Enumerable.Range(1, 9).Select(EdwardsDid), Did.Of(P256.PublicKey), Did.Of(Secp256k1.PublicKey), X25519];

    private static readonly Did[] Jwks = [.. new PublicKey[] { Fixed.Signer(1).PublicKey, P256.PublicKey, Secp256k1.PublicKey }.Select(Did.JwkOf)];

    private static readonly DidDocument WebDocument = DidDocument.ForWeb(Web, Fixed.Signer(1).PublicKey, P256.PublicKey, Secp256k1.PublicKey);

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("ecdsa-public-key", [P256.PublicKey.Bytes.ToArray(), Secp256k1.PublicKey.Bytes.ToArray()], ReadPoint)
        {
            Covers = ["KeyType.TryImport", "EcdsaPublicKey.TryImport"],
        },
        new("ecdsa-signature", [Convert.FromHexString(P256Signature), new byte[64]], VerifySignature) { Covers = ["EcdsaPublicKey.Verify"] },
        new("key-type", [.. KeyType.All.Select(type => Text.Bytes(type.Name))], ReadType) { Covers = ["KeyType.TryParse"] },
        new("jwk", [.. Jwks.Select(did => did.Jwk!.ToUtf8Json()), Text.Bytes("""{"kty":"OKP","crv":"X25519","use":"enc","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}""")], ReadJwk)
        {
            Covers = ["Jwk.TryRead", "JwkJson.Members"],
        },
        new("did", [.. Keys.Concat(Jwks).Append(Web).Select(did => Text.Bytes(did.ToString()))], ReadDid)
        {
            Covers = ["Did.TryParse", "Did.ParseKey", "Did.ParseJwk", "Multikey.TryDecode", "DidResolution.IsOfAnotherMethod",
                "DidWebAddress.TryParse", "DidWebAddress.IsHost", "DidWebAddress.IsLabel", "DidWebAddress.IsPort", "DidWebAddress.IsSegment"],
        },
        new("did-document", [Keys[0].Resolve().ToUtf8Json(), Keys[9].Resolve().ToUtf8Json(), Jwks[1].Resolve().ToUtf8Json()], ReadDocument)
        {
            Covers = ["DidDocument.TryRead", "StrictJson.TryRead", "StrictJson.TryParse", "DidJsonConverter.Read"],
        },
        new("did-web-document", [WebDocument.ToUtf8Json(), Text.Bytes(Wild)], ReadWebDocument)
        {
            Covers = ["DidDocument.TryRead", "DidWebDocument.TryRead", "DidWebDocument.Read", "Multikey.TryDecodeBase58"],
        },
    ];

    private static string Wild => $$"""
        {"@context":["https://www.w3.org/ns/did/v1",{"@base":"{{Web}}"}],"id":"{{Web}}","alsoKnownAs":["{{Keys[0]}}"],
         "verificationMethod":[
          {"id":"#0","type":"Multikey","controller":"{{Web}}","publicKeyMultibase":"{{Keys[9].MethodSpecificId}}"},
          {"id":"{{Web}}#1","type":"Ed25519VerificationKey2018","controller":"{{Web}}","publicKeyBase58":"4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoCtajS"},
          {"id":"#2","type":"EcdsaSecp256k1VerificationKey2019","controller":"{{Web}}","publicKeyBase58":"23o6Sau8NxxzXcgSc3PLcNxrzrZpbLeBn1izfv3jbKhuv"},
          {"id":"#3","type":"JsonWebKey2020","controller":"{{Web}}","publicKeyJwk":{"kty":"RSA","e":"AQAB","n":"AQ"} }],
         "assertionMethod":["#0","{{Web}}#1","#2","#3",{"id":"#4","type":"Multikey","controller":"{{Web}}","publicKeyMultibase":"{{X25519.MethodSpecificId}}"}],
         "service":[{"id":"#s","type":"LinkedDomains","serviceEndpoint":"https://example.org"}]}
        """;

    private static Did EdwardsDid(int first)
    {
        using var key = Fixed.Signer((byte)first);
        return Did.Of(key.PublicKey);
    }

    private static Did Parsed(string text) => Did.TryParse(text, out var did) ? did : throw new InvalidOperationException();

    private static bool ReadPoint(byte[] input)
    {
        var accepted = false;
        foreach (var type in KeyType.All)
        {
            if (!type.TryImport(input, out var key))
                continue;
            accepted = true;
            Require(key.Bytes.SequenceEqual(input) && key.Type == type, "It holds the bytes that it was read from.");
            Require(Did.TryParse(Did.Of(key).ToString(), out var did) && key.Equals(did.PublicKey), "Its DID leads back to it.");
            Require(Did.TryParse(Did.JwkOf(key).ToString(), out did) && key.Equals(did.PublicKey), "Its did:jwk leads back to it.");
            _ = key.Verify("content"u8, new byte[64]);
        }

        return accepted;
    }

    private static bool VerifySignature(byte[] input) => P256.PublicKey.Verify("content"u8, input) | Secp256k1.PublicKey.Verify("content"u8, input);

    private static bool ReadType(byte[] input)
    {
        var text = Text.Of(input);
        if (!KeyType.TryParse(text, out var type))
            return false;
        Require(type.Name == text, "It has the name.");
        return true;
    }

    private static bool ReadJwk(byte[] input)
    {
        if (!Jwk.TryRead(input, out var jwk))
            return false;
        Require(Jwk.TryRead(jwk.ToUtf8Json(), out var again) && Equals(jwk.PublicKey, again.PublicKey), "Writing it again keeps it.");
        Require(!Encoding.UTF8.GetString(jwk.ToUtf8Json()).Contains("\"d\":", StringComparison.Ordinal), "No private key is read.");
        return true;
    }

    private static bool ReadDid(byte[] input)
    {
        var text = Text.Of(input);
        var resolution = DidResolution.Resolve(text);
        Require(resolution.ToUtf8Json().Length > 0, "What came of it can be written.");
        if (!Did.TryParse(text, out var did))
        {
            Require(resolution.Document is null, "What is no DID has no document.");
            return false;
        }

        Require(did.ToString() == text, "It stays as it was written.");
        Require(did.Method != DidMethod.Key || did.PublicKey is null || Did.Of(did.PublicKey).Equals(did), "The key gives the same text.");
        Require(did.Method == DidMethod.Web || (resolution.Document is { } document && document.Id.Equals(did)), "It has a document.");
        return true;
    }

    private static bool ReadDocument(byte[] input)
    {
        var accepted = false;
        foreach (var did in new[] { Keys[0], Keys[9], Jwks[1] })
        {
            if (!DidDocument.TryRead(input, did, out var document))
                continue;
            accepted = true;
            Require(document.ToUtf8Json().AsSpan().SequenceEqual(did.Resolve().ToUtf8Json()), "Only the document that follows is accepted.");
        }

        return accepted;
    }

    private static bool ReadWebDocument(byte[] input)
    {
        if (!DidDocument.TryRead(input, Web, out var document))
            return false;
        Require(document.Id.Equals(Web) && document.ToUtf8Json().AsSpan().SequenceEqual(input), "It is the one that was shown, of the DID that was asked for.");
        Require(document.AssertionKeys.Distinct().Count() == document.AssertionKeys.Count, "Each key is there once.");
        return true;
    }
}
