using System.Collections.Concurrent;
using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// Fetches what the other parties have left, at their Vaults and at this person's, verifies it and writes down what counts (docs/spec/relationships.md
/// section 9). What it has not written down it fetches again.
/// </summary>
internal sealed class RelationshipSync(
    RelationshipBook book, VaultKeys keys, VaultCalls calls, HeldShares held, Inviting inviting, LetterReading reading)
{
    private const int AtOnce = 8;

    // Answers of 8 MiB: whoever has more than that to say is heard out the next time.
    private const int MostAnswers = 16;

    /// <param name="wait">How long this person's Vault waits for a letter where there is none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<RelationshipNews> RunAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var news = new RelationshipNews();
        var received = await ReadReceivedAsync(wait, cancellationToken).ConfigureAwait(false);
        if (await book.TryReadAsync(cancellationToken).ConfigureAwait(false) is not { } all)
            throw Failures.Conflict();
        var there = await ReadThereAsync(all, news, cancellationToken).ConfigureAwait(false);
        foreach (var page in all.Chunk(RelationshipBook.AtOnce))
        {
            RelationshipId[] ids = [.. page.Select(each => each.State.Relationship)];
            await TakeAsync(ids, received, there, news, cancellationToken).ConfigureAwait(false);
        }

        await TakeUnknownAsync(all, received, cancellationToken).ConfigureAwait(false);
        return news;
    }

    private async Task<List<ReceivedLetterMessage>> ReadReceivedAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var received = new List<ReceivedLetterMessage>();
        for (var answers = 0; answers < MostAnswers && await calls.GetLettersAsync(received.Count == 0 ? 0 : received[^1].Number, received.Count == 0 ? wait : default, cancellationToken).ConfigureAwait(false) is { Count: > 0 } more; answers++)
        {
            if (received.Count > 0 && more[0].Number <= received[^1].Number)
                break;
            received.AddRange(more);
            if (!IsFull(more.Count, more.Sum(letter => letter.Sealed.Length)))
                break;
        }

        return received;
    }

    /// <summary>Whether an answer may have left something out for want of room.</summary>
    private static bool IsFull(int letters, int bytes) => letters >= VaultRoutes.MaxLetters || bytes > VaultRoutes.MaxLettersBytes - VaultRoutes.MaxGivenBytes;

    private async Task<Dictionary<RelationshipId, IReadOnlyList<LetterMessage>>> ReadThereAsync(
        IReadOnlyList<RelationshipItem> all, RelationshipNews news, CancellationToken cancellationToken)
    {
        using var turns = new SemaphoreSlim(AtOnce);
        var read = await Task.WhenAll(
            all.Where(each => each.State is { Other: not null, Blocked: not true }).Select(async each => (each, Letters: await ReadAsync(each).ConfigureAwait(false)))).ConfigureAwait(false);
        return read.Where(each => each.Letters.Count > 0).ToDictionary(each => each.each.State.Relationship, each => each.Letters);

        async Task<IReadOnlyList<LetterMessage>> ReadAsync(RelationshipItem relationship)
        {
            await turns.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await ReadAllAsync(relationship).ConfigureAwait(false);
            }
            catch (KeyladderException e) when (e.Reason is not FailureReason.Integrity)
            {
                news.AddUnreachable(relationship.State.Relationship, e);
                return [];
            }
            finally
            {
                turns.Release();
            }
        }

        async Task<IReadOnlyList<LetterMessage>> ReadAllAsync(RelationshipItem relationship)
        {
            var letters = new List<LetterMessage>();
            var after = relationship.State.Other!.After;
            for (var answers = 0; await held.ReadAsync(relationship, after, cancellationToken).ConfigureAwait(false) is { } more; answers++)
            {
                if (more.Count == 0 || answers == MostAnswers)
                    return letters;
                letters.AddRange(more);
                after = more[^1].Number;
                if (!IsFull(more.Count, more.Sum(letter => letter.Sealed.Length)))
                    return letters;
            }

            // It does not know this person yet: the inviter has not read the acceptance, which may have been lost on its way.
            if (relationship.State.Acceptance is null)
                news.AddShut(relationship.State.Relationship);
            else
                await inviting.LeaveAcceptanceAsync(relationship.State, cancellationToken).ConfigureAwait(false);
            return letters;
        }
    }

    private async Task TakeAsync(
        RelationshipId[] ids,
        List<ReceivedLetterMessage> received,
        Dictionary<RelationshipId, IReadOnlyList<LetterMessage>> there,
        RelationshipNews news,
        CancellationToken cancellationToken)
    {
        using var deks = new ReceivedDeks(keys.Account);
        var (written, gone) = await book.WriteAsync(
            async all =>
            {
                var taken = new TakenLetters(deks);
                foreach (var relationship in all.Where(each => ids.Contains(each.State.Relationship)))
                {
                    await reading.TakeAsync(
                        relationship,
                        received.Where(letter => letter.Channel == relationship.State.Channel.Value),
                        there.GetValueOrDefault(relationship.State.Relationship) ?? [],
                        taken,
                        cancellationToken).ConfigureAwait(false);
                }

                // Before the write that names them, and once: where it is planned again, they are there.
                await deks.StoreAsync(cancellationToken).ConfigureAwait(false);
                return (taken.ToWrite(), (taken, taken.Gone));
            },
            cancellationToken).ConfigureAwait(false);
        news.Add(written.News);
        await keys.Account.DestroyAsync([.. gone, .. deks.Unused(written.Named)], cancellationToken).ConfigureAwait(false);
    }

    // Of a relationship that has been ended, or of nobody.
    private Task TakeUnknownAsync(IReadOnlyList<RelationshipItem> all, List<ReceivedLetterMessage> received, CancellationToken cancellationToken)
    {
        var channels = all.Select(each => each.State.Channel.Value).ToHashSet();
        Guid[] unknown = [.. received.Where(letter => !channels.Contains(letter.Channel)).Select(letter => letter.Id)];
        return unknown.Length == 0
            ? Task.CompletedTask
            : book.WriteAsync(_ => Task.FromResult((new BookWrite([]) { Taken = unknown }, true)), cancellationToken);
    }
}

