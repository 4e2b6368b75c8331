using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Keyladder.Cryptography.Secrets;

/// <summary>
/// What an operator hands to a person who may sign up: 16 random bytes with a checksum, written as <c>KI1-…</c> (docs/spec/admission.md
/// section 1). Whoever has it may make one account; it opens nothing.
/// </summary>
public sealed class InvitationCode : IDisposable
{
    /// <summary>Characters of the written form: <c>KI1</c> and four groups of eight with a hyphen before each.</summary>
    public const int TextLength = 3 + (SymbolCount / GroupLength * (GroupLength + 1));

    /// <summary>Bytes of the secret, as a sign-up carries them.</summary>
    public const int SecretSize = 16;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const string Version = "KI1";
    private const int BitsPerSymbol = 5;
    private const int SymbolCount = 32;
    private const int GroupLength = 8;
    private const int CheckSize = 4;

    private readonly SecretBytes secret;

    private InvitationCode(SecretBytes secret) => this.secret = secret;

    /// <summary>16 bytes for a sign-up; the caller zeroes what it copies.</summary>
    public ReadOnlySpan<byte> DangerousSpan => secret.DangerousSpan;

    public static InvitationCode Generate() => new(SecretBytes.Generate(SecretSize));

    /// <summary>32 bytes: what a service keeps of an invitation.</summary>
    public static byte[] HashOf(byte[] secret) => SHA256.HashData(Fields.Encode("keystore/v1/invitation", secret));

    /// <summary>Reads what a person typed: in any case, with or without hyphens and spaces, O for 0, I and L for 1.</summary>
    public static bool TryParse(ReadOnlySpan<char> typed, [NotNullWhen(true)] out InvitationCode? code)
    {
        Span<int> symbols = stackalloc int[SymbolCount];
        Span<byte> bytes = stackalloc byte[SecretSize + CheckSize];
        code = null;
        try
        {
            if (!TryRead(typed, symbols))
                return false;
            BitGroups.Pack(symbols, BitsPerSymbol, bytes);
            if (CryptographicOperations.FixedTimeEquals(Check(bytes[..SecretSize]), bytes[SecretSize..]))
                code = new InvitationCode(SecretBytes.CopyOf(bytes[..SecretSize]));
            return code is not null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(symbols));
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Writes the code for the person; the caller clears the buffer.</summary>
    /// <param name="destination">At least <see cref="TextLength"/> characters, which is what is written.</param>
    public void DangerousWriteTo(Span<char> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, TextLength, nameof(destination));
        Span<int> symbols = stackalloc int[SymbolCount];
        Span<byte> bytes = stackalloc byte[SecretSize + CheckSize];
        secret.DangerousSpan.CopyTo(bytes);
        Check(secret.DangerousSpan).CopyTo(bytes[SecretSize..]);
        BitGroups.Unpack(bytes, BitsPerSymbol, symbols);

        Version.CopyTo(destination);
        var written = Version.Length;
        for (var i = 0; i < SymbolCount; i++)
        {
            if (i % GroupLength == 0)
                destination[written++] = '-';
            destination[written++] = Alphabet[symbols[i]];
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(symbols));
        CryptographicOperations.ZeroMemory(bytes);
    }

    public void Dispose() => secret.Dispose();

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(InvitationCode);

    private static bool TryRead(ReadOnlySpan<char> typed, Span<int> symbols)
    {
        var (prefix, read) = (0, 0);
        foreach (var character in typed)
        {
            if (character is '-' or ' ' or (>= '\t' and <= '\r'))
                continue;
            var upper = char.IsAsciiLetterLower(character) ? (char)(character - ('a' - 'A')) : character;
            if (prefix < Version.Length)
            {
                if (upper != Version[prefix++])
                    return false;
                continue;
            }

            var symbol = Alphabet.IndexOf(upper switch { 'O' => '0', 'I' or 'L' => '1', _ => upper }, StringComparison.Ordinal);
            if (symbol < 0 || read == SymbolCount)
                return false;
            symbols[read++] = symbol;
        }

        return prefix == Version.Length && read == SymbolCount;
    }

    private static byte[] Check(ReadOnlySpan<byte> secret)
    {
        var input = Fields.Encode("keystore/v1/invitation-check", secret.ToArray());
        var check = SHA256.HashData(input)[..CheckSize];
        CryptographicOperations.ZeroMemory(input);
        return check;
    }
}
