using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Passphrases;

/// <summary>
/// The code of the account kit that makes a chosen passphrase strong: 32 random bytes with a checksum, written as <c>KL1-…</c>
/// (docs/spec/key-hierarchy.md section 1). It never reaches a service.
/// </summary>
public sealed class SecretKey : IDisposable
{
    /// <summary>Characters of the written form: <c>KL1</c> and eight groups of seven with a hyphen before each.</summary>
    public const int TextLength = 3 + (SymbolCount / GroupLength * (GroupLength + 1));

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const string Version = "KL1";
    private const int BitsPerSymbol = 5;
    private const int SymbolCount = 56;
    private const int GroupLength = 7;
    private const int SecretSize = 32;
    private const int CheckSize = 3;

    private readonly SecretBytes secret;

    private SecretKey(SecretBytes secret) => this.secret = secret;

    public static SecretKey Generate() => new(SecretBytes.Generate(SecretSize));

    /// <summary>Reads what a person typed or scanned: in any case, with or without hyphens and spaces, O for 0, I and L for 1.</summary>
    public static bool TryParse(
        ReadOnlySpan<char> typed, [NotNullWhen(true)] out SecretKey? secretKey, [NotNullWhen(false)] out UnlockSecretError? error)
    {
        Span<int> symbols = stackalloc int[SymbolCount];
        Span<byte> bytes = stackalloc byte[SecretSize + CheckSize];
        Span<byte> check = stackalloc byte[CheckSize];
        secretKey = null;
        try
        {
            error = Read(typed, symbols);
            if (error is not null)
                return false;

            BitGroups.Pack(symbols, BitsPerSymbol, bytes);
            WriteCheck(bytes[..SecretSize], check);
            if (CryptographicOperations.FixedTimeEquals(check, bytes[SecretSize..]))
                secretKey = new SecretKey(SecretBytes.CopyOf(bytes[..SecretSize]));
            else
                error = new UnlockSecretError(UnlockSecretFault.SecretKeyChecksum);
            return secretKey is not null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(symbols));
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Writes the code for the account kit, the profile or the system's keystore; the caller clears the buffer.</summary>
    /// <param name="destination">At least <see cref="TextLength"/> characters, which is what is written.</param>
    public void DangerousWriteTo(Span<char> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, TextLength, nameof(destination));
        Span<int> symbols = stackalloc int[SymbolCount];
        Span<byte> bytes = stackalloc byte[SecretSize + CheckSize];
        try
        {
            secret.DangerousSpan.CopyTo(bytes);
            WriteCheck(secret.DangerousSpan, bytes[SecretSize..]);
            BitGroups.Unpack(bytes, BitsPerSymbol, symbols);

            Version.CopyTo(destination);
            var written = Version.Length;
            for (var i = 0; i < SymbolCount; i++)
            {
                if (i % GroupLength == 0)
                    destination[written++] = '-';
                destination[written++] = Alphabet[symbols[i]];
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(symbols));
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public void Dispose() => secret.Dispose();

    public override string ToString() => nameof(SecretKey);

    internal SecretBytes CopySecret() => SecretBytes.CopyOf(secret.DangerousSpan);

    internal static SecretKey FromSecret(ReadOnlySpan<byte> secret) => new(SecretBytes.CopyOf(secret));

    private static UnlockSecretError? Read(ReadOnlySpan<char> typed, Span<int> symbols)
    {
        var count = 0;
        var unknown = 0;
        for (var i = 0; i < typed.Length; i++)
        {
            if (typed[i] == '-' || Runs.IsWhiteSpace(typed[i]))
                continue;

            var character = char.IsAsciiLetterLower(typed[i]) ? (char)(typed[i] & ~0x20) : typed[i];
            if (count < Version.Length)
            {
                if (character != Version[count])
                    return new UnlockSecretError(UnlockSecretFault.SecretKeyVersion);
            }
            else
            {
                var symbol = SymbolOf(character);
                if (symbol < 0 && unknown == 0)
                    unknown = i + 1;
                if (count - Version.Length < symbols.Length)
                    symbols[count - Version.Length] = symbol;
            }

            count++;
        }

        if (count < Version.Length)
            return new UnlockSecretError(UnlockSecretFault.SecretKeyVersion);
        if (unknown > 0)
            return new UnlockSecretError(UnlockSecretFault.SecretKeySymbol, unknown);
        return count == Version.Length + symbols.Length ? null : new UnlockSecretError(UnlockSecretFault.SecretKeyLength);
    }

    /// <summary>Negative where it is none.</summary>
    private static int SymbolOf(char character) => character switch
    {
        'O' => 0,
        'I' or 'L' => 1,
        _ => Alphabet.IndexOf(character, StringComparison.Ordinal),
    };

    private static void WriteCheck(ReadOnlySpan<byte> secret, Span<byte> check)
    {
        // The last field's bytes come last: the secret takes their place on the stack, and no array has to be found and zeroed.
        var encoded = Fields.Encode(Labels.SecretKeyCheck, new byte[SecretSize]);
        Span<byte> input = stackalloc byte[encoded.Length];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        try
        {
            encoded.CopyTo(input);
            secret.CopyTo(input[^SecretSize..]);
            SHA256.HashData(input, hash);
            hash[..CheckSize].CopyTo(check);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(input);
        }
    }
}
