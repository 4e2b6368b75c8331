using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;

namespace Keyladder.Cryptography.Tests.Signing;

public sealed class PrivateKeyFormatTests
{
    public static TheoryData<string> Types() => [.. KeyType.All.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Raw_is_what_the_key_is_made_of_again(string name)
    {
        using var key = Generate(name);
        using var raw = key.DangerousExport(PrivateKeyFormat.Raw);
        Assert.Equal(32, raw.Length);
        using var again = key.PublicKey.Type.FromBytes(raw.DangerousSpan);
        Assert.Equal(key.PublicKey, again.PublicKey);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void JWK_is_the_public_one_and_d(string name)
    {
        using var key = Generate(name);
        var json = Text(key, PrivateKeyFormat.Jwk);
        using var document = JsonDocument.Parse(json);
        Assert.True(Base64UrlText.TryDecode(document.RootElement.Text("d"), out var d));
        using var raw = key.DangerousExport(PrivateKeyFormat.Raw);
        Assert.Equal(raw.DangerousSpan.ToArray(), d);
        var open = json.Replace($",\"d\":\"{document.RootElement.Text("d")}\"", "", StringComparison.Ordinal);
        Assert.True(Jwk.TryRead(Encoding.UTF8.GetBytes(open), out var jwk));
        Assert.Equal(key.PublicKey, jwk.PublicKey);
        Assert.False(Jwk.TryRead(Encoding.UTF8.GetBytes(json), out _), "What reads public keys takes no private one.");
    }

    [Fact]
    public void The_private_key_of_RFC_8037_is_written_as_there()
    {
        // Appendix A.1.
        Assert.True(Base64UrlText.TryDecode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", out var seed));
        using var key = Ed25519PrivateKey.FromSeed(seed);
        Assert.Equal("""{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}""", Text(key, PrivateKeyFormat.Jwk));
    }

    [Fact]
    public void The_PKCS8_of_RFC_8410_is_written_as_there()
    {
        // Section 10.3, the first example.
        using var key = Ed25519PrivateKey.FromSeed(Convert.FromHexString("D4EE72DBF913584AD5B6D8F1F769F8AD3AFE7C28CBF1D4FBE097A88F44755842"));
        Assert.Equal("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n", Text(key, PrivateKeyFormat.Pkcs8));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void PKCS8_is_read_by_others_as_the_same_key(string name)
    {
        using var key = Generate(name);
        var pem = Text(key, PrivateKeyFormat.Pkcs8);
        Assert.True(PemEncoding.TryFind(pem, out var fields));
        Assert.Equal(pem[fields.Location] + "\n", pem);
        Assert.All(pem.Split('\n'), line => Assert.InRange(line.Length, 0, 64));
        var read = PrivateKeyFactory.CreateKey(Convert.FromBase64String(pem[fields.Base64Data]));
        using var raw = key.DangerousExport(PrivateKeyFormat.Raw);
        Assert.Equal(raw.DangerousSpan.ToArray(), read is Ed25519PrivateKeyParameters edwards ? edwards.GetEncoded() : EcdsaCurve.ToBytes(new(((ECPrivateKeyParameters)read).D.ToByteArrayUnsigned(), isUnsigned: true, isBigEndian: true)));
    }

    private static PrivateKey Generate(string name) => KeyType.TryParse(name, out var type) ? type.Generate() : throw new InvalidDataException(name);

    private static string Text(PrivateKey key, PrivateKeyFormat format)
    {
        using SecretBytes bytes = key.DangerousExport(format);
        return Encoding.UTF8.GetString(bytes.DangerousSpan);
    }
}
