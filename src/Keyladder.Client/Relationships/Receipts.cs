using System.Collections.Concurrent;
using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;

namespace Keyladder.Client;

/// <summary>Tells those who share that their terms are accepted, and, where they have asked for that, that a copy was opened (docs/spec/relationships.md section 7). None of it holds the account's turn.</summary>
internal sealed class Receipts(RelationshipBook book, HeldShares held, OtherVaults others, Relationships.Turn turn)
{
    private const int EventsInLetter = 64;

    // Two who open one copy at the same moment tell once.
    private readonly ConcurrentDictionary<(RelationshipId Relationship, ShareId Share, long Number), bool> _told = [];

    /// <exception cref="KeyladderException">The other Vault does not take it, or not in time.</exception>
    public Task TellAcceptedAsync(AskedShare share, CancellationToken cancellationToken) => TellAsync(share, ShareEvents.Accepted, cancellationToken);

    /// <summary>
    /// Tells that it was opened, once, and again with the next opening where it could not be told, and notes its name. Who has fetched the copy has it: that the sharer's Vault takes
    /// no note of it, such as for want of room, is no reason to withhold it from its holder; and no more is that the own Vault cannot note its name.
    /// </summary>
    /// <param name="asked">What was opened.</param>
    /// <param name="name">As the copy has it.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    public async Task TryNoteOpenedAsync(AskedShare asked, string name, CancellationToken cancellationToken)
    {
        var share = asked.Share;
        var once = (share.Relationship, share.Id, share.Statement.Number);
        var opened = share.Record with { Name = name };
        var isTelling = share.TellsWhenRead && share.Record.Read != share.Statement.Number && _told.TryAdd(once, true);
        var isTold = false;
        try
        {
            if (isTelling)
            {
                await TellAsync(asked, ShareEvents.Read, cancellationToken).ConfigureAwait(false);
                isTold = true;
                opened = opened with { Read = share.Statement.Number };
            }

            if (opened == share.Record)
                return;
            await turn(
                async () => await book.WriteAsync(
                    all => Task.FromResult((new BookWrite([.. all.Where(each => each.LocalId == share.Relationship).SelectMany(each => Noted(each, share, opened))]), true)),
                    cancellationToken).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.Unreachable or FailureReason.QuotaExceeded or FailureReason.TooManyRequests or FailureReason.NotAllowed)
        {
        }
        finally
        {
            if (isTelling && !isTold)
                _told.TryRemove(once, out _);
        }
    }

    private Task<bool> TellAsync(AskedShare asked, string what, CancellationToken cancellationToken)
    {
        var (relationship, share, _) = asked;
        var other = relationship.OtherKeys()!;
        return others.AskAsync(TellAllAsync, () => RelationshipFailures.Slow(relationship.LocalId), cancellationToken);

        async Task<bool> TellAllAsync(CancellationToken limit)
        {
            foreach (var key in asked.Keys)
            {
                var isKnown = true;
                foreach (var page in Sharing.Events(key, share.Attributes, what, share.Statement.Number).Chunk(EventsInLetter))
                {
                    var letter = LetterId.Generate().Value;
                    isKnown = isKnown && await held.GuestOf(relationship, key).TryLeaveAsync(letter, Letter.Seal(other, key.Did, letter, page), limit).ConfigureAwait(false);
                }

                if (isKnown)
                    return true;
            }

            throw RelationshipFailures.Shut(relationship.LocalId);
        }
    }

    private static IEnumerable<RelationshipItem> Noted(RelationshipItem relationship, HeldShare share, HeldRecord opened) =>
        from held in Sharing.HeldIn(relationship)
        where held.Id == share.Id && held.Record.Statement == share.Record.Statement
        select relationship.With(held.RecordId, held.Record with { Name = opened.Name, Read = opened.Read ?? held.Record.Read });
}
