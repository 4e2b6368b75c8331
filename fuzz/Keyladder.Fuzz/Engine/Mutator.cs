using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Keyladder.Fuzz.Engine;

/// <summary>Makes an input out of the genuine ones: mostly a few small changes to one of them, so that it gets far before it is refused.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> seeds, IReadOnlyList<byte[]> tokens)
{
    /// <summary>No input is longer, in bytes.</summary>
    public const int MaxLength = 64 * 1024;

    private const int MaxNesting = 20_000;
    private const int MaxRandom = 1024;

    public byte[] Make(PseudoRandom random)
    {
        switch (random.Below(40))
        {
            case 0: // As it was: shows in the count of accepted inputs that the samples are still genuine.
                return random.Of(seeds);
            case 1:
                return Bytes(random, random.Small(MaxRandom));
            case 2:
                return Cut([.. Enumerable.Range(0, 1 + random.Below(12)).SelectMany(_ => random.Of(tokens))]);
        }

        var input = random.Of(seeds);
        for (var changes = 1 + random.Small(6); changes > 0; changes--)
            input = Change(input, random);
        return Cut(input);
    }

    private byte[] Change(byte[] input, PseudoRandom random)
    {
        var at = random.Below(input.Length + 1);
        var count = Math.Min(1 + random.Small(64), input.Length - at);
        return random.Below(16) switch
        {
            0 or 1 => Replace(input, at, Math.Min(1, count), b => (byte)(b ^ (1 << random.Below(8)))),
            2 => Replace(input, at, Math.Min(1, count), _ => random.Byte()),
            3 => Replace(input, at, count, _ => random.OneIn(2) ? (byte)0 : (byte)0xFF),
            4 => Splice(input, at, 0, Bytes(random, 1 + random.Small(16))),
            5 => Splice(input, at, count, []),
            6 => input[..at],
            7 => input[at..],
            8 => Splice(input, at, 0, [.. Enumerable.Repeat(input[at..(at + count)], 1 + random.Small(40)).SelectMany(part => part)]),
            9 => Join(input[..at], random.Of(seeds), random),
            10 => WriteInteger(input, at, random),
            11 => ReplaceNumber(input, at, random),
            12 => Nest(input, at, random),
            13 => Swap(input, at, count, random),
            14 => Splice(input, at, random.OneIn(2) ? count : 0, random.Of(tokens)),
            _ => Splice(input, at, 0, random.Of(tokens)),
        };
    }

    private static byte[] Replace(byte[] input, int at, int count, Func<byte, byte> next)
    {
        byte[] changed = [.. input];
        for (var i = at; i < at + count; i++)
            changed[i] = next(changed[i]);
        return changed;
    }

    private static byte[] Splice(byte[] input, int at, int removed, byte[] inserted) => [.. input[..at], .. inserted, .. input[(at + removed)..]];

    private static byte[] Join(byte[] start, byte[] other, PseudoRandom random) => [.. start, .. other[random.Below(other.Length + 1)..]];

    /// <summary>Big-endian as the formats have it, and sometimes not.</summary>
    private static byte[] WriteInteger(byte[] input, int at, PseudoRandom random)
    {
        var bytes = new byte[sizeof(long)];
        var width = 1 << random.Below(4);
        BinaryPrimitives.WriteInt64BigEndian(bytes, random.Of(Tokens.Integers));
        if (random.OneIn(4))
            Array.Reverse(bytes);
        return Splice(input, at, Math.Min(width, input.Length - at), random.OneIn(4) ? bytes[..width] : bytes[^width..]);
    }

    /// <summary>The digits at or behind a place, by other digits.</summary>
    private static byte[] ReplaceNumber(byte[] input, int at, PseudoRandom random)
    {
        while (at < input.Length && !char.IsAsciiDigit((char)input[at]))
            at++;
        var end = at;
        while (end < input.Length && char.IsAsciiDigit((char)input[end]))
            end++;
        return Splice(input, at, end - at, Encoding.ASCII.GetBytes(random.Of(Tokens.Integers).ToString(CultureInfo.InvariantCulture)));
    }

    private byte[] Nest(byte[] input, int at, PseudoRandom random)
    {
        var opening = random.OneIn(2) ? "["u8.ToArray() : random.OneIn(2) ? "{\"a\":"u8.ToArray() : random.Of(tokens);
        var depth = Math.Min(random.OneIn(8) ? MaxNesting : 1 + random.Small(300), (MaxLength / opening.Length) + 1);
        return Splice(input, at, 0, [.. Enumerable.Repeat(opening, depth).SelectMany(part => part)]);
    }

    /// <summary>A part and the one that follows it change places: members, words, pages in another order.</summary>
    private static byte[] Swap(byte[] input, int at, int count, PseudoRandom random)
    {
        var next = Math.Min(1 + random.Small(64), input.Length - at - count);
        return [.. input[..at], .. input[(at + count)..(at + count + next)], .. input[at..(at + count)], .. input[(at + count + next)..]];
    }

    private static byte[] Bytes(PseudoRandom random, int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
            bytes[i] = random.Byte();
        return bytes;
    }

    private static byte[] Cut(byte[] input) => input.Length <= MaxLength ? input : input[..MaxLength];
}