/// <summary>What others have sent, and what became of it.</summary>
public sealed class RelationshipNews
{
    private readonly List<RelationshipId> _established = [];
    private readonly List<ShareId> _shares = [];
    private readonly List<ReceivedEvent> _events = [];
    private readonly List<IntegrityException> _refused = [];
    private readonly ConcurrentQueue<RelationshipId> _shut = [];
    private readonly Dictionary<RelationshipId, KeyladderException> _unreachable = [];

    /// <summary>Relationships that both sides have the keys of by now.</summary>
    public IReadOnlyList<RelationshipId> Established => _established;

    /// <summary>Relationships in which the other party has other keys, by a statement of the old ones: its safety words are new.</summary>
    public IReadOnlyList<RelationshipId> Changed { get; private set; } = [];

    /// <summary>Shares that are new, changed or over.</summary>
    public IReadOnlyList<ShareId> Shares => _shares;

    /// <summary>What happened to shared attributes, as the other parties have signed it: for an app's rules.</summary>
    public IReadOnlyList<ReceivedEvent> Events => _events;

    /// <summary>Letters that were refused: altered, sent by somebody else, or old. Nothing of them was used.</summary>
    public IReadOnlyList<IntegrityException> Refused => _refused;

    /// <summary>
    /// Relationships whose other Vault lets this person in no more: the other one has ended or blocked it, or that Vault says so. Nothing is signed about it.
    /// </summary>
    public IReadOnlyCollection<RelationshipId> Shut => _shut;

    /// <summary>Relationships whose other Vault did not answer.</summary>
    public IReadOnlyDictionary<RelationshipId, KeyladderException> Unreachable => _unreachable;

    internal void AddUnreachable(RelationshipId id, KeyladderException why)
    {
        lock (_unreachable)
            _unreachable[id] = why;
    }

    internal void AddShut(RelationshipId id) => _shut.Enqueue(id);

    internal void AddEstablished(RelationshipId id) => _established.Add(id);

    internal void AddChanged(RelationshipId id) => Changed = [.. Changed, id];

    internal void AddShare(ShareId id) => _shares.Add(id);

    internal void AddEvent(ReceivedEvent received) => _events.Add(received);

    internal void AddRefused(IntegrityException why) => _refused.Add(why);

    internal void Add(RelationshipNews other)
    {
        _established.AddRange(other._established);
        Changed = [.. Changed, .. other.Changed];
        _shares.AddRange(other._shares);
        _events.AddRange(other._events);
        _refused.AddRange(other._refused);
    }
}

/// <summary>An event, verified.</summary>
/// <param name="Relationship">In which.</param>
/// <param name="Event">What it says.</param>
/// <param name="Jws">As it was signed: whoever has the DID verifies it without more.</param>
public sealed record ReceivedEvent(RelationshipId Relationship, ShareEvent Event, string Jws);
