using System.Text.Json.Serialization;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Heads;

/// <summary>What every service's heads have in common (docs/spec/heads.md section 3): the place in the chain, and the tree.</summary>
public abstract record Head
{
    private const long Limit = 1L << 53;

    public required AccountId Account { get; init; }

    /// <summary>From 1; below 2^53.</summary>
    public required long Number { get; init; }

    /// <summary>The day it was made, in UTC, by the clock of the client that made it.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>The lowest format version that the account accepts; 1 is the only one there is.</summary>
    [JsonRequired]
    public long Format { get; init; } = 1;

    /// <summary>Number of leaves.</summary>
    public required long Count { get; init; }

    /// <summary>Root of the tree.</summary>
    public required Hash256 Root { get; init; }

    /// <summary>Hash of the last event that the account signs for (docs/spec/audit.md); <see cref="Hash256.Zero"/> for none.</summary>
    [JsonRequired]
    public Hash256 Audit { get; init; }

    /// <summary>
    /// What was given up after restores (docs/spec/heads.md section 6), the newest first, at most <see cref="LostHead.Most"/>; null where
    /// nothing was. Every later head carries it on.
    /// </summary>
    public IReadOnlyList<LostHead>? Lost { get; init; }

    /// <summary>Hashes of the heads with the numbers of <see cref="HeadChain.LinkedNumbers"/>, in that order.</summary>
    public required IReadOnlyList<Hash256> Links { get; init; }

    /// <summary>Whether the head names what was given up as it must after another: the same, or one more that followed that head.</summary>
    public bool CarriesOn(Head previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        var before = previous.Lost ?? [];
        var now = Lost ?? [];
        return now is [var newest, ..] && newest.Follows == previous.Number
            ? now.Skip(1).SequenceEqual(before.Take(LostHead.Most - 1))
            : now.SequenceEqual(before);
    }

    /// <summary>The key that the head itself names as the one that signs the account's heads.</summary>
    [JsonIgnore]
    public abstract Ed25519PublicKey Signer { get; }

    /// <summary>Whether what a write leaves as it is, is as the head before it has it: the keys of the account.</summary>
    public abstract bool KeepsKeysOf(Head previous);

    [JsonIgnore]
    internal abstract JwsKind Kind { get; }

    /// <summary>The payload as JSON.</summary>
    internal abstract byte[] Write();

    /// <summary>Whether the members are as section 3 has them, as far as one head alone can tell.</summary>
    internal virtual bool IsWellFormed() =>
        Number is >= 1 and < Limit
        && Format == 1
        && Count is >= 0 and < Limit
        && Links.Count == HeadChain.LinkedNumbers(Number).Count()
        && LostHead.AreWellFormed(Lost, Number);
}
