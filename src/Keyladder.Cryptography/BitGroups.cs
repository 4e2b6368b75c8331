namespace Keyladder.Cryptography;

/// <summary>Bytes as symbols of a few bits each, most significant bits first: 11 bits are a word, 5 a symbol of base 32.</summary>
internal static class BitGroups
{
    /// <summary>What the symbols leave of the last byte is zero.</summary>
    public static void Pack(ReadOnlySpan<int> groups, int width, Span<byte> bytes)
    {
        bytes.Clear();
        for (var bit = 0; bit < groups.Length * width; bit++)
            bytes[bit / 8] |= (byte)(((groups[bit / width] >> (width - 1 - (bit % width))) & 1) << (7 - (bit % 8)));
    }

    public static void Unpack(ReadOnlySpan<byte> bytes, int width, Span<int> groups)
    {
        groups.Clear();
        for (var bit = 0; bit < groups.Length * width; bit++)
            groups[bit / width] |= ((bytes[bit / 8] >> (7 - (bit % 8))) & 1) << (width - 1 - (bit % width));
    }
}
