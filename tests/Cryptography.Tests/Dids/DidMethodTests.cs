using System.Text;
using System.Text.Json;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using SimpleBase;

namespace Keyladder.Cryptography.Tests.Dids;

/// <summary>What Ed25519's did:key is not: the other curves, and the methods jwk and web.</summary>
public sealed class DidMethodTests
{
    private const string X25519 = "did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F";

    // Two of the examples of the method did:jwk.
    private const string JwkOfP256 =
        "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9";
    private const string JwkOfX25519 =
        "did:jwk:eyJrdHkiOiJPS1AiLCJjcnYiOiJYMjU1MTkiLCJ1c2UiOiJlbmMiLCJ4IjoiM3A3YmZYdDl3YlRUVzJIQzdPUTFOei1EUThoYmVHZE5yZngtRkctSUswOCJ9";

    public static TheoryData<string> Types() => [.. KeyType.All.Select(type => type.Name)];

    public static TheoryData<string> Offline()
    {
        using var p256 = EcdsaPrivateKey.FromScalar(KeyType.P256, [.. Enumerable.Repeat((byte)7, 32)]);
        using var secp256k1 = EcdsaPrivateKey.FromScalar(KeyType.Secp256k1, [.. Enumerable.Repeat((byte)7, 32)]);
        using var edwards = Ed25519PrivateKey.FromSeed([.. Enumerable.Repeat((byte)7, 32)]);
        PublicKey[] keys = [p256.PublicKey, secp256k1.PublicKey, edwards.PublicKey];
        return [.. keys.Select(key => Did.Of(key).ToString()), .. keys.Select(key => Did.JwkOf(key).ToString()), X25519, JwkOfP256, JwkOfX25519];
    }

