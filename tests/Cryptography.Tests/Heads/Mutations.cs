using CsCheck;

namespace Keyladder.Cryptography.Tests.Heads;

/// <summary>Byte strings for a parser: noise, and a good one with a run of bytes replaced, cut out or put in, which gets further.</summary>
internal static class Mutations
{
    public static Gen<byte[]> Of(byte[] good) => Gen.OneOf(
        Gen.Byte.Array[0, 200],
        Gen.Byte[0, 4].Array[0, 300],
        Gen.Select(Gen.Int[0, good.Length], Gen.Int[0, 3], Gen.Byte.Array[0, 3])
            .Select((at, cut, put) => (byte[])[.. good[..at], .. put, .. good[Math.Min(good.Length, at + cut)..]]));
}
