using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using Keyladder.Protocol;

namespace Keyladder.Client;

/// <summary>Opens what others share with this person, and tells them of it where they have asked for that (docs/spec/relationships.md section 7).</summary>
internal sealed class HeldShares(RelationshipBook book, VaultKeys keys, GuestConnections guests, SignedConnection connection)
{
    private const int EventsInLetter = 64;

    /// <summary>
    /// The newest day that there is a reason to believe in: this device's clock, the own Vault's time, and every day that who shares has signed here. A clock that was
    /// set back does not make what is over good again; one that was set forward deletes nothing. What other people and own devices have signed does not count: a clock
    /// of theirs that was wrong once would end everything for ever.
    /// </summary>
    private DateOnly LatestDay(RelationshipItem relationship) => new[] { book.Today, DateOnly.FromDateTime(connection.Http.ServiceTime.UtcDateTime) }
        .Concat(Sharing.HeldIn(relationship).Select(share => share.Statement.Day)).Max();

    /// <summary>Fetches the copy and opens it.</summary>
    /// <param name="relationship">Of the share.</param>
    /// <param name="share">As it is kept.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null where another letter has taken the place of the one that is known.</returns>
    public async Task<SharedContent?> TryOpenAsync(RelationshipItem relationship, HeldShare share, CancellationToken cancellationToken)
    {
        var key = RequireGood(relationship, share);
        var letters = await ReadAsync(relationship, share.Record.Letter - 1, wait: default, cancellationToken).ConfigureAwait(false);
        if (letters?.FirstOrDefault(letter => letter.Number == share.Record.Letter) is not { } found || found.Id != share.Id.Value)
            return null;
        var content = await OpenAsync(relationship, share, found.Sealed, key, cancellationToken).ConfigureAwait(false);
        await TryNoteOpenedAsync(relationship, share, HeldRecord.NameOf(content), cancellationToken).ConfigureAwait(false);
        return content;
    }

    /// <summary>An attachment that the copy names, read from the other party's Vault as the channel's guest.</summary>
    public async Task<Stream> OpenAttachmentAsync(RelationshipItem relationship, HeldShare share, Attachment attachment, CancellationToken cancellationToken)
    {
        RequireGood(relationship, share);
        var name = $"attachment {attachment.Id} of share {share.Id}";
        var own = new List<Guest>();
        foreach (var id in relationship.State.Keys)
            own.Add(GuestOf(relationship, await keys.GetRelationshipKeyAsync(id, cancellationToken).ConfigureAwait(false)));
        try
        {
            var content = attachment.Open(relationship.State.Relationship, new AttachmentSource(name, attachment.SealedLength, FetchAsync, guests.Ciphertexts));
            return new VerifiedStream(content, name);
        }
        catch (OpenFailedException e)
        {
            throw Alarms.DoesNotOpen(name, e);
        }

        async Task<int> FetchAsync(long offset, Memory<byte> into, CancellationToken ended)
        {
            try
            {
                foreach (var guest in own)
                {
                    if (await guest.TryGetPartAsync(attachment.Id, offset, into, ended).ConfigureAwait(false) is { } length)
                        return length;
                }
            }
            catch (RefusedException e) when (e.Problem.Type == ProblemTypes.NotFound)
            {
                throw RelationshipFailures.AttachmentGone(attachment.Id, share.Id);
            }

            throw RelationshipFailures.Shut(relationship.LocalId);
        }
    }

    /// <summary>What is held in a relationship; named where it may be opened, as far as its name is known.</summary>
    public IEnumerable<HeldShare> ListIn(RelationshipItem relationship)
    {
        var latest = LatestDay(relationship);
        return from share in Sharing.HeldIn(relationship)
               select new HeldShare(relationship, share.RecordId, share.Record, share.Statement)
               {
                   Name = share is { State: ShareStates.Given, IsAccepted: true } && !(share.Expires < latest) ? share.Record.Name : null,
               };
    }

    /// <summary>A share as it is kept.</summary>
    public static HeldShare Existing(RelationshipItem relationship, ShareId share) =>
        Sharing.HeldIn(relationship).FirstOrDefault(held => held.Id == share) ?? throw RelationshipFailures.NoSuchShare(share);

