using System.Numerics;

namespace Keyladder.Fuzz.Engine;

/// <summary>
/// SplitMix64: test data that one number gives again, on every runtime and in every version. The framework's Random promises neither and is
/// banned here; RandomNumberGenerator cannot be seeded; CsCheck's generator belongs to the tests. No key ever comes from this.
/// </summary>
internal sealed class PseudoRandom
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    private ulong state;

    /// <summary>The stream of one input of one parser: it depends on no other input, so that each can be made again alone.</summary>
    public PseudoRandom(ulong seed, string parser, long number)
    {
        state = seed;
        foreach (var character in parser)
            state = Next() ^ character;
        state = Next() ^ (ulong)number;
    }

    public ulong Next()
    {
        var mixed = state += Gamma;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>From 0, below the limit.</summary>
    public int Below(int limit) => (int)Math.BigMul(Next(), (ulong)limit, out _);

    /// <summary>Small mostly: each doubling is half as likely.</summary>
    public int Small(int limit) => Below(Math.Min(limit, 2 << Math.Min(BitOperations.TrailingZeroCount(Next()), 20)));

    public bool OneIn(int times) => Below(times) == 0;

    public byte Byte() => (byte)Next();

    public T Of<T>(IReadOnlyList<T> list) => list[Below(list.Count)];
}
