using System.Numerics;

namespace Keyladder.Cryptography.ChunkedEncryption;

/// <summary>
/// How much the length of an envelope tells: content ‖ 0x80 ‖ zeros, to one length (docs/spec/envelopes.md). Any other length than the
/// right one for the content found does not open.
/// </summary>
internal readonly struct Padding
{
    private const byte Mark = 0x80;
    private const int Step = 64;
    private const int MaxStepped = 1024;
    private const int NoLength = -1;

    // 0 is the shortest allowed length, so that a padding which nobody chose still pads.
    private readonly int fixedLength;

    private Padding(int fixedLength) => this.fixedLength = fixedLength;

    /// <summary>For data: multiples of 64 up to 1 KiB, then Padmé, which tells log log of the length and costs at most 12 %.</summary>
    public static Padding Shortest => default;

    /// <summary>As streams and files have it: the length of the content shows.</summary>
    public static Padding None => new(NoLength);

    /// <summary>For kinds that all look alike.</summary>
    public static Padding Fixed(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        return new(length);
    }

    /// <exception cref="ArgumentException">The content and its mark are longer than the fixed length, or than an array can be.</exception>
    public int PaddedLength(int contentLength)
    {
        var padded = AllowedLength(contentLength);
        if (padded < LengthToPad(contentLength) || padded > Array.MaxLength)
            throw new ArgumentException("The content is too long for its padding.", nameof(contentLength));
        return (int)padded;
    }

    /// <summary>What <see cref="Shortest"/> makes of a content that is no array: a stream writes its padding itself.</summary>
    public static long ShortestLength(long contentLength)
    {
        var length = contentLength + 1;
        var step = StepAt(length);
        return (length + step - 1) & -step;
    }

    /// <summary>No content shorter than this has the padded length.</summary>
    public int ShortestContentLength(int paddedLength) => fixedLength switch
    {
        NoLength => paddedLength,
        > 0 => 0,
        _ => Math.Max(0, paddedLength - (int)StepAt(paddedLength)),
    };

    /// <summary>Writes the part of content ‖ 0x80 ‖ zeros that begins at <paramref name="start"/>.</summary>
    public static void Compose(ReadOnlySpan<byte> content, long start, Span<byte> part)
    {
        var rest = content[(int)Math.Min(start, content.Length)..];
        var taken = Math.Min(rest.Length, part.Length);
        rest[..taken].CopyTo(part);
        part[taken..].Clear();
        if (start <= content.Length && taken < part.Length)
            part[taken] = Mark;
    }

    /// <param name="end">The last bytes of what was padded, from <see cref="ShortestContentLength"/> or before.</param>
    /// <returns>False if this is not the one padding of the content found.</returns>
    public bool TryRemove(ReadOnlySpan<byte> end, int paddedLength, out int contentLength)
    {
        contentLength = paddedLength;
        if (fixedLength == NoLength)
            return true;

        var mark = end.LastIndexOfAnyExcept((byte)0);
        contentLength = paddedLength - end.Length + mark;
        return mark >= 0 && end[mark] == Mark && paddedLength == AllowedLength(contentLength);
    }

    private long AllowedLength(int contentLength) => fixedLength switch
    {
        NoLength => contentLength,
        > 0 => fixedLength,
        _ => ShortestLength(contentLength),
    };

    private long LengthToPad(int contentLength) => fixedLength == NoLength ? contentLength : contentLength + 1L;

    private static long StepAt(long length)
    {
        if (length <= MaxStepped)
            return Step;

        var exponent = BitOperations.Log2((ulong)length);
        return 1L << (exponent - BitOperations.Log2((ulong)exponent) - 1);
    }
}
