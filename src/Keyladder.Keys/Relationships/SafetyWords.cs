using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Keys.Relationships;

/// <summary>
/// Words that two people read to each other to be sure that each has the other's keys (docs/spec/relationships.md section 3). They are no secret,
/// and change with the keys.
/// </summary>
public static class SafetyWords
{
    /// <summary>88 bits: as many as somebody between the two would have to meet, with keys for both.</summary>
    public const int Count = 8;

    private const int BitsPerWord = 11;

    /// <summary>The same for both sides.</summary>
    /// <returns><see cref="Count"/> words of the BIP-39 list in lower case, with single spaces.</returns>
    public static string Of(RelationshipId relationship, Did one, Did other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        string[] dids = [one.ToString(), other.ToString()];
        Array.Sort(dids, StringComparer.Ordinal);
        var hash = SHA512.HashData(Fields.Encode(Labels.SafetyWords, relationship, dids[0], dids[1]));
        Span<int> indexes = stackalloc int[Count];
        BitGroups.Unpack(hash.AsSpan(0, Count * BitsPerWord / 8), BitsPerWord, indexes);
        return string.Join(' ', indexes.ToArray().Select(index => WordList.All[index]));
    }
}
