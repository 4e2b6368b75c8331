using System.Text;
using System.Text.Json;
using CsCheck;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Signing;

public sealed class JwsTests : IDisposable
{
    private readonly Ed25519PrivateKey key = Ed25519PrivateKey.Generate();

    public static TheoryData<string> Headers() =>
    [
        """{"alg":"none","typ":"keystore-head+jwt"}""",
        """{"alg":"None","typ":"keystore-head+jwt"}""",
        """{"alg":"HS256","typ":"keystore-head+jwt"}""",
        """{"alg":"EdDSA","typ":"keystore-head+jwt"}""",
        """{"alg":"Ed448","typ":"keystore-head+jwt"}""",
        """{"alg":"ed25519","typ":"keystore-head+jwt"}""",
        """{"typ":"keystore-head+jwt"}""",
        """{"alg":"Ed25519"}""",
        """{"alg":"Ed25519","typ":"keystore-head"}""",
        """{"alg":"Ed25519","typ":"Keystore-Head+JWT"}""",
        """{"alg":"Ed25519","typ":"application/keystore-head+jwt"}""",
        """{"alg":"Ed25519","typ":"keystore-head+jwt","crit":["exp"],"exp":1}""",
        """{"alg":"Ed25519","typ":"keystore-head+jwt","crit":[]}""",
        """{"alg":"Ed25519","typ":"keystore-head+jwt","b64":false,"crit":["b64"]}""",
        """{"alg":"Ed25519","typ":"keystore-head+jwt","zip":"DEF"}""",
        """{"alg":"Ed25519","typ":"keystore-head+jwt","p2c":2147483647}""",
        """{"alg":"Ed25519","typ":"keystore-head+jwt","jku":"https://keys.example.org/jwks"}""",
        """{"alg":"Ed25519","typ":"keystore-head+jwt","x5u":"https://keys.example.org/cert"}""",
        """{"alg":"Ed25519","typ":"keystore-head+jwt","kid":"1"}""",
        """{"alg":"Ed25519","typ":"keystore-head+jwt","jwk":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQ"}}""",
        """{"alg":"Ed25519","typ":"keystore-head+jwt","typ":"keystore-head+jwt"}""",
        """{"typ":"keystore-head+jwt","alg":"Ed25519"}""",
        """{"alg": "Ed25519","typ":"keystore-head+jwt"}""",
        """{"alg":"Ed25519","typ":"keystore-head\u002bjwt"}""",
        """{"alg":"Ed25519","typ":"keystore-head+jwt"} """,
        "{}",
        "",
    ];

    public void Dispose() => key.Dispose();

