using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>Opens what others share with this person (docs/spec/relationships.md section 7).</summary>
internal sealed class HeldShares(RelationshipBook book, VaultKeys keys, GuestConnections guests, OtherVaults others, SignedConnection connection)
{
    /// <summary>
    /// The newest day that there is a reason to believe in: this device's clock, the own Vault's time, and every day that who shares has signed here. A clock that was
    /// set back does not make what is over good again; one that was set forward deletes nothing. What other people and own devices have signed does not count: a clock
    /// of theirs that was wrong once would end everything for ever.
    /// </summary>
    private DateOnly LatestDay(RelationshipItem relationship) => new[] { book.Today, DateOnly.FromDateTime(connection.Http.ServiceTime.UtcDateTime) }
        .Concat(Sharing.HeldIn(relationship).Select(share => share.Statement.Day)).Max();

    /// <summary>A share that may be opened, with what it takes to ask for it.</summary>
    /// <exception cref="KeyladderException">It may not be opened: it is over, or its terms are not accepted.</exception>
    public async Task<AskedShare> AskAsync(RelationshipItem relationship, HeldShare share, CancellationToken cancellationToken)
    {
        RequireGood(relationship, share);
        return await WithKeysAsync(relationship, share, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fetches the letter with the copy. Needs no turn.</summary>
    /// <returns>Null where another letter has taken the place of the one that is known.</returns>
    public Task<byte[]?> TryFetchAsync(AskedShare asked, CancellationToken cancellationToken) => others.AskAsync(
        async limit =>
        {
            var number = asked.Share.Record.Letter;
            var letters = await ReadAsync(asked.Relationship, asked.Keys, number - 1, wait: default, limit).ConfigureAwait(false);
            return letters?.FirstOrDefault(letter => letter.Number == number) is { } found && found.Id == asked.Share.Id.Value ? found.Sealed : null;
        },
        () => RelationshipFailures.Slow(asked.Relationship.LocalId),
        cancellationToken);

    /// <summary>Opens the copy in a letter that was fetched.</summary>
    public async Task<SharedContent> OpenAsync(AskedShare asked, byte[] letter, CancellationToken cancellationToken)
    {
        var (relationship, share) = (asked.Relationship, asked.Share);
        try
        {
            var own = asked.Keys.FirstOrDefault(key => key.IsAddressee(letter)) ?? throw RelationshipFailures.LetterRefused(relationship, "is sealed to nobody here");
            // Signed by the key that the other party had then.
            using var opened = own.Open(relationship.OtherKeys()! with { Subject = share.Statement.Issuer }, share.Id.Value, letter);
            if (opened.Statements[0] != share.Record.Statement || Letter.HashOf(opened.Copy.Span) != share.Statement.Copy)
                throw RelationshipFailures.LetterRefused(relationship, "is another than the one that this device knows of");
            using var dek = await keys.Account.GetSharingAsync(share.Record.Key!.Value, cancellationToken).ConfigureAwait(false);
            return dek.Open(relationship.State.Relationship, share.Id, opened.Copy.Span, share.Statement.Number);
        }
        catch (OpenFailedException e)
        {
            throw RelationshipFailures.LetterRefused(relationship, "does not open", e);
        }
    }

    /// <summary>An attachment that the copy names, read from the other party's Vault as the channel's guest.</summary>
    public async Task<Stream> OpenAttachmentAsync(RelationshipItem relationship, HeldShare share, Attachment attachment, CancellationToken cancellationToken)
    {
        RequireGood(relationship, share);
        var name = $"attachment {attachment.Id} of share {share.Id}";
        var own = (await OwnKeysAsync(relationship, cancellationToken).ConfigureAwait(false)).Select(key => GuestOf(relationship, key)).ToList();
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
            // Who reads on for days gets no more than who begins then.
            RequireInTime(relationship, share);
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

    /// <summary>Notes in the own Vault that the terms are accepted.</summary>
    /// <returns>What is to be told then.</returns>
    public async Task<AskedShare> AcceptAsync(HeldShare share, CancellationToken cancellationToken)
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
        return await WithKeysAsync(relationship, accepted, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Letters that the other party has left. The key that its Vault knows this person by may be the one before the last change.</summary>
    /// <param name="relationship">Theirs and this person's.</param>
    /// <param name="after">Number of the last letter that is not asked for.</param>
    /// <param name="wait">How long that Vault waits for one where there is none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null where that Vault knows none of them.</returns>
    public async Task<IReadOnlyList<LetterMessage>?> ReadAsync(RelationshipItem relationship, long after, TimeSpan wait, CancellationToken cancellationToken) =>
        await ReadAsync(relationship, await OwnKeysAsync(relationship, cancellationToken).ConfigureAwait(false), after, wait, cancellationToken).ConfigureAwait(false);

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

    /// <summary>This person's guest at the other party's Vault.</summary>
    public Guest GuestOf(RelationshipItem relationship, RelationshipKey key) =>
        new(guests.To(relationship.State.Other!.Origin), relationship.State.Other.Channel, key.OpenChannelKey());

    private async Task<AskedShare> WithKeysAsync(RelationshipItem relationship, HeldShare share, CancellationToken cancellationToken) =>
        new(relationship, share, await OwnKeysAsync(relationship, cancellationToken).ConfigureAwait(false));

    private async Task<IReadOnlyList<RelationshipKey>> OwnKeysAsync(RelationshipItem relationship, CancellationToken cancellationToken)
    {
        var own = new List<RelationshipKey>();
        foreach (var id in relationship.State.Keys)
            own.Add(await keys.GetRelationshipKeyAsync(id, cancellationToken).ConfigureAwait(false));
        return own;
    }

    private async Task<IReadOnlyList<LetterMessage>?> ReadAsync(RelationshipItem relationship, IReadOnlyList<RelationshipKey> own, long after, TimeSpan wait, CancellationToken cancellationToken)
    {
        foreach (var key in own)
        {
            if (await GuestOf(relationship, key).TryReadAsync(after, wait, cancellationToken).ConfigureAwait(false) is { } letters)
                return letters;
        }

        return null;
    }

    /// <exception cref="KeyladderException">It may not be opened: it is over, or its terms are not accepted.</exception>
    private void RequireGood(RelationshipItem relationship, HeldShare share)
    {
        if (share.State != ShareStates.Given || share.Record.Key is null)
            throw RelationshipFailures.ShareEnded(share.Id, share.State);
        if (!share.IsAccepted)
            throw RelationshipFailures.TermsNotAccepted(share.Id);
        RequireInTime(relationship, share);
    }

    private void RequireInTime(RelationshipItem relationship, HeldShare share)
    {
        if (share.Expires is { } last && LatestDay(relationship) > last)
            throw RelationshipFailures.Expired(share.Id, last);
    }
}

/// <summary>A share, and all that it takes to ask for its copy and to tell of it without the account's turn.</summary>
/// <param name="Relationship">As it is kept.</param>
/// <param name="Share">Likewise.</param>
/// <param name="Keys">This person's in the relationship, the present one first: the other Vault may know the one before.</param>
internal sealed record AskedShare(RelationshipItem Relationship, HeldShare Share, IReadOnlyList<RelationshipKey> Keys);
