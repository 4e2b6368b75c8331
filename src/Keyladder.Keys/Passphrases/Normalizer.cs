using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Keyladder.Keys.Passphrases;

/// <summary>
/// What the system's Unicode normalization can be trusted with. The runtime asks a library of the system, whose version of Unicode is older
/// or newer than the runtime's own tables; without one it returns its input unchanged. Either would be another passphrase, and another key,
/// than on the next device.
/// </summary>
internal static class Normalizer
{
    /// <summary>
    /// Code points that take part in normalization and that a normalizer of Unicode 12.1 does not know: refused, whatever this system's
    /// does with them. Up to version 15.0 those themselves, for 15.1 and 16.0 the blocks they stand in. Other characters since then (emoji,
    /// ideographs) normalize to themselves everywhere.
    /// </summary>
    private static readonly (int First, int Last)[] Unsettled =
    [
        (0x0897, 0x089F), (0x08CA, 0x08D2), (0x0C3C, 0x0C3C), (0x1715, 0x1715), (0x1ABF, 0x1ACE), (0x1DFA, 0x1DFA), (0xA7F2, 0xA7F4),
        (0xA82C, 0xA82C), (0xAB69, 0xAB69), (0x105C0, 0x105FF), (0x10780, 0x107BF), (0x10D40, 0x10D8F), (0x10EAB, 0x10EAC),
        (0x10EC2, 0x10EFF),
        (0x10F82, 0x10F85), (0x11070, 0x11070), (0x11380, 0x113FF), (0x11930, 0x11943), (0x11F41, 0x11F42), (0x11F5A, 0x11F5A),
        (0x16100, 0x1613F), (0x16D40, 0x16D7F), (0x16FF0, 0x16FF1), (0x1CC00, 0x1CCFF), (0x1E030, 0x1E06D), (0x1E08F, 0x1E08F),
        (0x1E2AE, 0x1E2AE), (0x1E4EC, 0x1E4EF), (0x1E5D0, 0x1E5FF), (0x1FBF0, 0x1FBF9),
    ];

    /// <summary>
    /// Whether there is a normalizer, probed by the ligature fi, and one of Unicode 12.1 or later, probed by the sign of the era that began
    /// in 2019.
    /// </summary>
    public static bool IsAvailable { get; } = Gives("\uFB01", "fi") && Gives("\u32FF", "\u4EE4\u548C");

    /// <summary>Whether every normalizer since Unicode 12.1 agrees about a code point.</summary>
    public static bool IsSettled(int codePoint) =>
        CharUnicodeInfo.GetUnicodeCategory(codePoint) != UnicodeCategory.OtherNotAssigned
        && !Array.Exists(Unsettled, range => range.First <= codePoint && codePoint <= range.Last);

    /// <summary>
    /// NFKC; but a text with anything in it that has no certain normal form here (<see cref="IndexOfUnsettled"/>) as it is. Such a text is
    /// not ASCII, and stays so.
    /// </summary>
    /// <returns>A buffer of its own, pinned; the caller clears it.</returns>
    public static char[] Normalize(ReadOnlySpan<char> text) =>
        Ascii.IsValid(text) || IndexOfUnsettled(text) >= 0 ? PinnedCopy(text) : AskSystem(text);

    /// <returns>Of the first half of a surrogate pair, or code point without a certain normal form; negative if there is none.</returns>
    public static int IndexOfUnsettled(ReadOnlySpan<char> text)
    {
        for (var index = 0; index < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text[index..], out var rune, out var length) != OperationStatus.Done
                || !(rune.IsAscii || (IsAvailable && IsSettled(rune.Value))))
                return index;
            index += length;
        }

        return -1;
    }

    private static char[] AskSystem(ReadOnlySpan<char> text)
    {
        // The length that is asked for is an estimate, and too small a buffer is an answer, not an error.
        for (var length = text.GetNormalizedLength(NormalizationForm.FormKC); ; length *= 2)
        {
            var buffer = GC.AllocateUninitializedArray<char>(length, pinned: true);
            try
            {
                if (text.TryNormalize(buffer, out var written, NormalizationForm.FormKC))
                    return PinnedCopy(buffer.AsSpan(0, written));
            }
            finally
            {
                CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(buffer.AsSpan()));
            }
        }
    }

    private static char[] PinnedCopy(ReadOnlySpan<char> text)
    {
        var copy = GC.AllocateUninitializedArray<char>(text.Length, pinned: true);
        text.CopyTo(copy);
        return copy;
    }

    private static bool Gives(string text, string expected) => AskSystem(text).AsSpan().SequenceEqual(expected);
}
