using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Relationships;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>What one party does with a relationship on its own side: its name, whether it is heard, its keys, its end.</summary>
internal sealed class Managing(RelationshipBook book)
{
    public Task RenameAsync(RelationshipId id, string name, CancellationToken cancellationToken) =>
        EditAsync(id, relationship => new BookWrite([relationship with { Name = name }]), cancellationToken);

    /// <summary>Shuts the channel: nobody has its guest's key from now on.</summary>
    public Task BlockAsync(RelationshipId id, CancellationToken cancellationToken) => EditAsync(
        id,
        relationship =>
        {
            using var nobody = Ed25519PrivateKey.Generate();
            return WithGuest(relationship with { State = relationship.State with { Blocked = true } }, nobody.PublicKey);
        },
        cancellationToken);

    public Task UnblockAsync(RelationshipId id, CancellationToken cancellationToken) => EditAsync(
        id,
        relationship => relationship.State.Blocked == true && relationship.OtherKeys() is { } other
            ? WithGuest(relationship with { State = relationship.State with { Blocked = null } }, other.ChannelKey)
            : new BookWrite([]),
        cancellationToken);

    public Task<RelationshipItem> ChangeKeysAsync(RelationshipId id, CancellationToken cancellationToken) => book.WriteAsync(
        async all =>
        {
            var (relationship, other) = RelationshipBook.Established(all, id);
            var own = await book.OwnKeyAsync(relationship, cancellationToken).ConfigureAwait(false);
            var next = await book.SpareKeyAsync(all, cancellationToken).ConfigureAwait(false);
            var epoch = relationship.State.Epoch + 1;
            var change = own.Sign(new KeyChange(own.Did, other.Subject, other.Relationship, next.Did, next.SignBundle(other.Relationship, epoch)));
            var letter = LetterId.Generate().Value;
            var item = relationship with { State = relationship.State with { Keys = [next.Id, .. relationship.State.Keys], Epoch = epoch } };
            return (new BookWrite([item]) { Letters = [new GivenLetterMessage(item.State.Channel.Value, letter, Letter.Seal(other, own.Did, letter, [change]))] }, item);
        },
        cancellationToken);

    /// <summary>The relationship goes, and its keys are written down as over, before they are destroyed.</summary>
    public async Task EndAsync(RelationshipId id, CancellationToken cancellationToken)
    {
        var over = await book.WriteAsync(
            all =>
            {
                var relationship = RelationshipBook.Existing(all, id);
                var write = new BookWrite([])
                {
                    Delete = [relationship],
                    Channels = [new ChannelMessage(relationship.State.Channel.Value)],
                    Ended =
                    [
                        .. relationship.State.Keys,
                        .. relationship.Given.Values.Select(record => record.Key).Concat(relationship.Held.Values.Select(record => record.Key)).OfType<KeyId>(),
                    ],
                };
                return Task.FromResult((write, write.Ended));
            },
            cancellationToken).ConfigureAwait(false);
        await book.DestroyAsync(over, cancellationToken).ConfigureAwait(false);
    }

    private Task<bool> EditAsync(RelationshipId id, Func<RelationshipItem, BookWrite> edit, CancellationToken cancellationToken) =>
        book.WriteAsync(all => Task.FromResult((edit(RelationshipBook.Existing(all, id)), true)), cancellationToken);

    private static BookWrite WithGuest(RelationshipItem relationship, Ed25519PublicKey key) =>
        new([relationship]) { Channels = [new ChannelMessage(relationship.State.Channel.Value, key.Bytes.ToArray())] };
}
