using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// Fetches what the other parties have left, at their Vaults and at this person's, verifies it and writes down what counts (docs/spec/relationships.md
/// section 9). What it has not written down it fetches again.
/// </summary>
internal sealed class RelationshipSync(
    RelationshipBook book, VaultKeys keys, VaultCopy copy, VaultCalls calls, VaultWork work, HeldShares held, Inviting inviting, OtherVaults others, LetterReading reading, LetterWait waiting, ChannelSettling settling)
{
    private const int AtOnce = 8;
    private const int Tries = 8;

    // Answers of 8 MiB: whoever has more than that to say is heard out the next time.
    private const int MostAnswers = 16;

    /// <param name="news">Gets what came, and what was written down of it even where this ends with an exception.</param>
    /// <param name="wait">How long to wait for a letter where there is none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task RunAsync(RelationshipNews news, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait > TimeSpan.Zero)
            await waiting.RunAsync(wait, cancellationToken).ConfigureAwait(false);
        var (at, received) = (copy.At.Number, await ReadReceivedAsync(cancellationToken).ConfigureAwait(false));
        var all = await ReadBookAsync(received, cancellationToken).ConfigureAwait(false);
        await settling.RunAsync(all, cancellationToken).ConfigureAwait(false);
        var there = await ReadThereAsync(all, news, cancellationToken).ConfigureAwait(false);
        foreach (var page in all.Where(HasLetters).ChunkBySize(MostChanged, RelationshipBook.MostObjects))
        {
            RelationshipId[] ids = [.. page.Select(each => each.LocalId)];
            await TakeAsync(ids, at, received, there, news, cancellationToken).ConfigureAwait(false);
        }

        await book.DestroyEndedAsync(cancellationToken).ConfigureAwait(false);

        bool HasLetters(RelationshipItem each) =>
            there.ContainsKey(each.LocalId) || received.Any(letter => letter.Channel == each.State.Channel.Value);

        // The item, what it says of the relationship, and every share that a letter may be about or may drive out.
        int MostChanged(RelationshipItem each) =>
            Math.Min(2 + each.Given.Count + (there.GetValueOrDefault(each.LocalId)?.Count ?? 0), 1 + ItemOverview.MaxAttributes);
    }

    /// <summary>
    /// The relationships as they are. Letters for those that this device knows lead to a write, which follows the newest state in any case; without them, or with letters
    /// for others, the Vault is asked what other devices have begun.
    /// </summary>
    private async Task<IReadOnlyList<RelationshipItem>> ReadBookAsync(List<ReceivedLetterMessage> received, CancellationToken cancellationToken)
    {
        var known = await book.TryReadAsync(cancellationToken).ConfigureAwait(false);
        for (var tries = 0; tries < Tries; tries++)
        {
            if (known is not null && (tries > 0 || (received.Count > 0 && KnowsAll(known, received))))
                return known;
            await work.SyncAsync(isRequired: true, cancellationToken).ConfigureAwait(false);
            known = await book.TryReadAsync(cancellationToken).ConfigureAwait(false);
        }

        throw Failures.Conflict();
    }

    /// <summary>As many as one write may take. The rest comes the next time.</summary>
    private async Task<List<ReceivedLetterMessage>> ReadReceivedAsync(CancellationToken cancellationToken)
    {
        var received = new List<ReceivedLetterMessage>();
        for (var answers = 0; answers < MostAnswers && await calls.GetLettersAsync(received.Count == 0 ? 0 : received[^1].Number, wait: default, cancellationToken).ConfigureAwait(false) is { Count: > 0 } more; answers++)
        {
            if (received.Count > 0 && more[0].Number <= received[^1].Number)
                break;
            received.AddRange(more.Take(VaultRoutes.MaxLetters - received.Count));
            if (received.Count == VaultRoutes.MaxLetters || !IsFull(more.Count, more.Sum(letter => letter.Sealed.Length)))
                break;
        }

        // Guests choose the ids. Of two letters with one id the older one is taken, and the other comes again.
        return [.. received.DistinctBy(letter => letter.Id)];
    }

    /// <summary>Whether an answer may have left something out for want of room.</summary>
    private static bool IsFull(int letters, int bytes) => letters >= VaultRoutes.MaxLetters || bytes > VaultRoutes.MaxLettersBytes - VaultRoutes.MaxGivenBytes;

    private async Task<Dictionary<RelationshipId, IReadOnlyList<LetterMessage>>> ReadThereAsync(
        IReadOnlyList<RelationshipItem> all, RelationshipNews news, CancellationToken cancellationToken)
    {
        using var turns = new SemaphoreSlim(AtOnce);
        var read = await Task.WhenAll(
            all.Where(each => each.State is { Other: not null, Blocked: not true }).Select(async each => (each, Letters: await ReadAsync(each).ConfigureAwait(false)))).ConfigureAwait(false);
        return read.Where(each => each.Letters.Count > 0).ToDictionary(each => each.each.LocalId, each => each.Letters);

        async Task<IReadOnlyList<LetterMessage>> ReadAsync(RelationshipItem relationship)
        {
            var letters = new List<LetterMessage>();
            await turns.WaitAsync(cancellationToken).ConfigureAwait(false);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(others.MostTime); // what one Vault has to say holds back the news of all the others
            try
            {
                await ReadAllAsync(relationship, letters, limit.Token).ConfigureAwait(false);
                return letters;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The rest comes the next time.
                if (letters.Count == 0)
                    news.AddUnreachable(relationship.LocalId, RelationshipFailures.Slow(relationship.LocalId));
                return letters;
            }
            catch (KeyladderException e) when (e.Reason is not FailureReason.Integrity)
            {
                news.AddUnreachable(relationship.LocalId, e);
                return [];
            }
            finally
            {
                turns.Release();
            }
        }

        async Task ReadAllAsync(RelationshipItem relationship, List<LetterMessage> letters, CancellationToken limit)
        {
            var after = relationship.State.Other!.After;
            for (var answers = 0; await held.ReadAsync(relationship, after, wait: default, limit).ConfigureAwait(false) is { } more; answers++)
            {
                if (more.Count == 0 || answers == MostAnswers)
                    return;
                letters.AddRange(more);
                after = more[^1].Number;
                if (!IsFull(more.Count, more.Sum(letter => letter.Sealed.Length)))
                    return;
            }

            // It may not know this person yet: the inviter has not read the acceptance, which can have been lost on its way.
            if (relationship.State.Acceptance is null || !await inviting.LeaveAcceptanceAsync(relationship.State, limit).ConfigureAwait(false))
                news.AddShut(relationship.LocalId);
        }
    }

    private async Task TakeAsync(
        RelationshipId[] ids,
        long at,
        List<ReceivedLetterMessage> received,
        Dictionary<RelationshipId, IReadOnlyList<LetterMessage>> there,
        RelationshipNews news,
        CancellationToken cancellationToken)
    {
        using var deks = new ReceivedDeks(keys.Account);
        var written = await book.WriteAsync(
            async all =>
            {
                // What another device has taken by then is no letter to this state any more, and would be refused.
                if (at != copy.At.Number)
                    (at, received) = (copy.At.Number, await ReadReceivedAsync(cancellationToken).ConfigureAwait(false));
                var taken = new TakenLetters(deks);
                foreach (var relationship in all.Where(each => ids.Contains(each.LocalId)))
                {
                    await reading.TakeAsync(
                        relationship,
                        received.Where(letter => letter.Channel == relationship.State.Channel.Value),
                        there.GetValueOrDefault(relationship.LocalId) ?? [],
                        taken,
                        cancellationToken).ConfigureAwait(false);
                }

                // Before the write that names them, and once: where it is planned again, they are there.
                await deks.StoreAsync(cancellationToken).ConfigureAwait(false);
                return (taken.ToWrite(), taken);
            },
            cancellationToken).ConfigureAwait(false);
        news.Add(written.News);
        await book.DestroyAsync([.. written.Gone, .. deks.Unused(written.Named)], cancellationToken).ConfigureAwait(false);
    }

    // A relationship that has ended has no channel any more, and no letters.
    private static bool KnowsAll(IReadOnlyList<RelationshipItem> all, List<ReceivedLetterMessage> received) =>
        !received.Select(letter => letter.Channel).Except(all.Select(each => each.State.Channel.Value)).Any();
}
