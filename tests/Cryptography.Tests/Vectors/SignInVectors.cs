using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Vectors;

namespace Keyladder.Cryptography.Tests.Vectors;

internal static class SignInVectors
{
    /// <summary>Stands for everything that two session keys could sign.</summary>
    private static readonly byte[] Probe = "probe"u8.ToArray();

    public static bool SessionKeys(VectorCase vector)
    {
        Assert.True(Origin.TryParse(vector.Text("origin"), out var origin));
        Assert.True(AccountId.TryParse(vector.Text("account"), out var account));
        Assert.True(SessionId.TryParse(vector.Text("session"), out var session));
        var keyId = new SessionKeyId((byte)vector.Integer("generation"), account, session);
        using var client = X25519PrivateKey.FromScalar(vector.Bytes("clientPrivate"));
        using var serviceSecret = SecretBytes.CopyOf(vector.Bytes("serviceSecret"));
        vector.Gives("keyId", keyId.ToString());
        vector.Gives("clientPublic", client.PublicKey);
        var received = vector.Has("clientPublic") ? vector.Bytes("clientPublic") : client.PublicKey.ToArray();
        try
        {
            using var service = SessionKey.DeriveServicePrivateKey(serviceSecret, keyId, received);
            vector.Gives("serverPublic", service.PublicKey);
            using var shared = service.Agree(received);
            vector.Gives("shared", shared.DangerousSpan);
            using var forService = SessionKey.DeriveForService(service, received, origin, keyId);
            using var forClient = SessionKey.DeriveForClient(client, vector.Has("serverPublic") ? vector.Bytes("serverPublic") : service.PublicKey, origin, keyId);
            Assert.Equal(forService.Sign(Probe), forClient.Sign(Probe));
            Assert.Equal(HMACSHA256.HashData(vector.Bytes("sessionKey"), Probe), forService.Sign(Probe));

            // The type does not let its private half out: two that have one public half are one.
            using var expected = X25519PrivateKey.FromScalar(vector.Bytes("servicePrivate"));
            Assert.Equal(expected.PublicKey, service.PublicKey);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    public static bool Requests(VectorCase vector)
    {
        Assert.True(SessionKeyId.TryParse(vector.Text("keyId"), out var keyId));
        using var key = new SessionKey(SecretBytes.CopyOf(vector.Bytes("sessionKey")));
        var request = ReadRequest(vector.Json("request"));
        vector.Gives("contentDigest", request.ContentDigest.ToString());
        Assert.True(HttpMessageSignature.TryParse(vector.Text("signatureInput"), vector.Text("signature"), out var signature));
        Assert.Equal((keyId, vector.Integer("created")), (signature.KeyId, signature.Created));

        // A signer draws its own nonce: all else that it writes must be what the file has.
        var own = HttpMessageSignature.Sign(request, key, keyId, DateTimeOffset.FromUnixTimeSeconds(signature.Created));
        var input = own.SignatureInput.Replace(NonceOf(own.SignatureInput), vector.Text("nonce"), StringComparison.Ordinal);
        vector.Gives("signatureInput", input);
        var signatureBase = SignatureFields.BaseOf(request.ToLines(), input["sig=".Length..]);
        vector.Gives("signatureBase", Encoding.ASCII.GetString(signatureBase));
        vector.Gives("signature", $"sig=:{Convert.ToBase64String(key.Sign(signatureBase))}:");
        return signature.Verify(request, key);
    }

    public static bool RequestsRefused(VectorCase vector)
    {
        using var key = new SessionKey(SecretBytes.CopyOf(vector.Bytes("sessionKey")));
        var request = ReadRequest(vector.Json("request"));
        var (contentDigest, input, value) = (vector.Text("contentDigest"), vector.Text("signatureInput"), vector.Text("signature"));
        if (!ContentDigest.TryParse(contentDigest, out var digest) || digest != request.ContentDigest)
            return vector.RefusedFor("digest");
        if (!HttpMessageSignature.TryParse(input, value, out var signature))
            return false;
        if (!signature.Verify(request, key))
            return vector.RefusedFor("signature");
        vector.Gives("created", signature.Created);
        vector.Gives("keyId", signature.KeyId.ToString());
        vector.Gives("nonce", NonceOf(signature.SignatureInput));
        return true;
    }

    public static bool GuestRequests(VectorCase vector)
    {
        var request = ReadRequest(vector.Json("request"));
        if (!ContentDigest.TryParse(vector.Text("contentDigest"), out var digest) || digest != request.ContentDigest)
            return vector.RefusedFor("digest");
        if (!GuestSignature.TryParse(vector.Text("signatureInput"), vector.Text("signature"), out var signature))
            return false;
        Assert.True(Ed25519PublicKey.TryImport(vector.Bytes("guestKey"), out var guest));
        if (!signature.Verify(request, guest))
            return vector.RefusedFor("signature");
        vector.Gives("channel", signature.KeyId.ToString());
        vector.Gives("created", signature.Created);
        vector.Gives("nonce", NonceOf(signature.SignatureInput));

        // A signer draws its own nonce: all else that it writes must be what the file has.
        using var key = Ed25519PrivateKey.FromSeed(vector.Bytes("seed"));
        var own = GuestSignature.Sign(request, key, signature.KeyId, DateTimeOffset.FromUnixTimeSeconds(signature.Created));
        var input = own.SignatureInput.Replace(NonceOf(own.SignatureInput), vector.Text("nonce"), StringComparison.Ordinal);
        Assert.Equal(vector.Text("signatureInput"), input);
        Assert.Equal(vector.Text("signature"), $"sig=:{Convert.ToBase64String(key.Sign(SignatureFields.BaseOf(request.ToLines(), input["sig=".Length..])))}:");
        return true;
    }

    public static bool Statements(VectorCase vector)
    {
        Assert.True(Ed25519PublicKey.TryImport(vector.Bytes("publicKey"), out var publicKey));
        var jws = vector.Text("jws");
        JsonObject payload;
        if (vector.Text("kind") == JwsKind.KeystoreLogin.Type)
        {
            if (!LoginAssertion.TryVerify(jws, publicKey, out var read))
                return false;
            payload = Common(read.Audience, read.Nonce, read.Locator, read.IssuedAt);
            payload["key"] = Convert.ToHexStringLower(read.SessionPublicKey);
        }
        else
        {
            if (!LoginProof.TryVerify(jws, publicKey, out var read))
                return false;
            payload = Common(read.Audience, read.Nonce, read.Locator, read.IssuedAt);
            payload["head"] = Convert.ToHexStringLower(read.HeadHash);
        }

        vector.GivesJson("payload", JsonSerializer.SerializeToElement(payload));
        return true;

        static JsonObject Common(Origin audience, string nonce, byte[] locator, long issuedAt) =>
            new() { ["aud"] = audience.ToString(), ["nonce"] = nonce, ["sub"] = Convert.ToHexStringLower(locator), ["iat"] = issuedAt };
    }

    private static string NonceOf(string signatureInput) => signatureInput.Split("nonce=\"")[1].Split('"')[0];

    private static CoveredComponents ReadRequest(JsonElement request)
    {
        Assert.True(Origin.TryParse($"https://{Text("authority")}", out var origin));
        return new CoveredComponents(Text("method"), origin, Text("path") + Text("query"), ContentDigest.Of(VectorCase.ReadBytes(request.GetProperty("body"))));

        string Text(string member) => request.GetProperty(member).GetString()!;
    }
}
