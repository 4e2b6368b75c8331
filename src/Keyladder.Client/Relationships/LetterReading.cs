using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>Says what a relationship is once the letters of the other party have been read, and what of them is refused (docs/spec/relationships.md section 9).</summary>
internal sealed class LetterReading(RelationshipBook book, HeldShares held, TimeProvider time)
{
    /// <param name="relationship">As it is.</param>
    /// <param name="received">Letters at this person's Vault.</param>
    /// <param name="there">Letters at the other party's, the lowest number first.</param>
    /// <param name="taken">Gets what follows.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task TakeAsync(
        RelationshipItem relationship, IEnumerable<ReceivedLetterMessage> received, IEnumerable<LetterMessage> there, TakenLetters taken, CancellationToken cancellationToken)
    {
        var own = await book.OwnKeyAsync(relationship, cancellationToken).ConfigureAwait(false);
        var next = relationship;
        foreach (var letter in received)
        {
            next = await TakeReceivedAsync(next, own, letter, taken, cancellationToken).ConfigureAwait(false);
            taken.Letters.Add(letter.Id);
        }

        // What is refused is asked for again, in case that the Vault shows the right one later; what follows it counts all the same.
        var isWhole = true;
        foreach (var letter in there)
        {
            if (next.State is not { Other: { } other, Blocked: not true } || letter.Number <= other.After)
                continue;
            try
            {
                next = await TakeThereAsync(next, letter, taken, cancellationToken).ConfigureAwait(false);
            }
            catch (IntegrityException e)
            {
                taken.News.AddRefused(e);
                isWhole = false;
            }

            if (isWhole)
                next = next with { State = next.State with { Other = next.State.Other! with { After = letter.Number } } };
        }

        taken.Put(relationship, next);
    }

    private async Task<RelationshipItem> TakeReceivedAsync(
        RelationshipItem relationship, RelationshipKey own, ReceivedLetterMessage letter, TakenLetters taken, CancellationToken cancellationToken)
    {
        try
        {
            if (relationship.State is { Other: null, Invitation: not null })
                return Accepted(relationship, own, letter, taken);
            if (relationship.State.Blocked == true || relationship.OtherKeys() is not { } other)
                return relationship;
            var (opened, _) = await OpenAsync(
                relationship, other, letter.Id, letter.Sealed, (what, e) => RelationshipFailures.ReceivedLetterRefused(relationship.LocalId, what, e), cancellationToken).ConfigureAwait(false);
            using var dispose = opened;
            var (next, events) = (relationship, new List<ReceivedEvent>());
            foreach (var jws in opened.Statements)
                next = Told(next, other, jws, events);
            events.ForEach(taken.News.AddEvent);
            return next;
        }
        catch (IntegrityException e)
        {
            taken.News.AddRefused(e);
            return relationship;
        }
    }

    /// <summary>The first good acceptance is the one that counts: with it the invitation is used up.</summary>
    private RelationshipItem Accepted(RelationshipItem relationship, RelationshipKey own, ReceivedLetterMessage letter, TakenLetters taken)
    {
        var id = relationship.LocalId;
        using var invitation = Inviting.Read(relationship.State)!;
        if (time.GetUtcNow() > invitation.Expires)
            throw RelationshipFailures.ReceivedLetterRefused(id, "accepts an invitation that is over");
        string jws;
        try
        {
            jws = invitation.OpenAcceptance(letter.Sealed);
        }
        catch (OpenFailedException e)
        {
            throw RelationshipFailures.ReceivedLetterRefused(id, "is not from anybody who has the invitation", e);
        }

        if (!Acceptance.TryVerify(jws, own.Did, relationship.State.Relationship, out var acceptance, out var keys) || keys.Epoch != 1)
            throw RelationshipFailures.ReceivedLetterRefused(id, "accepts another invitation, or is not signed by who accepts");
        var confirmation = LetterId.Generate().Value;
        taken.PutGuest(relationship.State.Channel, keys.ChannelKey);
        taken.Given.Add(new GivenLetterMessage(relationship.State.Channel.Value, relationship.State.InvitationLetter!.Value));
        taken.Given.Add(new GivenLetterMessage(
            relationship.State.Channel.Value,
            confirmation,
            Letter.Seal(keys, own.Did, confirmation, [own.Sign(new Confirmation(own.Did, keys.Subject, keys.Relationship, Confirmation.HashOf(jws)))])));
        taken.News.AddEstablished(id);
        return relationship with
        {
            State = relationship.State with
            {
                Invitation = null,
                InvitationLetter = null,
                Other = new OtherParty(keys.Subject.ToString(), acceptance.Bundle, acceptance.Origin, acceptance.Channel),
            },
        };
    }

    // What the holder of a share says of it.
    private static RelationshipItem Told(RelationshipItem relationship, KeyBundle other, string jws, List<ReceivedEvent> events)
    {
        if (!ShareEvent.TryVerify(jws, other.Subject, out var told) || told.Event is not (ShareEvents.Accepted or ShareEvents.Read))
            throw RelationshipFailures.ReceivedLetterRefused(relationship.LocalId, "says something that this party has not signed, or that is not for it to say");
        var about = Sharing.GivenIn(relationship).Where(given => given.Statement.Attributes.Contains(told.Attribute) && given.Statement.Number >= told.Number).ToList();
        if (about.Count == 0)
            throw RelationshipFailures.ReceivedLetterRefused(relationship.LocalId, "is about something that was never shared");
        events.Add(new ReceivedEvent(relationship.LocalId, told, jws));

        // No two statements have one number. What is said of an earlier one is over with it.
        if (about.FirstOrDefault(given => given.Statement.Number == told.Number) is not { } share)
            return relationship;
        return relationship.With(share.RecordId, told.Event == ShareEvents.Accepted ? share.Record with { Accepted = told.Number } : share.Record with { Read = told.Number });
    }

    private async Task<RelationshipItem> TakeThereAsync(RelationshipItem relationship, LetterMessage letter, TakenLetters taken, CancellationToken cancellationToken)
    {
        var other = relationship.OtherKeys()!;
        var (opened, addressee) = await OpenThereAsync(relationship, other, letter, cancellationToken).ConfigureAwait(false);
        using (opened)
        {
            var jws = opened.Statements[0];
            if (relationship.State.Acceptance is not null)
                return Confirmed(relationship, other, addressee, jws, taken);
            if (KeyChange.TryVerify(jws, other, addressee.Did, out var change, out var next))
                return Changed(relationship, new ReceivedKeyChange(relationship.LocalId, change, jws), next, taken);
            if (ShareStatement.TryVerify(jws, other, addressee.Did, opened, out var statement))
                return Shared(relationship, other, letter.Number, opened, statement, taken);
            if (Confirmation.TryVerify(jws, other, addressee.Did))
                return relationship;
            throw RelationshipFailures.LetterRefused(relationship, "is not signed by the other party, for this one");
        }
    }

    private static RelationshipItem Confirmed(
        RelationshipItem relationship, KeyBundle other, RelationshipKey own, string jws, TakenLetters taken)
    {
        using var invitation = Inviting.Read(relationship.State)!;
        if (!Confirmation.TryVerify(jws, other, own.Did, invitation.OpenAcceptance(relationship.State.Acceptance!)))
            throw RelationshipFailures.LetterRefused(relationship, "does not confirm what was accepted");
        taken.News.AddEstablished(relationship.LocalId);
        return relationship with { State = relationship.State with { Invitation = null, Acceptance = null, InvitationLetter = null } };
    }

    private static RelationshipItem Changed(RelationshipItem relationship, ReceivedKeyChange received, KeyBundle next, TakenLetters taken)
    {
        taken.News.AddChanged(received);
        taken.PutGuest(relationship.State.Channel, next.ChannelKey);
        return relationship with
        {
            State = relationship.State with { Other = relationship.State.Other! with { Did = next.Subject.ToString(), Bundle = received.Change.Bundle } },
        };
    }

    private static RelationshipItem Shared(
        RelationshipItem relationship, KeyBundle other, long number, Letter letter, ShareStatement statement, TakenLetters taken)
    {
        var id = relationship.LocalId;
        var known = Sharing.HeldIn(relationship).FirstOrDefault(share => share.Id == statement.Share);
        var jws = letter.Statements[0];
        if (known?.Record.Statement == jws)
            return relationship;
        if (!statement.Follows(known?.Record.Statement))
            throw RelationshipFailures.LetterRefused(relationship, "holds an older state of a share, or one that follows another");
        if (known is null && relationship.Given.Count + relationship.Held.Count >= RelationshipItem.MaxShares)
            relationship = relationship.WithoutEnded();
        if (known is null && relationship.Given.Count + relationship.Held.Count >= RelationshipItem.MaxShares)
            throw RelationshipFailures.LetterRefused(relationship, "shares more than a relationship has room for");
        var (whole, name) = (known?.Record.Whole, (string?)null);
        if (statement.State == ShareStates.Given)
        {
            var content = TryOpen(letter, statement) ?? throw RelationshipFailures.LetterRefused(relationship, "holds a copy that its key does not open");
            whole = content.Name is null ? null : true;
            // What is opened on conditions is read by nobody before they are met: then it is named.
            name = statement is { Terms: null, Receipts: not true } ? HeldRecord.NameOf(content) : null;
        }

        var events = new List<ReceivedEvent>();
        foreach (var each in letter.Statements.Skip(1))
        {
            if (!ShareEvent.TryVerify(each, other.Subject, out var told)
                || told.Event != EventOf(statement)
                || told.Number != statement.Number
                || !statement.Attributes.Contains(told.Attribute))
                throw RelationshipFailures.LetterRefused(relationship, "tells of something else than what it shares");
            events.Add(new ReceivedEvent(id, told, each));
        }

        // Nothing of a letter is told before all of it is good.
        events.ForEach(taken.News.AddEvent);
        taken.News.AddShare(statement.Share);
        KeyId? key = null;
        if (statement.State == ShareStates.Given)
            key = known?.Record.Key is { } same && known.Statement.Dek == statement.Dek ? same : taken.Deks.IdOf(letter, statement);
        if (known?.Record.Key is { } gone && gone != key)
            taken.Gone.Add(gone);
        return relationship.With(known?.RecordId ?? AttributeId.Generate(), new HeldRecord(jws, number, key, Whole: whole, Name: name));
    }

    private static string EventOf(ShareStatement statement) => statement.State switch
    {
        ShareStates.Revoked => ShareEvents.Revoked,
        ShareStates.Expired => ShareEvents.Expired,
        _ => statement.Previous is null ? ShareEvents.Shared : ShareEvents.Changed,
    };

    private static SharedContent? TryOpen(Letter letter, ShareStatement statement)
    {
        try
        {
            using var dek = letter.TakeDek(default);
            if (dek.NameFor(statement.Relationship, statement.Share) != statement.Dek)
                return null;
            var content = dek.Open(statement.Relationship, statement.Share, letter.Copy.Span, statement.Number);
            return content.Attributes.Select(attribute => attribute.Id).SequenceEqual(statement.Attributes) ? content : null;
        }
        catch (OpenFailedException)
        {
            return null;
        }
    }

    private Task<(Letter Opened, RelationshipKey Addressee)> OpenThereAsync(
        RelationshipItem relationship, KeyBundle other, LetterMessage letter, CancellationToken cancellationToken) => OpenAsync(
        relationship, other, letter.Id, letter.Sealed, (what, e) => RelationshipFailures.LetterRefused(relationship, what, e), cancellationToken);

    private async Task<(Letter Opened, RelationshipKey Addressee)> OpenAsync(
        RelationshipItem relationship, KeyBundle other, Guid id, byte[] letter, Func<string, Exception?, IntegrityException> refused, CancellationToken cancellationToken)
    {
        var own = await held.AddresseeAsync(relationship, letter, cancellationToken).ConfigureAwait(false) ?? throw refused("is sealed to nobody here", null);
        try
        {
            return (own.Open(other, id, letter), own);
        }
        catch (OpenFailedException e)
        {
            throw refused("does not open", e);
        }
    }
}

