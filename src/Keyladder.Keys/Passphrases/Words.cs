using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Recovery;

namespace Keyladder.Keys.Passphrases;

/// <summary>
/// Twelve words that unlock an account: 128 bits from the system's generator and 4 bits of checksum, encoded as BIP-39 says
/// (docs/spec/key-hierarchy.md section 1).
/// </summary>
public sealed class Words : IDisposable
{
    public const int Count = 12;

    /// <summary>No twelve words take more characters.</summary>
    public const int MaxTextLength = (Count * (WordList.LongestWord + 1)) - 1;

    /// <summary>Random bytes of each side, where two sides make the words.</summary>
    public const int JointRandomSize = 32;

    private const int EntropySize = 16;
    private const int BitsPerWord = 11;

    private readonly SecretBytes entropy;

    private Words(SecretBytes entropy) => this.entropy = entropy;

    public static Words Generate() => new(SecretBytes.Generate(EntropySize));

    /// <summary>
    /// Words of both sides' making: of a service's random bytes and of as many from the system's generator here. If either is good, so are the
    /// words (docs/spec/passphrase-store.md section 6); the service never sees the other half.
    /// </summary>
    /// <param name="serviceRandom"><see cref="JointRandomSize"/> bytes, as the service gave them.</param>
    /// <param name="place">What the words are made for.</param>
    /// <exception cref="ArgumentException">There are more or fewer bytes.</exception>
    public static Words GenerateWith(ReadOnlySpan<byte> serviceRandom, RecoveryPlace place)
    {
        using var own = SecretBytes.Generate(JointRandomSize);
        return Derive(serviceRandom, own.DangerousSpan, place);
    }

    /// <summary>Reads what a person typed, in any case and with any white space between and around the words.</summary>
    public static bool TryParse(
        ReadOnlySpan<char> typed, [NotNullWhen(true)] out Words? words, [NotNullWhen(false)] out UnlockSecretError? error)
    {
        Span<int> indexes = stackalloc int[Count];
        Span<byte> bits = stackalloc byte[EntropySize + 1];
        var normalized = Normalizer.Normalize(typed);
        try
        {
            error = Read(normalized, indexes);
            if (error is null)
            {
                BitGroups.Pack(indexes, BitsPerWord, bits);
                if (bits[EntropySize] != Checksum(bits[..EntropySize]))
                    error = new UnlockSecretError(UnlockSecretFault.WordsChecksum, count: Count);
            }

            words = error is null ? FromEntropy(bits[..EntropySize]) : null;
            return words is not null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(indexes));
            CryptographicOperations.ZeroMemory(bits);
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(normalized.AsSpan()));
        }
    }

    /// <summary>
    /// Writes the words in lower case with single spaces. The caller shows them to the person once, then clears the buffer.
    /// </summary>
    /// <param name="destination">At least <see cref="MaxTextLength"/> characters.</param>
    /// <returns>Characters written.</returns>
    public int DangerousWriteTo(Span<char> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, MaxTextLength, nameof(destination));
        Span<int> indexes = stackalloc int[Count];
        Span<byte> bits = stackalloc byte[EntropySize + 1];
        try
        {
            entropy.DangerousSpan.CopyTo(bits);
            bits[EntropySize] = Checksum(entropy.DangerousSpan);
            BitGroups.Unpack(bits, BitsPerWord, indexes);

            var written = 0;
            foreach (var index in indexes)
            {
                if (written > 0)
                    destination[written++] = ' ';
                WordList.All[index].CopyTo(destination[written..]);
                written += WordList.All[index].Length;
            }

            return written;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(indexes));
            CryptographicOperations.ZeroMemory(bits);
        }
    }

    /// <returns>The same words, to be disposed of apart.</returns>
    public Words Copy() => FromEntropy(entropy.DangerousSpan);

    public void Dispose() => entropy.Dispose();

    public override string ToString() => nameof(Words);

    internal static Words FromEntropy(ReadOnlySpan<byte> entropy) => new(SecretBytes.CopyOf(entropy));

    internal static Words Derive(ReadOnlySpan<byte> serviceRandom, ReadOnlySpan<byte> clientRandom, RecoveryPlace place)
    {
        ArgumentNullException.ThrowIfNull(place);
        if (serviceRandom.Length != JointRandomSize || clientRandom.Length != JointRandomSize)
            throw new ArgumentException("Each side gives 32 bytes.", serviceRandom.Length != JointRandomSize ? nameof(serviceRandom) : nameof(clientRandom));
        Span<byte> both = stackalloc byte[2 * JointRandomSize];
        serviceRandom.CopyTo(both);
        clientRandom.CopyTo(both[JointRandomSize..]);
        try
        {
            return new Words(HkdfSha512.DeriveKey(both, salt: [], Fields.Encode(Labels.RecoveryWords, place.Store.ToString(), place.Record), EntropySize));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(both);
        }
    }

    internal bool HasEntropy(ReadOnlySpan<byte> expected) => entropy.FixedTimeEquals(expected);

    /// <summary>The canonical form, ASCII.</summary>
    internal SecretBytes ToPassword()
    {
        Span<char> text = stackalloc char[MaxTextLength];
        try
        {
            var written = text[..DangerousWriteTo(text)];
            return SecretBytes.Create(
                written.Length, (ReadOnlySpan<char>)written, static (bytes, chars) => Encoding.ASCII.GetBytes(chars, bytes));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(text));
        }
    }

    private static UnlockSecretError? Read(ReadOnlySpan<char> typed, Span<int> indexes)
    {
        var count = 0;
        UnlockSecretError? unknown = null;
        foreach (var run in new Runs(typed))
        {
            var index = Find(typed[run], count + 1, ref unknown);
            if (count < indexes.Length)
                indexes[count] = index;
            count++;
        }

        // A word that is not on the list comes first: where two words have run together, it says where, and a count alone does not.
        return unknown ?? (count == Count ? null : new UnlockSecretError(UnlockSecretFault.WordCount, count: count));
    }

    private static int Find(ReadOnlySpan<char> typed, int position, ref UnlockSecretError? unknown)
    {
        // Nothing longer has a neighbour on the list.
        Span<char> lower = stackalloc char[2 * WordList.LongestWord];
        typed = typed[..Math.Min(typed.Length, lower.Length)];
        lower = lower[..typed.Length];
        try
        {
            for (var i = 0; i < typed.Length; i++)
                lower[i] = char.IsAsciiLetterUpper(typed[i]) ? (char)(typed[i] | 0x20) : typed[i];
            var index = WordList.IndexOf(lower);
            if (index < 0)
                unknown ??= new UnlockSecretError(UnlockSecretFault.UnknownWord, position, nearest: WordList.Nearest(lower));
            return index;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(lower));
        }
    }

    /// <summary>The 4 bits of BIP-39, where they stand in the byte after the entropy.</summary>
    private static byte Checksum(ReadOnlySpan<byte> entropy)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(entropy, hash);
        return (byte)(hash[0] & 0xF0);
    }
}
