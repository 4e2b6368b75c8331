using System.Text;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Signing;

public sealed class HttpMessageSignatureTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly SessionKeyId KeyId = new(1, AccountId.Generate(), SessionId.Generate());
    private static readonly Origin Service = Read("https://keys.example.org");

    private readonly SessionKey key = new(SecretBytes.Generate(32));

    public void Dispose() => key.Dispose();

    [Fact]
    public void The_signature_base_and_its_MAC_are_those_of_RFC_9421_B_2_5()
    {
        using var secret = SecretBytes.CopyOf(
            Convert.FromBase64String("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="));
        using var shared = new SessionKey(secret);
        var signatureBase = SignatureFields.BaseOf(
            [("date", "Tue, 20 Apr 2021 02:07:55 GMT"), ("@authority", "example.com"), ("content-type", "application/json")],
            """("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret" """.TrimEnd());

        Assert.Equal("pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=", Convert.ToBase64String(shared.Sign(signatureBase)));
    }

    [Fact]
    public void What_is_signed_is_what_the_spec_lists()
    {
        var signature = HttpMessageSignature.Sign(Request(), key, KeyId, Now);
        var parameters = signature.SignatureInput["sig=".Length..];
        var nonce = parameters.Split('"')[11];
        Assert.Equal(22, nonce.Length);
        Assert.Equal(
            "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\")"
            + $";created=1800000000;nonce=\"{nonce}\";keyid=\"{KeyId}\";alg=\"hmac-sha256\"",
            parameters);

        var expected = string.Join(
            '\n',
            "\"@method\": GET",
            "\"@authority\": keys.example.org",
            "\"@path\": /v1/changes",
            "\"@query\": ?since=3",
            "\"content-digest\": sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
            "\"@signature-params\": " + parameters);
        Assert.Equal($"sig=:{Convert.ToBase64String(key.Sign(Encoding.ASCII.GetBytes(expected)))}:", signature.Signature);
    }

    [Fact]
    public void What_was_signed_verifies_after_the_journey_and_two_signatures_differ()
    {
        var signature = HttpMessageSignature.Sign(Request(), key, KeyId, Now);
        Assert.True(HttpMessageSignature.TryParse(signature.SignatureInput, signature.Signature, out var received));
        Assert.True(received.Verify(Request(), key));
        Assert.Equal(KeyId, received.KeyId);
        Assert.Equal(Now.ToUnixTimeSeconds(), received.Created);
        Assert.NotEqual(signature.SignatureInput, HttpMessageSignature.Sign(Request(), key, KeyId, Now).SignatureInput);
    }

    [Fact]
    public void G10_whatever_is_changed_about_the_request_ends_the_signature()
    {
        var signature = HttpMessageSignature.Sign(Request(), key, KeyId, Now);
        CoveredComponents[] others =
        [
            new("POST", Service, "/v1/changes?since=3", ContentDigest.OfNothing),
            new("get", Service, "/v1/changes?since=3", ContentDigest.OfNothing),
            new("GET", Read("https://keys.example.net"), "/v1/changes?since=3", ContentDigest.OfNothing),
            new("GET", Read("https://keys.example.org:8443"), "/v1/changes?since=3", ContentDigest.OfNothing),
            new("GET", Service, "/v1/account?since=3", ContentDigest.OfNothing),
            new("GET", Service, "/v1/changes?since=4", ContentDigest.OfNothing),
            new("GET", Service, "/v1/changes", ContentDigest.OfNothing),
            new("GET", Service, "/v1/changes?since=%33", ContentDigest.OfNothing),
            new("GET", Service, "/v1/changes?since=3", ContentDigest.Of("{}"u8)),
        ];

        Assert.All(others, other => Assert.False(signature.Verify(other, key)));
        using var otherKey = new SessionKey(SecretBytes.Generate(32));
        Assert.False(signature.Verify(Request(), otherKey));
    }

    [Fact]
    public void Whatever_is_changed_in_the_fields_ends_the_signature()
    {
        var signature = HttpMessageSignature.Sign(Request(), key, KeyId, Now);
        var (input, value) = (signature.SignatureInput, signature.Signature);
        for (var i = 0; i < input.Length; i++)
            Assert.False(Accepts(Changed(input, i), value), $"character {i} of Signature-Input");
        for (var i = 0; i < value.Length; i++)
            Assert.False(Accepts(input, Changed(value, i)), $"character {i} of Signature");
        for (var length = 0; length < input.Length; length++)
            Assert.False(Accepts(input[..length], value), $"{length} characters of Signature-Input");
        for (var length = 0; length < value.Length; length++)
            Assert.False(Accepts(input, value[..length]), $"{length} characters of Signature");
    }

    [Theory]
    [InlineData("sig=", "sig1=")]
    [InlineData("sig=", " sig=")]
    [InlineData("\"@method\" \"@authority\"", "\"@authority\" \"@method\"")]
    [InlineData(" \"content-digest\"", "")]
    [InlineData("\"content-digest\")", "\"content-digest\" \"date\")")]
    [InlineData("\"@method\" ", "\"@method\"  ")]
    [InlineData("\"@path\"", "\"@path\";req")]
    [InlineData(";created=", "; created=")]
    [InlineData(";created=1800000000", "")]
    [InlineData("created=18", "created=018")]
    [InlineData("created=18", "created=-18")]
    [InlineData("created=1800000000", "created=1800000000.0")]
    [InlineData("created=1800000000", "created=1800000000000000")]
    [InlineData(";alg=\"hmac-sha256\"", "")]
    [InlineData("hmac-sha256", "hmac-sha512")]
    [InlineData("hmac-sha256\"", "hmac-sha256\";tag=\"x\"")]
    [InlineData("hmac-sha256\"", "hmac-sha256\";expires=1800000060")]
    [InlineData("hmac-sha256\"", "hmac-sha256\"\n")]
    [InlineData("hmac-sha256\"", "hmac-sha256\", sig2=()")]
    public void A_field_in_any_other_form_is_refused_even_if_it_was_signed(string old, string changed)
    {
        var input = HttpMessageSignature.Sign(Request(), key, KeyId, Now).SignatureInput.Replace(old, changed, StringComparison.Ordinal);
        var parameters = input[(input.IndexOf('=', StringComparison.Ordinal) + 1)..];
        var mac = key.Sign(SignatureFields.BaseOf(Request().ToLines(), parameters));
        Assert.False(HttpMessageSignature.TryParse(input, $"sig=:{Convert.ToBase64String(mac)}:", out _));
    }

    [Fact]
    public void A_second_way_to_write_the_MAC_is_refused()
    {
        var signature = HttpMessageSignature.Sign(Request(), key, KeyId, Now);
        var sibling = Sibling(signature.Signature[^3]); // before "=:"; 32 bytes leave its two lowest bits unused
        Assert.False(HttpMessageSignature.TryParse(signature.SignatureInput, $"{signature.Signature[..^3]}{sibling}=:", out _));
    }

    [Fact]
    public void A_second_way_to_write_the_nonce_is_refused_even_if_it_was_signed()
    {
        var input = HttpMessageSignature.Sign(Request(), key, KeyId, Now).SignatureInput;
        var last = input.IndexOf("\";keyid", StringComparison.Ordinal) - 1; // 16 bytes leave its four lowest bits unused
        var parameters = string.Concat(input["sig=".Length..last], Sibling(input[last]), input[(last + 1)..]);
        var mac = key.Sign(SignatureFields.BaseOf(Request().ToLines(), parameters));
        Assert.False(HttpMessageSignature.TryParse($"sig={parameters}", $"sig=:{Convert.ToBase64String(mac)}:", out _));
    }

    [Theory]
    [InlineData("GET\n\"@path\": /other", "/v1/account")]
    [InlineData("", "/v1/account")]
    [InlineData("GET", "/v1/account\n\"@query\": ?")]
    [InlineData("GET", "/v1/account\r")]
    [InlineData("GET", "/v1/a b")]
    [InlineData("GET", "/v1/é")]
    [InlineData("GET", "v1/account")]
    [InlineData("GET", "https://keys.example.org/v1/account")]
    [InlineData("GET", "*")]
    [InlineData("GET", "")]
    public void What_could_make_one_signature_base_stand_for_two_requests_is_refused(string method, string target) =>
        Assert.ThrowsAny<ArgumentException>(() => new CoveredComponents(method, Service, target, ContentDigest.OfNothing));

    [Theory]
    [InlineData(-61, false)]
    [InlineData(-60, true)]
    [InlineData(0, true)]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public void A_signature_is_good_for_60_seconds_either_way(int offset, bool timely) =>
        Assert.Equal(timely, HttpMessageSignature.Sign(Request(), key, KeyId, Now).IsTimely(Now.AddSeconds(offset)));

    private static CoveredComponents Request() => new("GET", Service, "/v1/changes?since=3", ContentDigest.OfNothing);

    private static Origin Read(string text) => Origin.TryParse(text, out var origin) ? origin : throw new ArgumentException(text);

    // The symbol that differs in the lowest bit. The last symbol of 16 or 32 bytes is never one of the two that differ between the alphabets.
    private static string Sibling(char symbol)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        return alphabet[alphabet.IndexOf(symbol, StringComparison.Ordinal) ^ 1].ToString();
    }

    private static string Changed(string text, int index) =>
        string.Concat(text[..index], text[index] == 'A' ? "B" : "A", text[(index + 1)..]);

    private bool Accepts(string input, string value) =>
        HttpMessageSignature.TryParse(input, value, out var signature) && signature.Verify(Request(), key);
}
