using System.Text;

namespace Keyladder.Keys.Envelopes;

/// <summary>Short texts that people give to things: some bytes of UTF-8, no control characters.</summary>
internal static class PlainText
{
    public static bool Fits(string text, int maxBytes) =>
        text.Length > 0
        && text.Length <= maxBytes
        && !text.Any(char.IsControl)
        && text.EnumerateRunes().Sum(rune => rune.Utf8SequenceLength) <= maxBytes
        && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text; // a lone surrogate has no UTF-8
}
