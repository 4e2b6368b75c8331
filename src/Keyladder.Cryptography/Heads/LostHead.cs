namespace Keyladder.Cryptography.Heads;

/// <summary>
/// A head that was given up after a restore (docs/spec/heads.md section 6): what the device that gave it up had pinned. A head that names
/// it was signed after it, so that no older state of the same history can name it.
/// </summary>
/// <param name="Number">Number of the head that was given up; from 1, below 2^53.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Ancestors">Hashes of its ancestors, the nearest first (section 4).</param>
/// <param name="Follows">Number of the restored head that the account went on from; the next head was the first to say so.</param>
public sealed record LostHead(long Number, Hash256 Hash, IReadOnlyList<Hash256> Ancestors, long Follows)
{
    /// <summary>As many as a head names; the newest are kept.</summary>
    public const int Most = 8;

    private const long Limit = 1L << 53;

    /// <summary>The entry for a pin that is given up.</summary>
    /// <param name="pin">What was pinned.</param>
    /// <param name="follows">Number of the head that the account goes on from.</param>
    public static LostHead Of(HeadPin pin, long follows)
    {
        ArgumentNullException.ThrowIfNull(pin);
        return new LostHead(pin.Number, pin.Hash, pin.Ancestors, follows);
    }

    /// <summary>Whether what is pinned is the head that was given up, or one of the ancestors that are named with it.</summary>
    public bool Names(HeadPin pin)
    {
        ArgumentNullException.ThrowIfNull(pin);
        return Names(pin.Number, pin.Hash);
    }

    /// <summary>The same for a head of which number and hash alone are known.</summary>
    public bool Names(long number, Hash256 hash) =>
        number == Number ? hash == Hash : HeadPin.AncestorNumbers(Number).Zip(Ancestors).Contains((number, hash));

    public bool Equals(LostHead? other) =>
        other is not null
        && (Number, Hash, Follows) == (other.Number, other.Hash, other.Follows)
        && Ancestors.SequenceEqual(other.Ancestors);

    public override int GetHashCode() => HashCode.Combine(Number, Hash, Follows);

    /// <summary>Whether a head with this number may name these: none is left out by an empty list, and each head adds one at most.</summary>
    internal static bool AreWellFormed(IReadOnlyList<LostHead>? lost, long number) =>
        lost is null
        || (lost.Count is >= 1 and <= Most
            && lost.All(each => each is { Number: >= 1 and < Limit, Follows: >= 1 }
                && each.Ancestors.Count == HeadPin.AncestorNumbers(each.Number).Count())
            && lost[0].Follows < number
            && lost.Zip(lost.Skip(1)).All(pair => pair.First.Follows > pair.Second.Follows));
}
