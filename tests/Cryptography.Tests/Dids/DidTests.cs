using System.Text;
using System.Text.Json;
using CsCheck;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Cryptography.Tests.Signing;
using SimpleBase;

namespace Keyladder.Cryptography.Tests.Dids;

public sealed class DidTests
{
    [Fact]
    public void Every_published_did_key_and_its_document_follow_from_the_seed()
    {
        var (cases, other) = (0, 0);
        foreach (var published in PublicVectors.Read("did-key/ed25519-x25519.json").EnumerateObject())
        {
            using var key = Ed25519PrivateKey.FromSeed(published.Value.Hex("seed"));
            var did = Did.Of(key.PublicKey);
            Assert.Equal(published.Name, did.ToString());
            Assert.True(Did.TryParse(published.Name, out var parsed));
            Assert.Equal(did, parsed);
            Assert.Equal(key.PublicKey, parsed.PublicKey);

            var document = published.Value.GetProperty("didDocument");
            var json = Encoding.UTF8.GetBytes(document.GetRawText());
            var methods = document.GetProperty("verificationMethod");
            if (methods[0].Text("type") == "JsonWebKey2020")
            {
                // One of them shows the same two keys in the suite jws-2020; our spec has one form, so that a document can be compared.
                var derived = Methods(parsed).Select(method => (method.Text("id"), method.Text("publicKeyBase58")));
                Assert.Equal(derived, methods.EnumerateArray().Select(InBase58));
                Assert.False(DidDocument.TryRead(json, parsed, out _));
                (other, cases) = (other + 1, cases + 1);
                continue;
            }

            using var ours = JsonDocument.Parse(parsed.Resolve().ToUtf8Json());
            Assert.True(JsonElement.DeepEquals(document, ours.RootElement), published.Name);
            Assert.True(DidDocument.TryRead(json, parsed, out _));
            cases++;
        }

        Assert.Equal((5, 1), (cases, other));
    }

    [Fact]
    public void A14_a_document_that_does_not_follow_from_its_identifier_is_refused()
    {
        var (did, other) = (Generate(), Generate());
        var json = Encoding.UTF8.GetString(did.Resolve().ToUtf8Json());
        Assert.True(DidDocument.TryRead(Encoding.UTF8.GetBytes(json), did, out var document));
        Assert.Equal(did, document.Id);

        var (own, foreign) = (Methods(did), Methods(other));
        string[] others =
        [
            Encoding.UTF8.GetString(other.Resolve().ToUtf8Json()),
            json.Replace(did.ToString(), other.ToString(), StringComparison.Ordinal),
            json.Replace(own[0].Text("publicKeyBase58"), foreign[0].Text("publicKeyBase58"), StringComparison.Ordinal),
            json.Replace(own[1].Text("publicKeyBase58"), foreign[1].Text("publicKeyBase58"), StringComparison.Ordinal),
            json.Replace("Ed25519VerificationKey2018", "Ed25519VerificationKey2020", StringComparison.Ordinal),
            json.Replace($"\"controller\":\"{did}\"", $"\"controller\":\"{other}\"", StringComparison.Ordinal),
            json.Replace("\"keyAgreement\":[", $"\"keyAgreement\":[\"{foreign[1].Text("id")}\",", StringComparison.Ordinal),
            json.Replace($"\"authentication\":[\"{own[0].Text("id")}\"]", "\"authentication\":[]", StringComparison.Ordinal),
            json.Replace("\"keyAgreement\"", "\"service\":[],\"keyAgreement\"", StringComparison.Ordinal),
            json.Replace("{\"@context\"", $"{{\"id\":\"{other}\",\"@context\"", StringComparison.Ordinal),
            json.Replace("https://www.w3.org/ns/did/v1", "https://www.w3.org/ns/did/v2", StringComparison.Ordinal),
            json + " {}",
            json[..^1],
            "null",
            "",
        ];
        foreach (var changed in others)
        {
            Assert.NotEqual(json, changed);
            Assert.False(DidDocument.TryRead(Encoding.UTF8.GetBytes(changed), did, out document), changed);
            Assert.Null(document);
        }
    }

    [Fact]
    public void A14_a_changed_character_gives_no_identifier_or_another_key()
    {
        var did = Generate();
        var text = did.ToString();
        for (var i = 0; i < text.Length; i++)
        {
            foreach (var character in "1Az0Il \u007f\u00e9\u2b8a\ud800")
            {
                var changed = string.Concat(text[..i], character.ToString(), text[(i + 1)..]);
                if (changed != text && Did.TryParse(changed, out var other))
                    Assert.NotEqual(did.PublicKey, other.PublicKey);
            }
        }
    }

    [Fact]
    public void There_is_no_second_way_to_write_an_identifier()
    {
        var did = Generate();
        var text = did.ToString();
        var id = text["did:key:z".Length..];
        var key = did.PublicKey!.Bytes;
        string?[] others =
        [
            null,
            "",
            "did:key:",
            "did:key:z",
            "did:key:" + id,
            "did:key:z1" + id,
            "did:key:Z" + id,
            "did:key:m" + id,
            "DID:key:z" + id,
            "did:KEY:z" + id,
            "did:web:z" + id,
            text + "#z" + id,
            text + "?a",
            text + "/",
            text + "\n",
            " " + text,
            text + new string('1', 10_000),
            Of([0xED, 0x01], key[..31]),
            Of([0xED, 0x01], [.. key, 0]),
            Of([0xED], key),
            Of([0xED, 0x81, 0x00], key),
            Of([0xEC, 0x01], [.. key, 0]),
            Of([0xE7, 0x01], key),
            Of([0x80, 0x24], key),
            Of([0x85, 0x24], key),
            Of([], key),
        ];
        Assert.All(others, other => Assert.False(Did.TryParse(other, out _), other));
    }

    [Fact]
    public void E10_an_identifier_of_a_key_of_small_order_is_refused() =>
        Assert.All(
            LibsodiumGroup.SmallOrder(),
            point => Assert.False(Did.TryParse(Of([0xED, 0x01], point), out _), Convert.ToHexString(point)));

    [Fact]
    public void What_was_written_is_read() =>
        Gen.Byte.Array[32].Sample(seed =>
        {
            using var key = Ed25519PrivateKey.FromSeed(seed);
            var did = Did.Of(key.PublicKey);
            return did.ToString().Length == 56
                && Did.TryParse(did.ToString(), out var read)
                && read.Equals(did)
                && read.GetHashCode() == did.GetHashCode()
                && key.PublicKey.Equals(read.PublicKey);
        });

    private static List<JsonElement> Methods(Did did)
    {
        Assert.True(StrictJson.TryParse(did.Resolve().ToUtf8Json(), out var document));
        return [.. document.GetProperty("verificationMethod").EnumerateArray()];
    }

    private static (string Id, string Key) InBase58(JsonElement method) =>
        Base64UrlText.TryDecode(method.GetProperty("publicKeyJwk").Text("x"), out var key)
            ? (method.Text("id"), Base58.Bitcoin.Encode(key))
            : throw new InvalidDataException("No key.");

    private static string Of(ReadOnlySpan<byte> codec, ReadOnlySpan<byte> key) => "did:key:z" + Base58.Bitcoin.Encode([.. codec, .. key]);

    private static Did Generate()
    {
        using var key = Ed25519PrivateKey.Generate();
        return Did.Of(key.PublicKey);
    }
}