/// <summary>What follows from the letters that were read, for one write.</summary>
internal sealed class TakenLetters(ReceivedDeks deks)
{
    private readonly List<RelationshipItem> _put = [];
    private readonly Dictionary<Guid, ChannelMessage> _channels = [];

    public ReceivedDeks Deks { get; } = deks;

    public List<Guid> Letters { get; } = [];

    public List<GivenLetterMessage> Given { get; } = [];

    /// <summary>DEKs of shares that are over.</summary>
    public List<KeyId> Gone { get; } = [];

    public RelationshipNews News { get; } = new();

    /// <summary>DEKs that what is written names.</summary>
    public IEnumerable<KeyId> Named => _put.SelectMany(each => each.Held.Values).Select(record => record.Key).OfType<KeyId>();

    /// <summary>Lets the owner of a key into a channel; the last one, where the other party has changed it more than once.</summary>
    public void PutGuest(ChannelId channel, Ed25519PublicKey key) => _channels[channel.Value] = new ChannelMessage(channel.Value, key.Bytes.ToArray());

    public void Put(RelationshipItem before, RelationshipItem after)
    {
        if (!ReferenceEquals(before, after))
            _put.Add(after);
    }

    public BookWrite ToWrite() => new(_put) { Channels = [.. _channels.Values], Letters = Given, Taken = Letters, Ended = Gone };
}
