using System.Security.Cryptography;

namespace Keyladder.Benchmarks;

/// <summary>
/// The primitives that an envelope cannot do without, over the same lengths and into buffers that exist: two HMAC-SHA-512, a new
/// AES-256-GCM key with one call per chunk and, for sealing, 24 random bytes.
/// </summary>
internal sealed class BareCalls
{
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly byte[] salt = new byte[24];
    private readonly byte[] firstBlock = new byte[64];
    private readonly byte[] secondBlock = new byte[64];
    private readonly byte[] nonce = new byte[12];
    private readonly byte[] firstInput;
    private readonly byte[] secondInput;
    private readonly byte[] plaintext;
    private readonly byte[] ciphertext;
    private readonly byte[] tag = new byte[16];

    public BareCalls(int contextLength, int plaintextLength)
    {
        // The HKDF info is a prefix of 48 bytes, the salt and the context; the counter follows, and the first block leads the second input.
        firstInput = new byte[48 + 24 + contextLength + 1];
        secondInput = new byte[64 + firstInput.Length];
        plaintext = RandomNumberGenerator.GetBytes(plaintextLength);
        ciphertext = new byte[plaintextLength];
        Seal();
    }

    public void Seal()
    {
        RandomNumberGenerator.Fill(salt);
        using var aes = Derive();
        aes.Encrypt(nonce, plaintext, ciphertext, tag);
    }

    public void Open()
    {
        using var aes = Derive();
        aes.Decrypt(nonce, ciphertext, tag, plaintext);
    }

    private AesGcm Derive()
    {
        HMACSHA512.HashData(key, firstInput, firstBlock);
        HMACSHA512.HashData(key, secondInput, secondBlock);
        return new AesGcm(firstBlock.AsSpan(0, 32), 16);
    }
}
