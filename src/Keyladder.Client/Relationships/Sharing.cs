using System.Collections.Concurrent;
using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>Gives copies, changes them and takes them back (docs/spec/relationships.md section 7): each under a DEK, ids and a statement of its own.</summary>
internal sealed class Sharing(RelationshipBook book, VaultKeys keys)
{
    // What one write of shares may hold, with room for what stands around each letter.
    private const int MostOfWrite = VaultRoutes.MaxBodyBytes / 3;

    // Fewer than there is room for: the other party may share too before either has heard of it.
    private const int MostShares = RelationshipItem.MaxShares - 5;

    /// <summary>Shares one thing in any number of relationships: one call to the Keystore for a thousand keys, one to the Vault for a third of that.</summary>
    public async Task<IReadOnlyList<GivenShare>> ShareAsync(
        IReadOnlyList<RelationshipItem> with, OpenedItem item, AttributeId? attribute, ShareTerms terms, SharedAttachments attachments, CancellationToken cancellationToken)
    {
        var chosen = Choose(item, attribute, attachments);
        var deks = await keys.Account.GenerateManyAsync([.. with.Select(_ => new NewKey(KeyPurpose.SharingDek))], cancellationToken).ConfigureAwait(false);
        try
        {
            var shares = with.Zip(deks, (relationship, dek) => (Relationship: relationship, Share: ShareId.Generate(), Dek: (SharingDataEncryptionKey)dek));
            var (given, least) = (new List<GivenShare>(), RelationshipBook.MostObjects / PageFor(chosen));
            foreach (var page in shares.ChunkBySize(each => Math.Max(least, MostChanged(each.Relationship)), RelationshipBook.MostObjects))
                given.AddRange(await WriteAsync(page, chosen, terms, cancellationToken).ConfigureAwait(false));
            return given;
        }
        finally
        {
            foreach (var dek in deks)
                dek.Dispose();
        }
    }

    /// <summary>What cannot be shared is refused before a key is made for it, or an attachment sent.</summary>
    public async Task TryOutAsync(IReadOnlyList<RelationshipItem> with, OpenedItem item, AttributeId? attribute, ShareTerms terms, CancellationToken cancellationToken)
    {
        var parties = with.Select(each => RelationshipBook.Established(with, each.LocalId)).ToList();
        if (with.FirstOrDefault(each => IsFull(each.WithoutEnded())) is { } full)
            throw RelationshipFailures.TooManyShares(full.LocalId);
        if (parties is not [var (relationship, other), ..])
            return;
        using var dek = SharingDataEncryptionKey.Generate(keys.Account.Owner);
        var chosen = Choose(item, attribute, SharedAttachments.Unsent(relationship, AttachmentsOf(item, attribute)));
        Give(relationship, await book.OwnKeyAsync(relationship, cancellationToken).ConfigureAwait(false), other, dek, ShareId.Generate(), null, chosen, terms);
    }

    public static ShareTerms TermsOf(GivenShare share) => new(share.Terms, share.Expires, share.Statement.Receipts == true);

    /// <summary>The attachments of what is to be shared.</summary>
    public static IEnumerable<Attachment> AttachmentsOf(OpenedItem item, AttributeId? attribute) =>
        item.Attributes.Where(each => attribute is null || each.Id == attribute).Select(each => each.Content.GetAttachment()).OfType<Attachment>().DistinctBy(attachment => attachment.Id);

