using System.Buffers;
using System.Text;

namespace Keyladder.Fuzz.Engine;

/// <summary>Bytes as the text of a parser that takes characters: UTF-8 where it is that, and a lone surrogate for each byte that is not.</summary>
internal static class Text
{
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var text = new char[bytes.Length];
        var written = 0;
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done)
                written += rune.EncodeToUtf16(text.AsSpan(written));
            else
                (text[written++], length) = ((char)(0xDC00 | bytes[0]), 1);
            bytes = bytes[length..];
        }

        return new string(text, 0, written);
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>The parts of an input for parsers that take several: lines; those that are missing are empty.</summary>
    public static string[] Lines(ReadOnlySpan<byte> bytes, int count)
    {
        var lines = Of(bytes).Split('\n', count);
        Array.Resize(ref lines, count);
        return [.. lines.Select(line => line ?? "")];
    }
}
