using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Keys.Passphrases;

/// <summary>
/// The written form of 32 secret bytes with a checksum (docs/spec/key-hierarchy.md section 1, "Secret Key"): of which kind, the first three
/// characters say.
/// </summary>
/// <param name="version">The first three characters.</param>
/// <param name="checkLabel">Of the checksum, so that no code of one kind is one of another.</param>
/// <param name="name">What the person calls such a code.</param>
internal sealed class WrittenCode(string version, string checkLabel, string name)
{
    /// <summary>Characters of the written form: the version and eight groups of seven with a hyphen before each.</summary>
    public const int TextLength = VersionLength + (SymbolCount / GroupLength * (GroupLength + 1));

    public const int SecretSize = 32;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int VersionLength = 3;
    private const int BitsPerSymbol = 5;
    private const int SymbolCount = 56;
    private const int GroupLength = 7;
    private const int CheckSize = 3;

    public string Version { get; } = version;

    public string Name { get; } = name;

    /// <summary>Reads what a person typed or scanned: in any case, with or without hyphens and spaces, O for 0, I and L for 1.</summary>
    public bool TryRead(ReadOnlySpan<char> typed, [NotNullWhen(true)] out SecretBytes? secret, [NotNullWhen(false)] out UnlockSecretError? error)
    {
        Span<int> symbols = stackalloc int[SymbolCount];
        Span<byte> bytes = stackalloc byte[SecretSize + CheckSize];
        Span<byte> check = stackalloc byte[CheckSize];
        secret = null;
        try
        {
            error = Read(typed, symbols);
            if (error is not null)
                return false;

            BitGroups.Pack(symbols, BitsPerSymbol, bytes);
            WriteCheck(bytes[..SecretSize], check);
            if (CryptographicOperations.FixedTimeEquals(check, bytes[SecretSize..]))
                secret = SecretBytes.CopyOf(bytes[..SecretSize]);
            else
                error = Error(UnlockSecretFault.SecretKeyChecksum);
            return secret is not null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(symbols));
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <param name="secret">Of <see cref="SecretSize"/> bytes.</param>
    /// <param name="destination">At least <see cref="TextLength"/> characters, which is what is written; the caller clears it.</param>
    public void Write(SecretBytes secret, Span<char> destination)
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
            var written = VersionLength;
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

    private UnlockSecretError Error(UnlockSecretFault fault, int position = 0) => new(fault, position, code: this);

    private UnlockSecretError? Read(ReadOnlySpan<char> typed, Span<int> symbols)
    {
        var count = 0;
        var unknown = 0;
        for (var i = 0; i < typed.Length; i++)
        {
            if (typed[i] == '-' || Runs.IsWhiteSpace(typed[i]))
                continue;

            var character = char.IsAsciiLetterLower(typed[i]) ? (char)(typed[i] & ~0x20) : typed[i];
            if (count < VersionLength)
            {
                if (character != Version[count])
                    return Error(UnlockSecretFault.SecretKeyVersion);
            }
            else
            {
                var symbol = SymbolOf(character);
                if (symbol < 0 && unknown == 0)
                    unknown = i + 1;
                if (count - VersionLength < symbols.Length)
                    symbols[count - VersionLength] = symbol;
            }

            count++;
        }

        if (count < VersionLength)
            return Error(UnlockSecretFault.SecretKeyVersion);
        if (unknown > 0)
            return Error(UnlockSecretFault.SecretKeySymbol, unknown);
        return count == VersionLength + symbols.Length ? null : Error(UnlockSecretFault.SecretKeyLength);
    }

    /// <summary>Negative where it is none.</summary>
    private static int SymbolOf(char character) => character switch
    {
        'O' => 0,
        'I' or 'L' => 1,
        _ => Alphabet.IndexOf(character, StringComparison.Ordinal),
    };

    private void WriteCheck(ReadOnlySpan<byte> secret, Span<byte> check)
    {
        // The last field's bytes come last: the secret takes their place on the stack, and no array has to be found and zeroed.
        var encoded = Fields.Encode(checkLabel, new byte[SecretSize]);
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
