using System.Text;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Signing;

public sealed class LoginAssertionTests : IDisposable
{
    private const string Thirty2 = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
    private const string BasePoint = "CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"; // u = 9
    private const string Common = $$"""{"aud":"https://keys.example.org","nonce":"n","sub":"{{Thirty2}}","iat":1800000000,""";
    private const string Good = $$"""{{Common}}"key":"{{BasePoint}}"}""";
    private const string GoodProof = $$"""{{Common}}"head":"{{BasePoint}}"}""";

    private readonly Ed25519PrivateKey key = Ed25519PrivateKey.Generate();

    // What is wrong, and how the good payload becomes it.
    public static TheoryData<string, string, string> Faults()
    {
        var member = "\"nonce\":\"n\"";
        return new()
        {
            { "a duplicate member", member, "\"nonce\":\"n\",\"nonce\":\"n\"" },
            { "an escaped duplicate", member, "\"nonce\":\"n\",\"\\u006eonce\":\"n\"" },
            { "an unknown member", member, "\"nonce\":\"n\",\"admin\":true" },
            { "another case", "\"nonce\"", "\"Nonce\"" },
            { "an absent member", member + ",", "" },
            { "null", member, "\"nonce\":null" },
            { "a wrong type", member, "\"nonce\":1" },
            { "an empty nonce", member, "\"nonce\":\"\"" },
            { "a long nonce", member, $"\"nonce\":\"{new string('n', 129)}\"" },
            { "a lone surrogate", member, "\"nonce\":\"\\ud800\"" },
            { "a comment", member, "/**/\"nonce\":\"n\"" },
            { "a trailing comma", "}", ",}" },
            { "trailing data", "}", "}{}" },
            { "an unclosed object", "}", "" },
            { "an array", "{\"aud\"", "[{\"aud\"" },
            { "an origin in another form", "keys.example.org", "keys.example.org/" },
            { "an origin in capitals", "keys.example.org", "Keys.example.org" },
            { "no origin", "https://keys.example.org", "keys.example.org" },
            { "an audience list", "\"https://keys.example.org\"", "[\"https://keys.example.org\"]" },
            { "time as a text", "1800000000", "\"1800000000\"" },
            { "a fraction", "1800000000", "1800000000.0" },
            { "an exponent", "1800000000", "18e8" },
            { "a negative time", "1800000000", "-1" },
            { "minus zero", "1800000000", "-0" },
            { "a leading zero", "1800000000", "01800000000" },
            { "2^53", "1800000000", "9007199254740992" },
            { "more than 64 bits", "1800000000", "99999999999999999999" },
            { "padding", Thirty2, Thirty2 + "=" },
            { "trailing bits", Thirty2, Thirty2[..^1] + "F" },
            { "white space inside", Thirty2, Thirty2[..4] + " " + Thirty2[4..] },
            { "a short locator", Thirty2, Thirty2[..42] },
            { "a long locator", Thirty2, Thirty2 + "AAAA" },
            { "no bytes in the last member", BasePoint, "" },
            { "31 bytes in the last member", BasePoint, BasePoint[..42] },
        };
    }

    public void Dispose() => key.Dispose();

    [Fact]
    public void What_was_signed_is_what_the_service_reads()
    {
        using var session = X25519PrivateKey.Generate();
        Assert.True(Origin.TryParse("https://keys.example.org", out var origin));
        var locator = Enumerable.Repeat((byte)3, 32).ToArray();
        var assertion = new LoginAssertion(origin, "a nonce+/\"", locator, 1_800_000_000, session.PublicKey.ToArray());
        var jws = assertion.Sign(key);

        Assert.True(LoginAssertion.TryVerify(jws, key.PublicKey, out var verified));
        Assert.Equivalent(assertion, verified, strict: true);
        Assert.True(LoginAssertion.TryReadUnverified(jws, out var unverified));
        Assert.Equivalent(assertion, unverified, strict: true);

        using var other = Ed25519PrivateKey.Generate();
        Assert.False(LoginAssertion.TryVerify(jws, other.PublicKey, out verified));
        Assert.Null(verified);
    }

    [Fact]
    public void The_members_are_those_of_the_spec_in_any_order()
    {
        Assert.True(LoginAssertion.TryVerify(Assertion(Good), key.PublicKey, out var assertion));
        Assert.Equal(Good, Encoding.UTF8.GetString(Payload(assertion.Sign(key))));
        var turned = $$"""{ "key":"{{BasePoint}}", "sub":"{{Thirty2}}", "iat":1, "nonce":"n", "aud":"https://keys.example.org" }""";
        Assert.True(LoginAssertion.TryVerify(Assertion(turned), key.PublicKey, out _));

        Assert.True(LoginProof.TryVerify(Proof(GoodProof), key.PublicKey, out var proof));
        Assert.Equal(GoodProof, Encoding.UTF8.GetString(Payload(proof.Sign(key))));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void B15_everything_else_is_refused_even_if_the_right_key_signed_it(string what, string old, string changed)
    {
        var assertion = Good.Replace(old, changed, StringComparison.Ordinal);
        var proof = GoodProof.Replace(old, changed, StringComparison.Ordinal);
        Assert.NotEqual(Good, assertion);
        Assert.NotEqual(GoodProof, proof);
        Assert.False(LoginAssertion.TryVerify(Assertion(assertion), key.PublicKey, out _), what);
        Assert.False(LoginAssertion.TryReadUnverified(Assertion(assertion), out _), what);
        Assert.False(LoginProof.TryVerify(Proof(proof), key.PublicKey, out _), what);
    }

    [Fact]
    public void B15_bytes_that_are_no_JSON_are_refused()
    {
        byte[][] payloads =
        [
            [],
            "null"u8.ToArray(),
            [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Good)],
            Encoding.Unicode.GetBytes(Good),
            Encoding.Latin1.GetBytes(Good.Replace("\"n\"", "\"é\"", StringComparison.Ordinal)),
        ];
        foreach (var payload in payloads)
        {
            var jws = Jws.Sign(JwsKind.KeystoreLogin, payload, key);
            Assert.False(LoginAssertion.TryVerify(jws, key.PublicKey, out _), Convert.ToHexString(payload));
        }
    }

    [Fact]
    public void A13_a_session_key_of_small_order_is_refused_when_the_assertion_is_read()
    {
        var zero = Good.Replace(BasePoint, new string('A', 43), StringComparison.Ordinal);
        var one = Good.Replace(BasePoint, "AQ" + new string('A', 41), StringComparison.Ordinal);
        Assert.False(LoginAssertion.TryVerify(Assertion(zero), key.PublicKey, out _));
        Assert.False(LoginAssertion.TryVerify(Assertion(one), key.PublicKey, out _));
    }

    [Fact]
    public void B13_an_assertion_is_no_proof_and_a_proof_no_assertion()
    {
        Assert.False(LoginProof.TryVerify(Assertion(GoodProof), key.PublicKey, out _));
        Assert.False(LoginAssertion.TryVerify(Proof(Good), key.PublicKey, out _));
    }

    private static byte[] Payload(string jws) => Base64UrlText.TryDecode(jws.Split('.')[1], out var bytes) ? bytes : [];

    private string Assertion(string payload) => Jws.Sign(JwsKind.KeystoreLogin, Encoding.UTF8.GetBytes(payload), key);

    private string Proof(string payload) => Jws.Sign(JwsKind.KeystoreProof, Encoding.UTF8.GetBytes(payload), key);
}
