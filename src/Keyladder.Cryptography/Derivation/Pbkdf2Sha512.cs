using System.Security.Cryptography;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Derivation;

/// <summary>PBKDF2 of RFC 8018 section 5.2 with HMAC-SHA-512.</summary>
public static class Pbkdf2Sha512
{
    /// <summary>Takes a third of a second at 600,000 iterations: call it off the thread that serves a person.</summary>
    /// <param name="length">Bytes of the derived key; more than 64 cost the caller twice and an attacker once.</param>
    public static SecretBytes Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, int length) =>
        SecretBytes.Create(
            length,
            new Input(password, salt, iterations),
            static (output, input) =>
                Rfc2898DeriveBytes.Pbkdf2(input.Password, input.Salt, output, input.Iterations, HashAlgorithmName.SHA512));

    private readonly ref struct Input(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations)
    {
        public ReadOnlySpan<byte> Password { get; } = password;

        public ReadOnlySpan<byte> Salt { get; } = salt;

        public int Iterations { get; } = iterations;
    }
}
