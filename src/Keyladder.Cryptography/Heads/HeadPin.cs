using System.Numerics;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Heads;

/// <summary>
/// What a client keeps of the newest head that it has accepted: enough to accept a later one, and to make the next (docs/spec/heads.md sections 4
/// and 5). To be stored so that it survives, and never lowered.
/// </summary>
public sealed record HeadPin
{
    /// <param name="number">0 for none.</param>
    /// <param name="hash">Hash of that head.</param>
    /// <param name="root">Its root, against which a delta is checked.</param>
    /// <param name="count">Its number of leaves.</param>
    /// <param name="ancestors">Hashes of its ancestors, the nearest first.</param>
    /// <exception cref="ArgumentException">A head with this number has more or fewer ancestors.</exception>
    public HeadPin(long number, Hash256 hash, Hash256 root, long count, IReadOnlyList<Hash256> ancestors)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentNullException.ThrowIfNull(ancestors);
        if (ancestors.Count != AncestorNumbers(number).Count())
            throw new ArgumentException("The number of ancestors is not that of a head with this number.", nameof(ancestors));
        (Number, Hash, Root, Count, Ancestors) = (number, hash, root, count, ancestors);
    }

    /// <summary>Heads that <see cref="Followed"/> has at most.</summary>
    public const int MaxFollowed = 128;

    /// <summary>The pin of a client that has seen no head: number 0, and the empty tree.</summary>
    public static HeadPin None { get; } = new(0, Hash256.Zero, Hash256.Zero, 0, []);

    /// <summary>0 for none.</summary>
    public long Number { get; }

    /// <summary>Hash of the pinned head.</summary>
    public Hash256 Hash { get; }

    /// <summary>Its root, against which a delta is checked.</summary>
    public Hash256 Root { get; }

    /// <summary>Its number of leaves.</summary>
    public long Count { get; }

    /// <summary>Hashes of its ancestors, the nearest first (docs/spec/heads.md section 4).</summary>
    public IReadOnlyList<Hash256> Ancestors { get; }

    /// <summary>The largest restore number that the service has shown to this client; 0 for none (docs/spec/heads.md section 6).</summary>
    public long Restored { get; init; }

    /// <summary>The day that the pinned head names; null where that was not kept.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>
    /// Hashes of the newest heads that the client has met and that come before the pinned one; the rest of them is forgotten. After a restore
    /// they tell what the service shows from another history (docs/spec/heads.md section 6).
    /// </summary>
    public IReadOnlyList<Hash256> Followed { get; init; } = [];

    /// <summary>
    /// Whether what is pinned is the account's deletion (docs/spec/heads.md section 7): whatever a service shows of the account is then older,
    /// or another history.
    /// </summary>
    public bool IsDeleted { get; init; }

    /// <summary>The pin of a client whose account was deleted: the deletion in the place of the next head, and nothing in the tree.</summary>
    /// <param name="deletion">The JWS that deleted the account as it was at the pinned head.</param>
    public HeadPin After(string deletion) => new(
        Number + 1,
        new Hash256(Jws.SigningInputHash(deletion)),
        Hash256.Zero,
        count: 0,
        [.. AncestorNumbers(Number + 1).Select(HashOf)]) { IsDeleted = true, Restored = Restored };

    /// <summary>The head that follows the pinned one, ready to be signed.</summary>
    /// <param name="current">The pinned head.</param>
    /// <param name="day">Today, in UTC.</param>
    /// <param name="root">Root of the tree after the write.</param>
    /// <param name="count">Its number of leaves.</param>
    /// <exception cref="ArgumentException"><paramref name="current"/> is not the pinned head.</exception>
    public THead Next<THead>(SignedHead<THead> current, DateOnly day, Hash256 root, long count)
        where THead : Head
    {
        ArgumentNullException.ThrowIfNull(current);
        if (current.Head.Number != Number || current.Hash != Hash)
            throw new ArgumentException("Only the pinned head can be followed.", nameof(current));
        Head head = current.Head;
        return (THead)(head with
        {
            Number = Number + 1,
            Day = day,
            Root = root,
            Count = count,
            Links = [.. HeadChain.LinkedNumbers(Number + 1).Select(HashOf)],
        });
    }

    /// <summary>The numbers that clearing the lowest set bit gives, again and again, while it is not 0.</summary>
    internal static IEnumerable<long> AncestorNumbers(long number)
    {
        while (BitOperations.PopCount((ulong)number) > 1)
            yield return number &= number - 1;
    }

    /// <summary>The hash of the pinned head or of one of its ancestors.</summary>
    internal Hash256 HashOf(long number) =>
        number == Number ? Hash : AncestorNumbers(Number).Zip(Ancestors).First(ancestor => ancestor.First == number).Second;
}
