using System.Text;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Signing;

/// <summary>What a guest's signature has of its own; what it shares with a session's, <see cref="HttpMessageSignatureTests"/> looks at.</summary>
public sealed class GuestSignatureTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly Guid Channel = ChannelId.Generate().Value;
    private static readonly Origin Service = Read("https://vault.example.org");

    private readonly Ed25519PrivateKey key = Ed25519PrivateKey.Generate();

    public void Dispose() => key.Dispose();

    [Fact]
    public void The_signature_is_that_of_RFC_9421_B_2_6()
    {
        Assert.True(Base64UrlText.TryDecode("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU", out var seed));
        using var published = Ed25519PrivateKey.FromSeed(seed);
        var signatureBase = SignatureFields.BaseOf(
            [
                ("date", "Tue, 20 Apr 2021 02:07:55 GMT"), ("@method", "POST"), ("@path", "/foo"), ("@authority", "example.com"),
                ("content-type", "application/json"), ("content-length", "18"),
            ],
            """("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519" """.TrimEnd());
        Assert.Equal(
            "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==", Convert.ToBase64String(published.Sign(signatureBase)));
    }

    [Fact]
    public void What_is_signed_is_what_the_spec_lists()
    {
        var signature = GuestSignature.Sign(Request(), key, Channel, Now);
        var parameters = signature.SignatureInput["sig=".Length..];
        var nonce = parameters.Split('"')[11];
        Assert.Equal(22, nonce.Length);
        Assert.Equal(
            "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\")"
            + $";created=1800000000;nonce=\"{nonce}\";keyid=\"{Channel}\";alg=\"ed25519\"",
            parameters);
        var expected = string.Join(
            '\n',
            "\"@method\": GET",
            "\"@authority\": vault.example.org",
            "\"@path\": /v1/channel",
            "\"@query\": ?after=3",
            "\"content-digest\": sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
            "\"@signature-params\": " + parameters);
        Assert.Equal($"sig=:{Convert.ToBase64String(key.Sign(Encoding.ASCII.GetBytes(expected)))}:", signature.Signature);
    }

    [Fact]
    public void What_was_signed_verifies_after_the_journey_under_the_channels_key_alone()
    {
        var signature = GuestSignature.Sign(Request(), key, Channel, Now);
        Assert.True(GuestSignature.TryParse(signature.SignatureInput, signature.Signature, out var received));
        Assert.Equal((Channel, Now.ToUnixTimeSeconds()), (received.KeyId, received.Created));
        Assert.True(received.Verify(Request(), key.PublicKey));
        using var other = Ed25519PrivateKey.Generate();
        Assert.False(received.Verify(Request(), other.PublicKey));
        Assert.NotEqual(signature.SignatureInput, GuestSignature.Sign(Request(), key, Channel, Now).SignatureInput);
    }

    [Fact]
    public void G10_whatever_is_changed_about_the_request_ends_the_signature()
    {
        var signature = GuestSignature.Sign(Request(), key, Channel, Now);
        CoveredComponents[] others =
        [
            new("POST", Service, "/v1/channel?after=3", ContentDigest.OfNothing),
            new("GET", Read("https://vault.example.net"), "/v1/channel?after=3", ContentDigest.OfNothing),
            new("GET", Service, "/v1/letters?after=3", ContentDigest.OfNothing),
            new("GET", Service, "/v1/channel?after=4", ContentDigest.OfNothing),
            new("GET", Service, "/v1/channel", ContentDigest.OfNothing),
            new("GET", Service, "/v1/channel?after=3", ContentDigest.Of("{}"u8)),
        ];
        Assert.All(others, other => Assert.False(signature.Verify(other, key.PublicKey)));
    }

    [Fact]
    public void Whatever_is_changed_in_the_fields_ends_the_signature()
    {
        var signature = GuestSignature.Sign(Request(), key, Channel, Now);
        var (input, value) = (signature.SignatureInput, signature.Signature);
        for (var i = 0; i < input.Length; i++)
            Assert.False(Accepts(Changed(input, i), value), $"character {i} of Signature-Input");
        for (var i = 0; i < value.Length; i++)
            Assert.False(Accepts(input, Changed(value, i)), $"character {i} of Signature");
        for (var length = 0; length < value.Length; length++)
            Assert.False(Accepts(input, value[..length]), $"{length} characters of Signature");
    }

    [Theory]
    [InlineData("ed25519", "hmac-sha256")]
    [InlineData("ed25519", "ed448")]
    [InlineData(";alg=\"ed25519\"", "")]
    [InlineData("keyid=\"", "keyid=\"{")]
    [InlineData("keyid=\"", "keyid=\"A")]
    public void A_field_in_any_other_form_is_refused_even_if_it_was_signed(string old, string changed)
    {
        var parameters = GuestSignature.Sign(Request(), key, Channel, Now).SignatureInput["sig=".Length..].Replace(old, changed, StringComparison.Ordinal);
        var value = key.Sign(SignatureFields.BaseOf(Request().ToLines(), parameters));
        Assert.False(GuestSignature.TryParse($"sig={parameters}", $"sig=:{Convert.ToBase64String(value)}:", out _));
    }

    [Fact]
    public void Neither_a_sessions_signature_is_a_guests_nor_a_guests_a_sessions()
    {
        using var session = new SessionKey(SecretBytes.Generate(32));
        var ofSession = HttpMessageSignature.Sign(Request(), session, new(1, AccountId.Generate(), SessionId.Generate()), Now);
        Assert.False(GuestSignature.TryParse(ofSession.SignatureInput, ofSession.Signature, out _));
        var ofGuest = GuestSignature.Sign(Request(), key, Channel, Now);
        Assert.False(HttpMessageSignature.TryParse(ofGuest.SignatureInput, ofGuest.Signature, out _));
    }

    [Theory]
    [InlineData(-61, false)]
    [InlineData(-60, true)]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public void A_signature_is_good_for_60_seconds_either_way(int offset, bool timely) =>
        Assert.Equal(timely, GuestSignature.Sign(Request(), key, Channel, Now).IsTimely(Now.AddSeconds(offset)));

    private static CoveredComponents Request() => new("GET", Service, "/v1/channel?after=3", ContentDigest.OfNothing);

    private static Origin Read(string text) => Origin.TryParse(text, out var origin) ? origin : throw new ArgumentException(text);

    private static string Changed(string text, int index) =>
        string.Concat(text[..index], text[index] == 'A' ? "B" : "A", text[(index + 1)..]);

    private bool Accepts(string input, string value) =>
        GuestSignature.TryParse(input, value, out var signature) && signature.Verify(Request(), key.PublicKey);
}
