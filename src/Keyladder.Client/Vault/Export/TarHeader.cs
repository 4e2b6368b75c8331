using System.Buffers.Binary;
using System.Text;

namespace Keyladder.Client;

/// <summary>
/// What stands before each member of a Vault's export (docs/spec/vault-export.md section 1): a tar header as POSIX has it, with one way to
/// write each name and length. What is read is held against that: no link, no second name, no folder gets past it.
/// </summary>
internal static class TarHeader
{
    /// <summary>Bytes of a header; a member begins and ends at a multiple of it.</summary>
    public const int Size = 512;

    private const int NameLength = 100;
    private const int SizeAt = 124;
    private const int ChecksumAt = 148;
    private const int OctalDigits = 11;
    private const long MaxOctal = (1L << (3 * OctalDigits)) - 1;

    /// <param name="name">ASCII, at most 100 characters.</param>
    /// <param name="length">Bytes of the member.</param>
    public static byte[] Create(string name, long length)
    {
        var header = new byte[Size];
        Write(header, 0, name);
        Write(header, 100, "0000600\0" + "0000000\0" + "0000000\0"); // mode, owner, group
        if (length <= MaxOctal)
            Write(header, SizeAt, Octal(length, OctalDigits) + "\0");
        else
        {
            // As tar has written what is larger than 8 GiB for as long as there are such files: two's complement behind a set bit.
            header[SizeAt] = 0x80;
            BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(SizeAt + 4), length);
        }

        Write(header, 136, Octal(0, OctalDigits) + "\0"); // time
        Write(header, ChecksumAt, "        ");
        Write(header, 156, "0"); // a file
        Write(header, 257, "ustar\0" + "00");
        Write(header, 329, "0000000\0" + "0000000\0"); // device
        var checksum = 0;
        foreach (var value in header)
            checksum += value;
        Write(header, ChecksumAt, Octal(checksum, 6) + "\0 ");
        return header;
    }

    /// <returns>Name and length, if it is exactly what <see cref="Create"/> writes for them; else null.</returns>
    public static (string Name, long Length)? Read(ReadOnlySpan<byte> header)
    {
        var end = header[..NameLength].IndexOf((byte)0);
        if (end <= 0 || header[..end].ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            return null;
        var name = Encoding.ASCII.GetString(header[..end]);
        return ReadLength(header.Slice(SizeAt, OctalDigits + 1)) is { } length && header.SequenceEqual(Create(name, length)) ? (name, length) : null;
    }

    /// <summary>How many zeros stand behind a member.</summary>
    public static int Gap(long length) => (int)(-length & (Size - 1));

    private static long? ReadLength(ReadOnlySpan<byte> field)
    {
        if (field[0] == 0x80)
            return BinaryPrimitives.ReadInt64BigEndian(field[4..]) is > MaxOctal and var large ? large : null;
        long length = 0;
        foreach (var digit in field[..OctalDigits])
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return null;
            length = (length << 3) + (digit - '0');
        }

        return length;
    }

    private static string Octal(long number, int digits) => Convert.ToString(number, 8).PadLeft(digits, '0');

    private static void Write(byte[] header, int at, string text) => Encoding.ASCII.GetBytes(text, header.AsSpan(at));
}