    /// <summary>Puts a copy of what the item is now in the place of the one that the holder has, under the same DEK.</summary>
    /// <returns>Null where another device has changed the share or the item meanwhile: what it has made of them is not written over.</returns>
    public async Task<GivenShare?> UpdateAsync(GivenShare share, OpenedItem item, SharedAttachments attachments, CancellationToken cancellationToken)
    {
        if (share.State != ShareStates.Given || share.Record.Key is not { } id)
            throw RelationshipFailures.OwnShareEnded(share);
        using var dek = await keys.Account.GetSharingAsync(id, cancellationToken).ConfigureAwait(false);
        var chosen = Choose(item, share.Attribute, attachments);
        return await book.WriteAsync(
            async all =>
            {
                var (relationship, other) = RelationshipBook.Established(all, share.Relationship);
                var last = Existing(relationship, share.Id);
                if (last.State != ShareStates.Given)
                    throw RelationshipFailures.OwnShareEnded(last);
                if (last.Record.Statement != share.Record.Statement || !book.IsPresent(item))
                    return (new BookWrite([]), null);
                var own = await book.OwnKeyAsync(relationship, cancellationToken).ConfigureAwait(false);
                var (next, letter) = Give(relationship, own, other, dek, share.Id, (share.RecordId, last.Record), chosen, TermsOf(last));
                return (new BookWrite([next]) { Letters = [letter] }, (GivenShare?)Existing(next, share.Id));
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes shares of one relationship back, or ends them: the copies go, the DEKs are destroyed, and what is left says so.</summary>
    /// <param name="id">The relationship.</param>
    /// <param name="shares">Those that are to end.</param>
    /// <param name="state">What they are then.</param>
    /// <param name="cancellationToken">Ends the call; they may have been taken back.</param>
    public async Task EndAsync(RelationshipId id, IReadOnlyCollection<ShareId> shares, string state, CancellationToken cancellationToken)
    {
        var over = await book.WriteAsync(
            async all =>
            {
                var relationship = RelationshipBook.Existing(all, id);
                var own = await book.OwnKeyAsync(relationship, cancellationToken).ConfigureAwait(false);
                var (letters, ended) = (new List<GivenLetterMessage>(), new List<KeyId>());
                foreach (var share in shares)
                {
                    if (Existing(relationship, share) is not { State: ShareStates.Given } given)
                        continue;
                    (relationship, var letter) = End(relationship, own, given, state);
                    letters.Add(letter);
                    ended.AddRange(given.Record.Key is { } key ? [key] : []);
                }

                return (new BookWrite([relationship]) { Letters = letters, Ended = ended }, ended);
            },
            cancellationToken).ConfigureAwait(false);
        await book.DestroyAsync(over, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What is given in a relationship.</summary>
    public static IEnumerable<GivenShare> GivenIn(RelationshipItem relationship) =>
        from record in relationship.Given
        select new GivenShare(relationship, record.Key, record.Value, Read(relationship, record.Value.Statement));

    /// <summary>What is held in a relationship.</summary>
    public static IEnumerable<HeldShare> HeldIn(RelationshipItem relationship) =>
        from record in relationship.Held
        select new HeldShare(relationship, record.Key, record.Value, Read(relationship, record.Value.Statement));

    private static bool IsFull(RelationshipItem relationship) => relationship.Given.Count + relationship.Held.Count >= MostShares;

    /// <summary>Objects that one more share changes: the item, what it says of the relationship and the share; and what is over where there was no room.</summary>
    private static int MostChanged(RelationshipItem relationship) => 3 + (IsFull(relationship) ? relationship.Given.Count : 0);

    public static GivenShare Existing(RelationshipItem relationship, ShareId share) =>
        GivenIn(relationship).FirstOrDefault(given => given.Id == share) ?? throw RelationshipFailures.NoSuchShare(share);

    private static ShareStatement Read(RelationshipItem relationship, string jws) => ShareStatement.TryRead(jws, out var statement)
        ? statement
        : throw RelationshipFailures.ReceivedLetterRefused(relationship.LocalId, "is kept as it was never written");

    private async Task<IReadOnlyList<GivenShare>> WriteAsync(
        IReadOnlyList<(RelationshipItem Relationship, ShareId Share, SharingDataEncryptionKey Dek)> page, Chosen chosen, ShareTerms terms, CancellationToken cancellationToken) => await book.WriteAsync(
        async all =>
        {
            var planned = new List<(RelationshipItem Relationship, KeyBundle Other, RelationshipKey Own, ShareId Share, SharingDataEncryptionKey Dek)>();
            foreach (var (known, share, dek) in page)
            {
                var (relationship, other) = RelationshipBook.Established(all, known.LocalId);
                planned.Add((relationship, other, await book.OwnKeyAsync(relationship, cancellationToken).ConfigureAwait(false), share, dek));
            }

            if (!book.IsPresent(chosen.Opened))
                throw RelationshipFailures.ItemChanged(chosen.Item);
            var done = new ConcurrentDictionary<ShareId, (RelationshipItem Relationship, GivenLetterMessage Letter)>();
            AllCores.ForEach(planned, each => done[each.Share] = Give(each.Relationship, each.Own, each.Other, each.Dek, each.Share, null, chosen, terms));
            var written = planned.ConvertAll(each => (each.Share, done[each.Share].Relationship, done[each.Share].Letter));
            return (
                new BookWrite(written.ConvertAll(each => each.Relationship)) { Letters = written.ConvertAll(each => each.Letter) },
                written.ConvertAll(each => Existing(each.Relationship, each.Share)));
        },
        cancellationToken).ConfigureAwait(false);

    private (RelationshipItem Relationship, GivenLetterMessage Letter) Give(
        RelationshipItem relationship,
        RelationshipKey own,
        KeyBundle other,
        SharingDataEncryptionKey dek,
        ShareId share,
        (AttributeId Id, GivenRecord Record)? last,
        Chosen chosen,
        ShareTerms terms)
    {
        // What was shared before in this relationship has the same id again: there, and nowhere else.
        var known = relationship.Given.Values.SelectMany(record => record.Ids).GroupBy(id => id.Own).ToDictionary(ids => ids.Key, ids => ids.First().Shared);
        var revisions = chosen.Opened.Item.Overview.Attributes.ToDictionary(entry => entry.Id, entry => entry.Revision);
        var ids = chosen.Attributes.ConvertAll(
            attribute => new SharedId(attribute.Id, known.TryGetValue(attribute.Id, out var id) ? id : AttributeId.Generate(), revisions[attribute.Id]));
        var before = last?.Record.Attachments ?? [];
        var attributes = chosen.Attributes.ConvertAll(attribute => chosen.Attachments.Of(relationship, attribute.Content, before));
        var attachments = chosen.Attributes.Zip(attributes, (own, shared) => (Own: own.Content.GetAttachment(), Shared: shared)).Where(each => each.Own is not null).ToList();
        var content = Content(chosen, ids, attributes);
        // What the holder says of an attribute is about the statement of that number: no two have the same.
        var number = relationship.LastNumber + 1;
        var copy = dek.Seal(relationship.State.Relationship, share, content, number);
        var statement = Sign(own, new ShareStatement(
            own.Did,
            other.Subject,
            relationship.State.Relationship,
            share,
            number,
            ShareStates.Given,
            ids.ConvertAll(id => id.Shared),
            book.Today,
            last is null ? null : ShareStatement.HashOf(last.Value.Record.Statement),
            other.SealingKeyName,
            dek.NameFor(relationship.State.Relationship, share),
            Letter.HashOf(copy),
            terms.Text,
            terms.Expires,
            terms.TellWhenRead ? true : null));
        var events = Events(own, ids.Select(id => id.Shared), last is null ? ShareEvents.Shared : ShareEvents.Changed, number);
        var letter = Letter.Seal(other, own.Did, share.Value, [statement, .. events], dek, copy);
        var record = new GivenRecord(share, chosen.Item, statement, ids, chosen.Opened.Item.Revision, chosen.Single, dek.Id)
        {
            Attachments = attachments.Count == 0 ? null : attachments.ConvertAll(each => new SharedAttachment(each.Own!.Id, each.Shared.Value.ToArray())),
            Name = chosen.Single is null ? chosen.Opened.Name : null,
            Kind = chosen.Single is null ? chosen.Opened.Item.Kind : null,
        };
        if (letter.Length > VaultRoutes.MaxGivenBytes || !RelationshipItem.HasRoomFor(record))
            throw RelationshipFailures.TooLargeToShare();
        // The holder keeps what is over, and is the one who has to.
        if (IsFull(relationship))
            relationship = relationship.WithoutEnded();
        return (
            relationship.With(last?.Id ?? AttributeId.Generate(), record),
            new GivenLetterMessage(
                relationship.State.Channel.Value,
                share.Value,
                letter,
                attachments.Count == 0 ? null : [.. attachments.Select(each => each.Shared.GetAttachment()!.Id.Value).Distinct()]));
    }

    private (RelationshipItem Relationship, GivenLetterMessage Letter) End(RelationshipItem relationship, RelationshipKey own, GivenShare share, string state)
    {
        var (last, number, other) = (share.Statement, relationship.LastNumber + 1, relationship.OtherKeys()!);
        var statement = Sign(own, new ShareStatement(
            own.Did,
            other.Subject,
            last.Relationship,
            last.Share,
            number,
            state,
            last.Attributes,
            book.Today,
            ShareStatement.HashOf(share.Record.Statement)));
        var events = Events(own, last.Attributes, state == ShareStates.Revoked ? ShareEvents.Revoked : ShareEvents.Expired, number);
        var letter = Letter.Seal(other, own.Did, last.Share.Value, [statement, .. events]);
        return (
            relationship.With(share.RecordId, share.Record with { Key = null, Statement = statement, Attachments = null }),
            new GivenLetterMessage(relationship.State.Channel.Value, last.Share.Value, letter));
    }

    public static IEnumerable<string> Events(RelationshipKey own, IEnumerable<AttributeId> attributes, string what, long number) =>
        attributes.Select(attribute => own.Sign(new ShareEvent(own.Did, attribute, what, number)));

    private static string Sign(RelationshipKey own, ShareStatement statement)
    {
        try
        {
            return own.Sign(statement);
        }
        catch (ArgumentException e)
        {
            throw RelationshipFailures.CannotBeShared(e);
        }
    }

    private static Chosen Choose(OpenedItem item, AttributeId? attribute, SharedAttachments attachments)
    {
        var attributes = item.Attributes.Where(each => attribute is null || each.Id == attribute).ToList();
        return attributes.Count > 0 ? new Chosen(item, attribute, attributes, attachments) : throw RelationshipFailures.NothingToShare();
    }

    private static SharedContent Content(Chosen chosen, List<SharedId> ids, List<ItemAttribute> contents)
    {
        var attributes = ids.Zip(contents, (id, content) => (id.Shared, Content: content)).ToList();
        try
        {
            return chosen.Single is null ? SharedContent.OfItem(chosen.Opened.Name, chosen.Opened.Item.Kind, attributes) : SharedContent.OfAttribute(attributes[0].Shared, attributes[0].Content);
        }
        catch (ArgumentException e)
        {
            throw RelationshipFailures.CannotBeShared(e);
        }
    }

    private static int PageFor(Chosen chosen) =>
        Math.Clamp(MostOfWrite / (16 * 1024 + chosen.Attributes.Sum(attribute => attribute.Content.Value.Length)), 1, RelationshipBook.AtOnce);

    private sealed record Chosen(OpenedItem Opened, AttributeId? Single, List<OpenedAttribute> Attributes, SharedAttachments Attachments)
    {
        public ItemId Item => Opened.Id;
    }
}
