using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// What a Vault shows guests is no object, and no head signs for it: a restored Vault has channels and letters as they were, also of who was blocked since, whose relationship has ended or whose share
/// was taken back (docs/spec/relationships.md section 9). Once after each restore that the service tells of, they are made what the person's book says.
/// </summary>
internal sealed class ChannelSettling(RelationshipBook book, VaultCalls calls)
{
    private const string Table = "channels";

    private const int MostAnswers = 1_000;

    // Of channels and of letters, each, in one write.
    private const int AtOnce = 500;

    /// <summary>Does nothing where there was no restore since the last time.</summary>
    /// <param name="all">The relationships there are.</param>
    /// <param name="cancellationToken">Ends the call; it is done with the next one.</param>
    public async Task RunAsync(IReadOnlyList<RelationshipItem> all, CancellationToken cancellationToken)
    {
        var restored = calls.Restored;
        if (restored <= book.Ended.Restored)
            return;
        var there = await ReadChannelsAsync(cancellationToken).ConfigureAwait(false);
        foreach (var page in there.Except(all.Select(each => each.State.Channel.Value)).Chunk(AtOnce))
        {
            // As the book is when it lands: another device may have begun a relationship since, and its channel would never return.
            await book.WriteAsync(
                present => Task.FromResult((new BookWrite([]) { Channels = [.. page.Except(present.Select(each => each.State.Channel.Value)).Select(id => new ChannelMessage(id))] }, true)),
                cancellationToken).ConfigureAwait(false);
        }

        foreach (var page in all.Chunk(AtOnce).Select(page => page.Select(each => each.LocalId).ToHashSet()))
            await book.WriteAsync(present => Task.FromResult((AsTheyAre([.. present.Where(each => page.Contains(each.LocalId))]), true)), cancellationToken).ConfigureAwait(false);
        foreach (var page in all.SelectMany(Over).Chunk(AtOnce))
            await book.WriteAsync(_ => Task.FromResult((new BookWrite([]) { Letters = page }, true)), cancellationToken).ConfigureAwait(false);
        await book.WriteAsync(_ => Task.FromResult((new BookWrite([]) { Restored = restored }, true)), cancellationToken).ConfigureAwait(false);
    }

    // An invitation that nobody has taken is as it was, or was made since and is gone.
    private static BookWrite AsTheyAre(IReadOnlyList<RelationshipItem> relationships) => new([])
    {
        Channels =
        [
            .. from relationship in relationships
               where relationship.OtherKeys() is not null
               let key = relationship.State.Blocked == true ? Nobody() : relationship.OtherKeys()!.ChannelKey
               select new ChannelMessage(relationship.State.Channel.Value, key.Bytes.ToArray()),
        ],
    };

    private static Ed25519PublicKey Nobody()
    {
        using var nobody = Ed25519PrivateKey.Generate();
        return nobody.PublicKey;
    }

    // What is over is told no second time: nothing may follow an end. Who has not heard of it finds nothing there.
    private static IEnumerable<GivenLetterMessage> Over(RelationshipItem relationship) =>
        from share in Sharing.GivenIn(relationship)
        where share.Record.Key is null
        select new GivenLetterMessage(relationship.State.Channel.Value, share.Id.Value);

    private async Task<HashSet<Guid>> ReadChannelsAsync(CancellationToken cancellationToken)
    {
        var channels = new HashSet<Guid>();
        var answers = 0;
        for (var place = new DataPlaceMessage(Table, 0); place is { Table: Table };)
        {
            if (++answers > MostAnswers)
                throw AccountData.NeverEnds();
            var answer = await calls.GetAccountDataAsync(place, cancellationToken).ConfigureAwait(false);
            foreach (var row in answer.Rows)
            {
                // Without a key: it is removed already.
                if (row.GetValueOrDefault("guest_key") is not null && Guid.TryParse(row.GetValueOrDefault("channel_id"), out var id))
                    channels.Add(id);
            }

            place = answer.Next is { } next && next.Skip > place.Skip ? next : null;
        }

        return channels;
    }
}
