using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Soak.Load;

/// <summary>
/// Holds what remains against what the clients were told. Every acknowledged write has a head of its own number, and that head is in the account's history; what a refused write
/// sent is not; each key is as the newest acknowledged writes left it, or as an unanswered one would have.
/// </summary>
/// <remarks>
/// Two clients that delete the same key after the same head sign the same bytes: it is one write, and both are told truly that it landed. Every other write seals something anew, so
/// that its head is like no other.
/// </remarks>
internal static class Checker
{
    /// <returns>Each a sentence; none if the remains are explained.</returns>
    public static IReadOnlyList<string> Check(IReadOnlyCollection<LoggedWrite> log, Remains remains) =>
        [.. CheckWinners(log), .. CheckHistory(log, remains), .. log.GroupBy(write => write.Key).SelectMany(key => CheckKey(key, remains)), .. CheckStrangers(log, remains)];

    private static IEnumerable<string> CheckWinners(IEnumerable<LoggedWrite> log) =>
        from write in log
        where write is { Outcome: Outcome.Acknowledged, Heads.Count: > 0 }
        group write by Number(write.Heads[^1]) into winners
        where winners.DistinctBy(Same).Count() > 1
        select Say($"Head {winners.Key} was acknowledged to {winners.Count()} writes.");

    private static IEnumerable<string> CheckHistory(IReadOnlyCollection<LoggedWrite> log, Remains remains)
    {
        var there = remains.Heads.Values.ToHashSet();
        if (remains.Heads.Keys.Order().Index().Any(number => number.Item != number.Index + 1))
            yield return "The history has a gap.";
        foreach (var write in log)
        {
            var landed = write.Heads.Where(there.Contains).ToList();
            if (landed.Count > 1)
                yield return Say($"A {write.Kind} landed {landed.Count} times.");
            if (write is { Outcome: Outcome.Acknowledged, Heads.Count: > 0 } && remains.Heads.GetValueOrDefault(Number(write.Heads[^1])) != write.Heads[^1])
                yield return Say($"Head {Number(write.Heads[^1])} of an acknowledged {write.Kind} is not in the history.");
            if (write.Outcome == Outcome.Refused && landed.Count > 0)
                yield return Say($"Head {Number(landed[0])} of a refused {write.Kind} is in the history.");
        }

        var sent = log.SelectMany(write => write.Heads).ToHashSet();
        foreach (var (number, _) in remains.Heads.Where(head => head.Key > 1 && !sent.Contains(head.Value)))
            yield return Say($"Head {number} is in the history, and nobody sent it.");
    }

    private static IEnumerable<string> CheckKey(IGrouping<KeyId, LoggedWrite> key, Remains remains)
    {
        var promised = key.Where(write => write is { Outcome: Outcome.Acknowledged, Heads.Count: > 0 }).OrderBy(write => Number(write.Heads[^1])).DistinctBy(Same).ToList();
        var possible = key.Where(write => write is { Outcome: Outcome.Unanswered, Heads.Count: > 0 }).ToList();
        var deleted = promised.FindIndex(write => write.Kind == Kind.Delete);
        if (deleted >= 0 && deleted < promised.Count - 1)
            yield return Say($"Key {key.Key} was written after it had been deleted.");
        if (!remains.Keys.TryGetValue(key.Key, out var there))
        {
            if (promised.Count > 0 && deleted < 0 && possible.All(write => write.Kind != Kind.Delete))
                yield return Say($"Key {key.Key} is lost: {promised.Count} writes to it were acknowledged, and nobody deleted it.");
            yield break;
        }

        if (deleted >= 0)
            yield return Say($"Key {key.Key} is there after its deletion was acknowledged.");
        if (promised.Concat(possible).All(write => write.Kind != Kind.Create))
            yield return Say($"Key {key.Key} is there after its creation was refused.");
        if (promised.LastOrDefault(write => write.Label is not null)?.Label != there.Label && possible.All(write => write.Label != there.Label))
            yield return Say($"The label of key {key.Key} is not the one that was acknowledged last.");
        if (promised.LastOrDefault(write => write.State is not null)?.State != there.State && possible.All(write => write.State != there.State))
            yield return Say($"The state of key {key.Key} is not the one that was acknowledged last.");
    }

    private static IEnumerable<string> CheckStrangers(IEnumerable<LoggedWrite> log, Remains remains) =>
        remains.Keys.Keys.Except(log.Select(write => write.Key)).Select(id => Say($"Key {id} is there, and nobody made it."));

    private static object Same(LoggedWrite write) => write.Kind == Kind.Delete ? (write.Key, write.Heads[^1]) : write;

    private static long Number(string jws) =>
        KeystoreHead.TryRead(jws, out var head) ? head.Head.Number : throw new InvalidDataException("A head that was sent is none.");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
