using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace Keyladder.Cryptography.Tests.Signing;

public sealed class SessionKeyTests
{
    private static readonly SessionKeyId KeyId = new(1, AccountId.Generate(), SessionId.Generate());

    [Fact]
    public void Client_and_service_derive_the_same_key()
    {
        using var secret = SecretBytes.Generate(32);
        using var client = X25519PrivateKey.Generate();
        using var service = SessionKey.DeriveServicePrivateKey(secret, KeyId, client.PublicKey);
        using var atClient = SessionKey.DeriveForClient(client, service.PublicKey, Origin("https://keys.example.org"), KeyId);
        using var atService = SessionKey.DeriveForService(service, client.PublicKey, Origin("https://keys.example.org"), KeyId);

        Assert.True(atService.Verify("request"u8, atClient.Sign("request"u8)));
        Assert.False(atService.Verify("another request"u8, atClient.Sign("request"u8)));
    }

    [Fact]
    public void Whatever_differs_gives_another_key()
    {
        using var secret = SecretBytes.Generate(32);
        using var otherSecret = SecretBytes.Generate(32);
        using var client = X25519PrivateKey.Generate();
        using var otherClient = X25519PrivateKey.Generate();
        var origin = Origin("https://keys.example.org");
        var signatures = new List<byte[]>
        {
            Sign(secret, client, origin, KeyId),
            Sign(otherSecret, client, origin, KeyId),
            Sign(secret, otherClient, origin, KeyId),
            Sign(secret, client, Origin("https://keys.example.net"), KeyId),
            Sign(secret, client, origin, KeyId with { Generation = 2 }),
            Sign(secret, client, origin, KeyId with { Account = AccountId.Generate() }),
            Sign(secret, client, origin, KeyId with { Session = SessionId.Generate() }),
        };

        Assert.Equal(signatures.Count, signatures.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void Both_keys_are_those_of_the_spec_computed_by_another_implementation()
    {
        using var secret = SecretBytes.Generate(32);
        using var client = X25519PrivateKey.Generate();
        using var service = SessionKey.DeriveServicePrivateKey(secret, KeyId, client.PublicKey);
        using var ours = SessionKey.DeriveForService(service, client.PublicKey, Origin("https://keys.example.org"), KeyId);

        var scalar = Hkdf(
            secret.DangerousSpan,
            "keystore/v1/session-x25519"u8.ToArray(),
            Encoding.ASCII.GetBytes(KeyId.ToString()),
            client.PublicKey.ToArray());
        var theirs = new X25519PrivateKeyParameters(scalar);
        Assert.Equal(theirs.GeneratePublicKey().GetEncoded(), service.PublicKey);

        var shared = new byte[32];
        theirs.GenerateSecret(new X25519PublicKeyParameters(client.PublicKey), shared);
        var key = Hkdf(
            shared,
            "keystore/v1/session-key"u8.ToArray(),
            "https://keys.example.org"u8.ToArray(),
            Encoding.ASCII.GetBytes(KeyId.ToString()),
            client.PublicKey.ToArray(),
            service.PublicKey.ToArray());
        Assert.Equal(HMACSHA256.HashData(key, "request"u8), ours.Sign("request"u8));
    }

    private static byte[] Hkdf(ReadOnlySpan<byte> input, params ReadOnlySpan<byte[]> fields)
    {
        var info = new MemoryStream();
        foreach (var field in fields)
        {
            info.Write([0, 0, 0, (byte)field.Length]);
            info.Write(field);
        }

        var hkdf = new HkdfBytesGenerator(new Sha512Digest());
        hkdf.Init(new HkdfParameters(input.ToArray(), null, info.ToArray()));
        var output = new byte[32];
        hkdf.GenerateBytes(output);
        return output;
    }

    private static byte[] Sign(SecretBytes secret, X25519PrivateKey client, Origin origin, SessionKeyId keyId)
    {
        using var service = SessionKey.DeriveServicePrivateKey(secret, keyId, client.PublicKey);
        using var key = SessionKey.DeriveForService(service, client.PublicKey, origin, keyId);
        return key.Sign("request"u8);
    }

    private static Origin Origin(string text) =>
        Cryptography.Signing.Origin.TryParse(text, out var origin) ? origin : throw new ArgumentException(text);
}
