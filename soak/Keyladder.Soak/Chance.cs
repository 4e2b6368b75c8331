namespace Keyladder.Soak;

/// <summary>Numbers that follow from a seed (SplitMix64). Not for secrets, and not for several threads.</summary>
internal sealed class Chance(ulong seed)
{
    private ulong state = seed;

    /// <returns>From 0 to below <paramref name="below"/>.</returns>
    public int Next(int below)
    {
        var mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (int)((mixed ^ (mixed >> 31)) % (ulong)below);
    }
}
