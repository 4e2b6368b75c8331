using System.Numerics;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Heads;

/// <summary>How heads hang together (docs/spec/heads.md sections 3 to 5).</summary>
public static class HeadChain
{
    /// <summary>The numbers of the heads that a head links to, in the order of its links: number − 2^k for each 2^k that divides it.</summary>
    public static IEnumerable<long> LinkedNumbers(long number)
    {
        for (var step = 1L; number % step == 0 && number > step; step <<= 1)
            yield return number - step;
    }

    /// <summary>The numbers of the heads that lead from one to another: what a service answers as <c>chain</c>, in that order.</summary>
    /// <param name="newest">Where the chain starts; not among the numbers.</param>
    /// <param name="pinned">Where it leads to; not among the numbers. 0 for no head.</param>
    /// <returns>None if <paramref name="newest"/> is not above <paramref name="pinned"/>.</returns>
    public static IEnumerable<long> NumbersBetween(long newest, long pinned)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pinned);
        if (newest <= pinned)
            yield break;
        for (var number = newest - Step(newest, pinned); number > pinned; number -= Step(number, pinned))
            yield return number;
    }

    /// <summary>Accepts a head that descends from the pinned one.</summary>
    /// <param name="pin">Of the newest head that has been accepted so far, or <see cref="HeadPin.None"/>.</param>
    /// <param name="newest">The head to accept.</param>
    /// <param name="chain">The heads with the numbers of <see cref="NumbersBetween"/>.</param>
    /// <param name="account">The account that all of them must name.</param>
    /// <param name="key">The key that must have signed all of them.</param>
    /// <returns>The pin of <paramref name="newest"/>.</returns>
    /// <exception cref="HeadRolledBackException">It is older than the pinned one.</exception>
    /// <exception cref="HeadForkedException">The chain does not lead from it to the pinned one.</exception>
    public static HeadPin Verify<THead>(
        HeadPin pin, SignedHead<THead> newest, IReadOnlyList<SignedHead<THead>> chain, AccountId account, Ed25519PublicKey key)
        where THead : Head
    {
        ArgumentNullException.ThrowIfNull(pin);
        RequireDescent(pin.Number, pin.Hash, newest, chain, account, key);
        return newest.Head.Number == pin.Number ? pin : Pin(newest, chain, pin);
    }

    /// <summary>As <see cref="Verify"/> for a head of which number and hash alone are known, so that nothing can be pinned after it.</summary>
    /// <param name="number">Of the head that must be there; 0 for none.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="newest">The head that must be it, or follow it.</param>
    /// <param name="chain">As there.</param>
    /// <param name="account">As there.</param>
    /// <param name="key">As there.</param>
    /// <exception cref="HeadRolledBackException">As there.</exception>
    /// <exception cref="HeadForkedException">As there.</exception>
    public static void RequireDescent<THead>(
        long number, Hash256 hash, SignedHead<THead> newest, IReadOnlyList<SignedHead<THead>> chain, AccountId account, Ed25519PublicKey key)
        where THead : Head
    {
        ArgumentNullException.ThrowIfNull(newest);
        ArgumentNullException.ThrowIfNull(chain);

        if (newest.Head.Number < number)
            throw new HeadRolledBackException(number, newest.Head.Number);
        long[] numbers = [.. NumbersBetween(newest.Head.Number, number)];
        Require(chain.Count == numbers.Length, "The chain is longer or shorter than it can be.");
        if (newest.Head.Number == number)
            Require(newest.Hash == hash, "Two heads have the number of the pinned one.");

        var head = newest;
        for (var index = 0; ; head = chain[index++])
        {
            Require(head.Head.Account == account, "A head is of another account.");
            Require(head.IsSignedBy(key), "A head is not signed by the account's key.");
            if (index > 0)
                Require(head.Head.Number == numbers[index - 1], "A head of the chain is not the one that comes next.");
            if (index == chain.Count)
                break;
            Require(chain[index].Hash == Link(head.Head, numbers[index]), "A link of the chain leads to another head.");
        }

        Require(newest.Head.Number == number || number == 0 || Link(head.Head, number) == hash, "The chain leads past the pinned head.");

        void Require(bool condition, string otherwise)
        {
            if (!condition)
                throw new HeadForkedException(number, newest.Head.Number, otherwise);
        }
    }

    // Ancestors above the pin are on the chain, the pin may be one, and those below it are its own.
    private static HeadPin Pin<THead>(SignedHead<THead> newest, IReadOnlyList<SignedHead<THead>> chain, HeadPin pin)
        where THead : Head
    {
        var ancestors = HeadPin.AncestorNumbers(newest.Head.Number)
            .Select(number => number > pin.Number ? chain.First(head => head.Head.Number == number).Hash : pin.HashOf(number));
        return new HeadPin(newest.Head.Number, newest.Hash, newest.Head.Root, newest.Head.Count, [.. ancestors])
        {
            Restored = pin.Restored,
            Day = newest.Head.Day,
            Followed = [.. chain.Select(head => head.Hash).Concat(chain.Prepend(newest).SelectMany(head => head.Head.Links)).Append(pin.Hash).Concat(pin.Followed)
                .Where(hash => hash != Hash256.Zero).Distinct().Take(HeadPin.MaxFollowed)],
        };
    }

    /// <summary>The largest power of two that divides a number and does not lead below the pinned one.</summary>
    private static long Step(long number, long pinned)
    {
        var step = number & -number;
        while (number - step < pinned)
            step >>= 1;
        return step;
    }

    private static Hash256 Link(Head head, long number) => head.Links[BitOperations.Log2((ulong)(head.Number - number))];
}