    [Fact]
    public void The_header_is_fixed_byte_for_byte()
    {
        var parts = Jws.Sign(JwsKind.KeystoreHead, "{}"u8, key).Split('.');
        Assert.Equal("""{"alg":"Ed25519","typ":"keystore-head+jwt"}""", Decoded(parts[0]));
        Assert.Equal("{}", Decoded(parts[1]));
        Assert.Equal(
            [
                "did-sign-in+jwt", "key-bundle+jwt", "key-change+jwt", "keystore-admission+jwt", "keystore-deletion+jwt", "keystore-head+jwt", "keystore-login+jwt", "keystore-proof+jwt",
                "relationship-acceptance+jwt", "relationship-confirmation+jwt", "share+jwt", "share-event+jwt", "signed-content+jwt", "vault-deletion+jwt", "vault-head+jwt",
            ],
            JwsKind.All.Select(kind => kind.Type).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_was_signed_is_what_a_verifier_gets() =>
        Gen.Byte.Array[0, 200].Sample(payload =>
            Jws.TryVerify(JwsKind.KeystoreLogin, Jws.Sign(JwsKind.KeystoreLogin, payload, key), key.PublicKey, out var read)
            && read.AsSpan().SequenceEqual(payload));

    [Fact]
    public void B13_a_signature_of_one_kind_never_verifies_as_another()
    {
        foreach (var made in JwsKind.All)
        {
            var jws = Jws.Sign(made, "{}"u8, key);
            foreach (var expected in JwsKind.All)
            {
                Assert.Equal(made == expected, Jws.TryVerify(expected, jws, key.PublicKey, out _));
                Assert.Equal(made == expected, Jws.TryReadUnverified(expected, jws, out _));

                // The same signature under the header of the other kind: now the header fits, and the signature does not.
                var relabelled = expected.EncodedHeader + jws[made.EncodedHeader.Length..];
                Assert.Equal(made == expected, Jws.TryVerify(expected, relabelled, key.PublicKey, out _));
            }
        }
    }

    [Fact]
    public void B13_what_a_person_signs_are_the_only_kinds_for_keys_on_other_curves_and_the_key_decides_the_algorithm()
    {
        JwsKind[] byPersons = [JwsKind.SignedContent, JwsKind.DidSignIn];
        foreach (var type in new[] { KeyType.P256, KeyType.Secp256k1 })
        {
            using var ecdsa = EcdsaPrivateKey.Generate(type);
            foreach (var kind in byPersons)
            {
                var jws = Jws.Sign(kind, "{}"u8, ecdsa);
                Assert.Equal($$"""{"alg":"{{type.Algorithm}}","typ":"{{kind.Type}}"}""", Decoded(jws.Split('.')[0]));
                Assert.True(Jws.TryVerify(kind, jws, ecdsa.PublicKey, out _));
                Assert.True(Jws.TryReadUnverified(kind, jws, out _));
                Assert.False(Jws.TryVerify(kind, jws, key.PublicKey, out _));

                // The right key under the header of each other algorithm, as its own signature over it.
                foreach (var other in KeyType.All.Where(other => other != type).Select(other => kind.EncodedHeaders[other]))
                    Assert.False(Jws.TryVerify(kind, $"{other}.e30.{Base64UrlText.Encode(ecdsa.Sign(Encoding.ASCII.GetBytes($"{other}.e30")))}", ecdsa.PublicKey, out _));
            }

            foreach (var kind in JwsKind.All.Except(byPersons))
            {
                Assert.Throws<ArgumentException>(() => Jws.Sign(kind, "{}"u8, ecdsa));
                foreach (var header in new[] { kind.EncodedHeader, Base64UrlText.Encode(Encoding.UTF8.GetBytes($$"""{"alg":"{{type.Algorithm}}","typ":"{{kind.Type}}"}""")) })
                    Assert.False(Jws.TryVerify(kind, $"{header}.e30.{Base64UrlText.Encode(ecdsa.Sign(Encoding.ASCII.GetBytes($"{header}.e30")))}", ecdsa.PublicKey, out _));
            }
        }
    }

    [Fact]
    public void B13_the_signature_of_another_key_is_refused()
    {
        using var other = Ed25519PrivateKey.Generate();
        Assert.False(Jws.TryVerify(JwsKind.KeystoreHead, Jws.Sign(JwsKind.KeystoreHead, "{}"u8, other), key.PublicKey, out var payload));
        Assert.Null(payload);
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public void C13_every_other_header_is_refused_even_if_the_right_key_signed_it(string header)
    {
        var jws = SignedAs(Base64UrlText.Encode(Encoding.UTF8.GetBytes(header)), Base64UrlText.Encode("{}"u8));
        Assert.False(Jws.TryVerify(JwsKind.KeystoreHead, jws, key.PublicKey, out _));
        Assert.False(Jws.TryReadUnverified(JwsKind.KeystoreHead, jws, out _));
        Assert.False(Jws.TryVerify(JwsKind.KeystoreHead, jws[..(jws.LastIndexOf('.') + 1)], key.PublicKey, out _));
    }

    [Fact]
    public void C13_every_Wycheproof_JWS_is_refused_as_the_wrong_kind()
    {
        // The file has no group for EdDSA: what it calls valid is HMAC, RSA or ECDSA, which no kind of ours may be.
        var cases = 0;
        foreach (var (group, test) in PublicVectors.Wycheproof("json_web_signature_test.json"))
        {
            var keys = group.TryGetProperty("private", out var one) ? one : group.GetProperty("public");
            Assert.NotEqual("OKP", keys.TryGetProperty("kty", out var type) ? type.GetString() : "absent");

            var jws = test.GetProperty("jws");
            var text = jws.ValueKind == JsonValueKind.String ? jws.GetString()! : jws.GetRawText();
            foreach (var kind in JwsKind.All)
            {
                Assert.False(Jws.TryVerify(kind, text, key.PublicKey, out _), $"tcId {test.GetProperty("tcId")}");
                Assert.False(Jws.TryReadUnverified(kind, text, out _), $"tcId {test.GetProperty("tcId")}");
            }

            cases++;
        }

        Assert.Equal(401, cases);
    }

    [Fact]
    public void C13_each_part_has_one_text_even_if_the_right_key_signed_another()
    {
        var header = JwsKind.KeystoreHead.EncodedHeader;
        Assert.True(Jws.TryVerify(JwsKind.KeystoreHead, SignedAs(header, "e30"), key.PublicKey, out _)); // the control: {}
        foreach (var payload in new[] { "e30=", "e31", "e3 0", " e30", "e30\n", "e+30", "e", "e30\0", "é30" })
            Assert.False(Jws.TryVerify(JwsKind.KeystoreHead, SignedAs(header, payload), key.PublicKey, out _), payload);

        var jws = SignedAs(header, "e30");
        var fourParts = jws.Replace(".e30", ".e30.", StringComparison.Ordinal);
        foreach (var changed in new[] { jws + "=", jws + "==", jws + " ", jws + "\n", " " + jws, jws + ".", "." + jws, jws + ".e30", fourParts })
        {
            Assert.False(Jws.TryVerify(JwsKind.KeystoreHead, changed, key.PublicKey, out _), changed);
            Assert.False(Jws.TryReadUnverified(JwsKind.KeystoreHead, changed, out _), changed);
        }
    }

    [Fact]
    public void C13_JSON_serializations_are_refused()
    {
        var parts = Jws.Sign(JwsKind.KeystoreHead, "{}"u8, key).Split('.');
        var flattened = $$"""{"payload":"{{parts[1]}}","protected":"{{parts[0]}}","signature":"{{parts[2]}}"}""";
        var general = $$"""{"payload":"{{parts[1]}}","signatures":[{"protected":"{{parts[0]}}","signature":"{{parts[2]}}"}]}""";
        Assert.False(Jws.TryVerify(JwsKind.KeystoreHead, flattened, key.PublicKey, out _));
        Assert.False(Jws.TryVerify(JwsKind.KeystoreHead, general, key.PublicKey, out _));
    }

    [Fact]
    public void B16_every_changed_character_and_every_truncation_is_refused()
    {
        var jws = Jws.Sign(JwsKind.KeystoreProof, "{\"a\":1}"u8, key);
        for (var i = 0; i < jws.Length; i++)
        {
            var changed = string.Concat(jws[..i], jws[i] == 'A' ? "B" : "A", jws[(i + 1)..]);
            Assert.False(Jws.TryVerify(JwsKind.KeystoreProof, changed, key.PublicKey, out _), $"character {i}");
            Assert.False(Jws.TryVerify(JwsKind.KeystoreProof, jws[..i], key.PublicKey, out _), $"{i} characters");
        }
    }

    [Fact]
    public void The_hash_covers_header_and_payload_and_not_the_signature()
    {
        var jws = Jws.Sign(JwsKind.KeystoreHead, "{}"u8, key);
        var signed = jws[..jws.LastIndexOf('.')];
        var hash = Jws.SigningInputHash(jws);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(signed)), hash);
        Assert.Equal(hash, Jws.SigningInputHash(signed + ".AAAA"));
        Assert.NotEqual(hash, Jws.SigningInputHash(Jws.Sign(JwsKind.KeystoreHead, "{ }"u8, key)));
        Assert.Throws<ArgumentException>(() => Jws.SigningInputHash("e30"));
        Assert.Throws<ArgumentException>(() => Jws.SigningInputHash("é.e30.e30"));
    }

    private static string Decoded(string part) => Base64UrlText.TryDecode(part, out var bytes) ? Encoding.UTF8.GetString(bytes) : "";

    private string SignedAs(string header, string payload) =>
        $"{header}.{payload}.{Base64UrlText.Encode(key.Sign(Encoding.UTF8.GetBytes($"{header}.{payload}")))}";
}
