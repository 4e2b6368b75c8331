using System.Security.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.PublicKeyEncryption;
using Keyladder.Vectors;

namespace Keyladder.Cryptography.Tests.Vectors;

/// <summary>What is sealed to an X-Wing key.</summary>
internal static class PublicKeyVectors
{
    public static bool Messages(VectorCase vector)
    {
        using var key = XWingPrivateKey.FromSeed(vector.Bytes("seed"));
        var (info, message) = (vector.Bytes("info"), vector.Bytes("sealed"));
        try
        {
            using var plaintext = Hpke.Open(key, info, message);
            vector.Gives("publicKey", key.PublicKey);
            vector.Gives("plaintext", plaintext.DangerousSpan);
            if (vector.Has("randomness"))
                Assert.Equal(message, Hpke.Seal(key.PublicKey, info, plaintext.DangerousSpan, vector.Bytes("randomness")));
            return true;
        }
        catch (OpenFailedException)
        {
            return false;
        }
    }

    public static bool Keys(VectorCase vector)
    {
        var key = vector.Bytes("publicKey");
        var isKey = XWingPrivateKey.IsPublicKey(key);
        if (isKey)
            Assert.Equal(Hpke.Overhead, Hpke.Seal(key, [], []).Length);
        else
            Assert.Throws<CryptographicException>(() => Hpke.Seal(key, [], []));
        return isKey;
    }
}
