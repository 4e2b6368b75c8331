using System.Text;
using System.Text.Json;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Signing;

public sealed class JwkTests
{
    // The point that most keys of json_web_key_test.json have.
    private const string X = "04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY";
    private const string Y = "UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw";

    public static TheoryData<string> Types() => [.. KeyType.All.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Types))]
    public void What_is_written_is_read(string name)
    {
        Assert.True(KeyType.TryParse(name, out var type));
        using var key = type.Generate();
        Assert.True(Jwk.TryRead(Jwk.Of(key.PublicKey).ToUtf8Json(), out var read));
        Assert.Equal(key.PublicKey, read.PublicKey);
    }

    [Fact]
    public void The_key_of_RFC_8037_is_written_as_there()
    {
        // Appendix A.2.
        Assert.True(Base64UrlText.TryDecode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", out var point) && Ed25519PublicKey.TryImport(point, out _));
        Assert.True(Ed25519PublicKey.TryImport(point, out var key));
        Assert.Equal("""{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""", Encoding.UTF8.GetString(Jwk.Of(key).ToUtf8Json()));
    }

    [Fact]
    public void A13_of_the_keys_of_Wycheproof_the_one_that_fits_is_imported_and_no_RSA_key_is()
    {
        var (imported, refused, rsa) = (0, 0, 0);
        foreach (var (group, test) in PublicVectors.Wycheproof("json_web_key_test.json"))
        {
            var keys = group.TryGetProperty("public", out var set) || group.TryGetProperty("private", out set) ? set.GetProperty("keys") : default;
            foreach (var json in keys.EnumerateArray())
            {
                rsa += json.TryGetProperty("n", out _) ? 1 : 0;
                if (!Jwk.TryRead(Encoding.UTF8.GetBytes(json.GetRawText()), out var jwk) || jwk.PublicKey is not { } key)
                {
                    refused++;
                    continue;
                }

                // A set with a symmetric key beside it: the key is sound, and verifies nothing that the other one signed.
                imported++;
                Assert.Equal("jws_mixedSymmetryKeyset", group.Text("comment"));
                Assert.False(Verifies(test.Text("jws"), key));
            }
        }

        Assert.Equal((1, 29, 5), (imported, refused, rsa));
    }

    [Fact]
    public void Every_Wycheproof_JWS_of_our_curves_is_judged_as_published_by_a_reader_who_expects_its_header()
    {
        var (valid, invalid) = (0, 0);
        foreach (var (group, test) in PublicVectors.Wycheproof("json_web_signature_test.json"))
        {
            var json = group.TryGetProperty("public", out var one) ? one : group.GetProperty("private");
            if (!json.TryGetProperty("crv", out var curve) || curve.GetString() != "P-256" || !Jwk.TryRead(Encoding.UTF8.GetBytes(json.GetRawText()), out var jwk) || jwk.PublicKey is not { } key)
                continue;
            var jws = test.GetProperty("jws");
            var accepted = jws.ValueKind == JsonValueKind.String && Verifies(jws.GetString()!, key);
            Assert.True(accepted == (test.Text("result") == "valid"), $"tcId {test.GetProperty("tcId")}: {test.Text("comment")}");
            _ = accepted ? valid++ : invalid++;
        }

        Assert.Equal((2, 37), (valid, invalid));
    }

    [Theory]
    [InlineData($$"""{"kty":"EC","crv":"P-256","x":"{{X}}","y":"{{Y}}","d":"{{X}}"}""")]
    [InlineData($$"""{"kty":"EC","crv":"P-256","x":"{{X}}","y":"{{Y}}","key_ops":["sign","verify"]}""")]
    [InlineData($$"""{"kty":"EC","crv":"P-256","x":"{{X}}","y":"{{Y}}","alg":"ES256K"}""")]
    [InlineData($$"""{"kty":"EC","crv":"P-256","x":"{{X}}","y":"{{Y}}","use":"other"}""")]
    [InlineData($$"""{"kty":"EC","crv":"P-256","x":"{{X}}","y":"{{Y}}","x5u":"https://keys.example.org/cert"}""")]
    [InlineData($$"""{"kty":"EC","crv":"P-256","x":"{{X}}","y":"{{Y}}","kty":"EC"}""")]
    [InlineData($$"""{"kty":"EC","crv":"p-256","x":"{{X}}","y":"{{Y}}"}""")]
    [InlineData($$"""{"kty":"EC","crv":"secp256k1","x":"{{X}}","y":"{{Y}}"}""")]
    [InlineData($$"""{"kty":"EC","crv":"P-256","x":"{{Y}}","y":"{{X}}"}""")]
    [InlineData($$"""{"kty":"EC","crv":"P-256","x":"{{X}}"}""")]
    [InlineData($$"""{"kty":"EC","crv":"P-256","x":"AAA{{X}}","y":"{{Y}}"}""")]
    [InlineData($$"""{"kty":"EC","crv":"P-256","x":"{{X}}=","y":"{{Y}}"}""")]
    [InlineData($$"""{"kty":"OKP","crv":"P-256","x":"{{X}}","y":"{{Y}}"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"enc"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""")]
    [InlineData("""{"kty":"OKP","crv":"X25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","use":"enc"}""")]
    [InlineData("""{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08","use":"sig"}""")]
    [InlineData("""{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}""")]
    [InlineData("""{"kty":"RSA","n":"rJBIp6T1YK","e":"AQ"}""")]
    [InlineData("null")]
    public void A13_what_is_no_public_key_of_a_known_kind_is_refused(string json) => Assert.False(Jwk.TryRead(Encoding.UTF8.GetBytes(json), out _), json);

    [Theory]
    [InlineData($$"""{"y":"{{Y}}","kid":"1","use":"sig","key_ops":["verify"],"alg":"ES256","x":"{{X}}","crv":"P-256","kty":"EC"}""", true)]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","alg":"EdDSA"}""", true)]
    [InlineData("""{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08","use":"enc"}""", false)]
    [InlineData($$"""{"kty":"EC","crv":"P-256","x":"{{X}}","y":"{{Y}}","use":"enc"}""", false)]
    public void Members_that_fit_may_be_there_and_a_key_for_encryption_verifies_nothing(string json, bool verifies)
    {
        Assert.True(Jwk.TryRead(Encoding.UTF8.GetBytes(json), out var jwk));
        Assert.Equal(verifies, jwk.PublicKey is not null);
    }

    /// <summary>A reader of ours expects one header, as text: here the one that the vector's signer wrote, if it says ES256.</summary>
    private static bool Verifies(string jws, PublicKey key)
    {
        var header = jws.Split('.')[0];
        if (!Base64UrlText.TryDecode(header, out var json) || !StrictJson.TryParse(json, out var members) || members.ValueKind != JsonValueKind.Object)
            return false;
        return members.TryGetProperty("alg", out var alg) && alg.GetString() == key.Type.Algorithm && Jws.TryVerify(header, jws, key, out _);
    }
}
