using Keyladder.Cryptography.Interop;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Derivation;

/// <summary>
/// Argon2id of RFC 9106 in its version 1.3, at one cost: 64 MiB, 3 passes and 1 lane. The memory and the passes are those of its second
/// recommended option (section 4); of its four lanes libsodium has one.
/// </summary>
public static class Argon2id
{
    /// <summary>In bytes.</summary>
    public const int SaltSize = 16;

    /// <summary>Bytes of what is derived.</summary>
    public const int OutputSize = 32;

    private const int Passes = 3;
    private const int MemoryInKiB = 64 * 1024;
    private const int Version13 = 2;

    /// <summary>Takes about a tenth of a second and 64 MiB: call it off the thread that serves a person.</summary>
    /// <param name="password">Secret, of any length.</param>
    /// <param name="salt"><see cref="SaltSize"/> bytes.</param>
    /// <returns><see cref="OutputSize"/> bytes, to be disposed of.</returns>
    /// <exception cref="ArgumentException">The salt has another length.</exception>
    /// <exception cref="InsufficientMemoryException">The system gives no 64 MiB.</exception>
    public static SecretBytes Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt) => Derive(password, salt, Passes, MemoryInKiB, OutputSize);

    /// <summary>At another cost, for published vectors.</summary>
    internal static SecretBytes Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int passes, int memoryInKiB, int length)
    {
        if (salt.Length != SaltSize)
            throw new ArgumentException("A salt of Argon2id has 16 bytes here.", nameof(salt));
        return SecretBytes.Create(length, new Input(password, salt, passes, memoryInKiB), static (output, input) =>
        {
            var memory = (nuint)input.MemoryInKiB * 1024;
            if (Libsodium.crypto_pwhash(
                output, (ulong)output.Length, input.Password, (ulong)input.Password.Length, input.Salt, (ulong)input.Passes, memory, Version13) != 0)
                throw new InsufficientMemoryException("There is not enough memory for Argon2id.");
        });
    }

    private readonly ref struct Input(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int passes, int memoryInKiB)
    {
        public ReadOnlySpan<byte> Password { get; } = password;

        public ReadOnlySpan<byte> Salt { get; } = salt;

        public int Passes { get; } = passes;

        public int MemoryInKiB { get; } = memoryInKiB;
    }
}