    // Seeds, private scalars and identifiers that the method's test vectors give (w3c-ccg/did-method-key).
    [Theory]
    [InlineData("secp256k1", "9085d2bef69286a6cbb51623c8fa258629945cd55ca705cc4e66700396894e0c", "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme")]
    [InlineData("secp256k1", "f0f4df55a2b3ff13051ea814a8f24ad00f2e469af73c363ac7e9fb999a9072ed", "did:key:zQ3shtxV1FrJfhqE1dvxYRcCknWNjHc3c5X1y3ZSoPDi2aur2")]
    [InlineData("p-256", "80f87e56f552f0c6ef290f4b4955667e7c672a31e7e13aa3d1b99ba5e8519697", "did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv")]
    [InlineData("p-256", "62346ceaf36fc38b18af355563c8a9904a43003f4f16ac35b149ef3d1300f962", "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169")]
    public void The_published_identifiers_follow_from_the_private_keys(string name, string scalar, string expected)
    {
        Assert.True(KeyType.TryParse(name, out var type));
        using var key = EcdsaPrivateKey.FromScalar(type, Convert.FromHexString(scalar));
        Assert.Equal(expected, Did.Of(key.PublicKey).ToString());
        Assert.True(Did.TryParse(expected, out var did));
        Assert.Equal(key.PublicKey, did.PublicKey);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_key_has_one_DID_of_each_method_that_leads_back_to_it(string name)
    {
        Assert.True(KeyType.TryParse(name, out var type));
        using var key = type.Generate();
        foreach (var did in new[] { Did.Of(key.PublicKey), Did.JwkOf(key.PublicKey) })
        {
            Assert.True(Did.TryParse(did.ToString(), out var read));
            Assert.Equal((did, did.Method), (read, read.Method));
            Assert.Equal(key.PublicKey, read.PublicKey);
            var document = read.Resolve();
            Assert.Equal([key.PublicKey], document.AssertionKeys);
            Assert.True(DidDocument.TryRead(document.ToUtf8Json(), did, out var shown));
            Assert.Equal([key.PublicKey], shown.AssertionKeys);
        }
    }

    [Fact]
    public void The_document_of_an_X25519_key_is_the_published_one_and_signs_nothing()
    {
        Assert.True(Did.TryParse(X25519, out var did));
        Assert.Null(did.PublicKey);
        var id = $"{X25519}#{X25519["did:key:".Length..]}";
        Assert.Equal(
            $$$"""{"@context":["https://www.w3.org/ns/did/v1","https://w3id.org/security/suites/x25519-2019/v1"],"id":"{{{X25519}}}","verificationMethod":[{"id":"{{{id}}}","type":"X25519KeyAgreementKey2019","controller":"{{{X25519}}}","publicKeyBase58":"4Dy8E9UaZscuPUf2GLxV44RCNL7oxmEXXkgWXaug1WKV"}],"keyAgreement":["{{{id}}}"]}""",
            Encoding.UTF8.GetString(did.Resolve().ToUtf8Json()));
        Assert.Empty(did.Resolve().AssertionKeys);
    }

    [Fact]
    public void The_documents_of_the_examples_of_did_jwk_are_as_published()
    {
        var signing = Document(JwkOfP256);
        Assert.Equal("#0", signing.GetProperty("verificationMethod")[0].Text("id")[JwkOfP256.Length..]);
        Assert.Equal("""{"kty":"EC","crv":"P-256","x":"acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0","y":"_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE"}""", signing.GetProperty("verificationMethod")[0].GetProperty("publicKeyJwk").GetRawText());
        Assert.All(["assertionMethod", "authentication", "capabilityInvocation", "capabilityDelegation", "keyAgreement"], name => Assert.Equal(JwkOfP256 + "#0", signing.GetProperty(name)[0].GetString()));
        var agreement = Document(JwkOfX25519);
        Assert.Equal(["@context", "id", "verificationMethod", "keyAgreement"], agreement.EnumerateObject().Select(member => member.Name));
        Assert.Equal("enc", agreement.GetProperty("verificationMethod")[0].GetProperty("publicKeyJwk").Text("use"));
    }

    [Theory]
    [MemberData(nameof(Offline))]
    public void A14_a_document_of_another_key_is_refused_for_every_method_that_has_the_key_in_the_identifier(string text)
    {
        Assert.True(Did.TryParse(text, out var did));
        var json = Encoding.UTF8.GetString(did.Resolve().ToUtf8Json());
        Assert.True(Read(json));

        // The other members, and the other keys, of every other document here; and each member gone, repeated or of another value.
        using var own = JsonDocument.Parse(json);
        var others = Offline().Select(row => row.Data).Where(other => other != text).Select(other => Encoding.UTF8.GetString(Parsed(other).Resolve().ToUtf8Json())).ToList();
        Assert.Equal(8, others.Count);
        foreach (var other in others)
        {
            Assert.False(Read(other));
            using var foreign = JsonDocument.Parse(other);
            Assert.False(Read(json.Replace(own.RootElement.GetProperty("verificationMethod").GetRawText(), foreign.RootElement.GetProperty("verificationMethod").GetRawText(), StringComparison.Ordinal)));
        }

        foreach (var member in own.RootElement.EnumerateObject())
        {
            var written = $"{JsonSerializer.Serialize(member.Name)}:{member.Value.GetRawText()}";
            Assert.False(Read(json.Replace(written + ",", "", StringComparison.Ordinal).Replace("," + written, "", StringComparison.Ordinal)), member.Name);
            Assert.False(Read(json.Replace(written, $"{written},{written}", StringComparison.Ordinal)), member.Name);
            Assert.False(Read(json.Replace(written, $"\"{member.Name}\":[]", StringComparison.Ordinal)), member.Name);
        }

        Assert.False(Read(json.Insert(1, "\"service\":[],")));
        Assert.False(Read(json.Insert(1, "/**/")));

        bool Read(string changed) => DidDocument.TryRead(Encoding.UTF8.GetBytes(changed), did, out _);
    }

    [Fact]
    public void A13_identifiers_of_points_off_their_curve_or_of_small_order_and_of_private_keys_are_refused()
    {
        byte[] off = [2, .. new byte[31], 5];
        Assert.False(KeyType.Secp256k1.TryImport(off, out _));
        string[] refused =
        [
            Multikey([0xE7, 0x01], off),
            Multikey([0x80, 0x24], [2, .. Enumerable.Repeat((byte)0xFF, 32)]),
            Multikey([0xEC, 0x01], new byte[32]),
            Multikey([0xED, 0x01], new byte[32]),
            Jwk("""{"kty":"OKP","crv":"X25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"""),
            Jwk("""{"kty":"EC","crv":"P-256","x":"acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0","y":"_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSF"}"""),
            Jwk("""{"kty":"EC","crv":"P-256","x":"acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0","y":"_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSA"}"""),
            Jwk("""{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"""),
            Jwk("""{"kty":"RSA","n":"AQ","e":"AQ"}"""),
            Jwk("{}"),
            JwkOfP256 + "=",
            JwkOfP256 + "#0",
            "did:jwk:",
        ];
        Assert.All(refused, text => Assert.False(Did.TryParse(text, out _), text));

        static string Multikey(byte[] codec, byte[] key) => "did:key:z" + Base58.Bitcoin.Encode([.. codec, .. key]);
        static string Jwk(string json) => "did:jwk:" + Base64UrlText.Encode(Encoding.UTF8.GetBytes(json));
    }

    [Theory]
    [InlineData("did:web:example.org", "https://example.org/.well-known/did.json")]
    [InlineData("did:web:a-1.example.org:people:Ada.L_1", "https://a-1.example.org/people/Ada.L_1/did.json")]
    [InlineData("did:web:localhost%3A8443", "https://localhost:8443/.well-known/did.json")]
    [InlineData("did:web:example.org%3A8443:people:ada", "https://example.org:8443/people/ada/did.json")]
    public void A_did_web_says_where_its_document_is(string text, string address)
    {
        Assert.True(Did.TryParse(text, out var did));
        Assert.Equal((DidMethod.Web, text, address), (did.Method, did.ToString(), did.Address!.AbsoluteUri));
        Assert.Null(did.PublicKey);
        Assert.Throws<InvalidOperationException>(did.Resolve);
    }

    [Theory]
    [InlineData("did:web:")]
    [InlineData("did:web:Example.org")]
    [InlineData("did:web:example.org.")]
    [InlineData("did:web:example..org")]
    [InlineData("did:web:-example.org")]
    [InlineData("did:web:ex_ample.org")]
    [InlineData("did:web:exämple.org")]
    [InlineData("did:web:user%40example.org")]
    [InlineData("did:web:127.0.0.1")]
    [InlineData("did:web:2130706433")]
    [InlineData("did:web:0x7f.1")]
    [InlineData("did:web:%5B%3A%3A1%5D")]
    [InlineData("did:web:example.org%3a8443")]
    [InlineData("did:web:example.org%3A")]
    [InlineData("did:web:example.org%3A0")]
    [InlineData("did:web:example.org%3A443")]
    [InlineData("did:web:example.org%3A08443")]
    [InlineData("did:web:example.org%3A65536")]
    [InlineData("did:web:example.org%3A80%3A80")]
    [InlineData("did:web:example.org:")]
    [InlineData("did:web:example.org::a")]
    [InlineData("did:web:example.org:..")]
    [InlineData("did:web:example.org:.")]
    [InlineData("did:web:example.org:%2E%2E")]
    [InlineData("did:web:example.org:a%2Fb")]
    [InlineData("did:web:example.org/a")]
    [InlineData("did:web:example.org?a")]
    [InlineData("did:web:example.org#a")]
    [InlineData("did:WEB:example.org")]
    public void An_address_has_one_did_web_and_what_leads_elsewhere_has_none(string text)
    {
        Assert.False(Did.TryParse(text, out _), text);
        Assert.Equal(DidResolutionError.InvalidDid, DidResolution.Resolve(text).Error);
    }

    [Fact]
    public void A_DID_has_at_most_1024_characters()
    {
        Assert.True(Did.TryParse("did:web:example.org:" + new string('a', 1004), out _));
        Assert.False(Did.TryParse("did:web:example.org:" + new string('a', 1005), out _));
    }

    private static Did Parsed(string text) => Did.TryParse(text, out var did) ? did : throw new InvalidDataException(text);

    private static JsonElement Document(string text) => StrictJson.TryParse(Parsed(text).Resolve().ToUtf8Json(), out var document) ? document : default;
}