    /// <summary>Accepts the terms: noted in the own Vault first, then told; called again where it could not be told, it tells.</summary>
    public async Task AcceptAsync(HeldShare share, CancellationToken cancellationToken)
    {
        var (relationship, accepted) = await book.WriteAsync(
            all =>
            {
                var relationship = RelationshipBook.Existing(all, share.Relationship);
                var held = Existing(relationship, share.Id);
                if (held.State != ShareStates.Given)
                    throw RelationshipFailures.ShareEnded(share.Id, held.State);
                if (held.Record.Statement != share.Record.Statement)
                    throw RelationshipFailures.ShareChanged(share.Id);
                var next = relationship.With(held.RecordId, held.Record with { Accepted = held.Statement.Number });
                return Task.FromResult((new BookWrite([next]), (next, held)));
            },
            cancellationToken).ConfigureAwait(false);
        await TellAsync(relationship, accepted, ShareEvents.Accepted, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Letters that the other party has left. The key that its Vault knows this person by may be the one before the last change.</summary>
    /// <param name="relationship">Theirs and this person's.</param>
    /// <param name="after">Number of the last letter that is not asked for.</param>
    /// <param name="wait">How long that Vault waits for one where there is none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null where that Vault knows none of them.</returns>
    public async Task<IReadOnlyList<Protocol.Vault.LetterMessage>?> ReadAsync(RelationshipItem relationship, long after, TimeSpan wait, CancellationToken cancellationToken)
    {
        foreach (var id in relationship.State.Keys)
        {
            var key = await keys.GetRelationshipKeyAsync(id, cancellationToken).ConfigureAwait(false);
            if (await GuestOf(relationship, key).TryReadAsync(after, wait, cancellationToken).ConfigureAwait(false) is { } letters)
                return letters;
        }

        return null;
    }

    /// <summary>The key of this person's that a letter is sealed to; null for none of them.</summary>
    public async Task<RelationshipKey?> AddresseeAsync(RelationshipItem relationship, byte[] letter, CancellationToken cancellationToken)
    {
        foreach (var id in relationship.State.Keys)
        {
            if (await keys.GetRelationshipKeyAsync(id, cancellationToken).ConfigureAwait(false) is var key && key.IsAddressee(letter))
                return key;
        }

        return null;
    }

    /// <returns>The DEK's id.</returns>
    /// <exception cref="KeyladderException">It may not be opened: it is over, or its terms are not accepted.</exception>
    private KeyId RequireGood(RelationshipItem relationship, HeldShare share)
    {
        if (share.State != ShareStates.Given || share.Record.Key is not { } key)
            throw RelationshipFailures.ShareEnded(share.Id, share.State);
        if (!share.IsAccepted)
            throw RelationshipFailures.TermsNotAccepted(share.Id);
        if (share.Expires is { } last && LatestDay(relationship) > last)
            throw RelationshipFailures.Expired(share.Id, last);
        return key;
    }

    private async Task<SharedContent> OpenAsync(RelationshipItem relationship, HeldShare share, byte[] letter, KeyId key, CancellationToken cancellationToken)
    {
        try
        {
            var own = await AddresseeAsync(relationship, letter, cancellationToken).ConfigureAwait(false) ?? throw RelationshipFailures.LetterRefused(relationship, "is sealed to nobody here");
            // Signed by the key that the other party had then.
            using var opened = own.Open(relationship.OtherKeys()! with { Subject = share.Statement.Issuer }, share.Id.Value, letter);
            if (opened.Statements[0] != share.Record.Statement || Letter.HashOf(opened.Copy.Span) != share.Statement.Copy)
                throw RelationshipFailures.LetterRefused(relationship, "is another than the one that this device knows of");
            using var dek = await keys.Account.GetSharingAsync(key, cancellationToken).ConfigureAwait(false);
            return dek.Open(relationship.State.Relationship, share.Id, opened.Copy.Span, share.Statement.Number);
        }
        catch (OpenFailedException e)
        {
            throw RelationshipFailures.LetterRefused(relationship, "does not open", e);
        }
    }

    /// <exception cref="KeyladderException">The other Vault does not take it.</exception>
    private async Task TellAsync(RelationshipItem relationship, HeldShare share, string what, CancellationToken cancellationToken)
    {
        var other = relationship.OtherKeys()!;
        foreach (var id in relationship.State.Keys)
        {
            var key = await keys.GetRelationshipKeyAsync(id, cancellationToken).ConfigureAwait(false);
            var isKnown = true;
            foreach (var page in Sharing.Events(key, share.Attributes, what, share.Statement.Number).Chunk(EventsInLetter))
            {
                var letter = LetterId.Generate().Value;
                isKnown = isKnown && await GuestOf(relationship, key).TryLeaveAsync(letter, Letter.Seal(other, key.Did, letter, page), cancellationToken).ConfigureAwait(false);
            }

            if (isKnown)
                return;
        }

        throw RelationshipFailures.Shut(relationship.LocalId);
    }

    // Told once, and again with the next opening where it could not be told. Who has fetched the copy has it: that the sharer's Vault takes no note of it, such as for want of
    // room, is no reason to withhold it from its holder; and no more is that the own Vault cannot note its name.
    private async Task TryNoteOpenedAsync(RelationshipItem relationship, HeldShare share, string name, CancellationToken cancellationToken)
    {
        var opened = share.Record with { Name = name };
        try
        {
            if (share.TellsWhenRead && share.Record.Read != share.Statement.Number)
            {
                await TellAsync(relationship, share, ShareEvents.Read, cancellationToken).ConfigureAwait(false);
                opened = opened with { Read = share.Statement.Number };
            }

            if (opened == share.Record)
                return;
            await book.WriteAsync(
                all => Task.FromResult((new BookWrite([.. all.Where(each => each.LocalId == share.Relationship).SelectMany(Noted)]), true)),
                cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.Unreachable or FailureReason.QuotaExceeded or FailureReason.TooManyRequests or FailureReason.NotAllowed)
        {
        }

        IEnumerable<RelationshipItem> Noted(RelationshipItem present) =>
            from held in Sharing.HeldIn(present)
            where held.Id == share.Id && held.Record.Statement == share.Record.Statement
            select present.With(held.RecordId, held.Record with { Name = opened.Name, Read = opened.Read ?? held.Record.Read });
    }

    private Guest GuestOf(RelationshipItem relationship, RelationshipKey key) =>
        new(guests.To(relationship.State.Other!.Origin), relationship.State.Other.Channel, key.OpenChannelKey());
}
