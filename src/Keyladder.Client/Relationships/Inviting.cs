using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Keys.Relationships;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>How a relationship begins (docs/spec/relationships.md sections 3 and 4): three requests on either side, those of a session apart.</summary>
internal sealed class Inviting(RelationshipBook book, VaultKeys keys, GuestConnections guests, OtherVaults others, TimeProvider time)
{
    /// <summary>One request: the channel, what lies in it for who is invited, and the relationship in the own Vault.</summary>
    /// <returns>The relationship, and the invitation, to be disposed of.</returns>
    public async Task<(RelationshipItem Relationship, RelationshipInvitation Invitation)> InviteAsync(string name, TimeSpan validFor, CancellationToken cancellationToken)
    {
        RelationshipInvitation? invitation = null;
        try
        {
            var item = await book.WriteAsync(
                async all =>
                {
                    invitation?.Dispose(); // planned again
                    var key = await book.SpareKeyAsync(all, cancellationToken).ConfigureAwait(false);
                    var (relationship, channel, offer) = (RelationshipId.Generate(), ChannelId.Generate(), LetterId.Generate().Value);
                    invitation = RelationshipInvitation.Generate(keys.Service.Origin, channel, key.Did, time.GetUtcNow() + validFor);
                    using var guest = invitation.DeriveChannelKey();
                    var item = RelationshipItem.New(
                        name, new RelationshipState(relationship, channel, [key.Id], Epoch: 1, invitation.DangerousEncode(), InvitationLetter: offer));
                    var write = new BookWrite([item])
                    {
                        Channels = [new ChannelMessage(channel.Value, guest.PublicKey.Bytes.ToArray())],
                        Letters = [new GivenLetterMessage(channel.Value, offer, invitation.SealOffer(key.SignBundle(relationship, 1)))],
                    };
                    return (write, item);
                },
                cancellationToken).ConfigureAwait(false);
            return (item, invitation!);
        }
        catch
        {
            invitation?.Dispose();
            throw;
        }
    }

    /// <summary>The first of three requests: the inviter's keys, as they are offered. Needs no turn.</summary>
    public Task<OfferedKeys> ReadOfferAsync(RelationshipInvitation invitation, CancellationToken cancellationToken) => time.GetUtcNow() > invitation.Expires
        ? throw RelationshipFailures.InvitationOver(invitation.Expires)
        : others.AskAsync(limit => ReadOfferedAsync(invitation, limit), RelationshipFailures.OfferSlow, cancellationToken);

    /// <summary>The second: the relationship in the own Vault, with the acceptance that is to be left then.</summary>
    public Task<RelationshipItem> AcceptAsync(RelationshipInvitation invitation, OfferedKeys inviter, string name, CancellationToken cancellationToken)
    {
        var encoded = invitation.DangerousEncode();
        return book.WriteAsync(
            async all =>
            {
                // Nothing else of what there is decides: to refuse a link, a DID or an id that another relationship has would tell the inviter that both names are one account.
                if (all.Any(each => each.State.Other is null && CryptographicOperations.FixedTimeEquals(each.State.Invitation, encoded)))
                    throw RelationshipFailures.OwnInvitation();
                var key = await book.SpareKeyAsync(all, cancellationToken).ConfigureAwait(false);
                var channel = ChannelId.Generate();
                var acceptance = key.Sign(new Acceptance(
                    key.Did, inviter.Subject, inviter.Relationship, keys.Service.Origin, channel, key.SignBundle(inviter.Relationship, 1)));
                var made = RelationshipItem.New(name, new RelationshipState(
                    inviter.Relationship,
                    channel,
                    [key.Id],
                    Epoch: 1,
                    encoded,
                    invitation.SealAcceptance(acceptance),
                    LetterId.Generate().Value,
                    new OtherParty(inviter.Subject.ToString(), inviter.Bundle, invitation.Origin, invitation.Channel)));
                return (new BookWrite([made]) { Channels = [new ChannelMessage(channel.Value, inviter.Keys.ChannelKey.Bytes.ToArray())] }, made);
            },
            cancellationToken);
    }

    /// <summary>The third: as <see cref="LeaveAcceptanceAsync"/>, which the next synchronization does where this takes too long. Needs no turn.</summary>
    public Task<bool> TellAcceptedAsync(RelationshipItem accepted, CancellationToken cancellationToken) =>
        others.AskAsync(limit => LeaveAcceptanceAsync(accepted.State, limit), () => RelationshipFailures.AcceptanceSlow(accepted.LocalId), cancellationToken);

    /// <summary>Leaves the acceptance at the inviter's Vault; again where the answer, or the first try, was lost.</summary>
    /// <returns>False where the invitation is there no more.</returns>
    public async Task<bool> LeaveAcceptanceAsync(RelationshipState state, CancellationToken cancellationToken)
    {
        using var invitation = Read(state) ?? throw new InvalidOperationException("The relationship has no invitation.");
        using var key = invitation.DeriveChannelKey();
        return await new Guest(guests.To(invitation.Origin), invitation.Channel, key)
            .TryLeaveAsync(state.InvitationLetter!.Value, state.Acceptance!, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Null where there is none any more.</returns>
    public static RelationshipInvitation? Read(RelationshipState state) =>
        state.Invitation is { } encoded && RelationshipInvitation.TryRead(encoded, out var invitation) ? invitation : null;

    /// <returns>Null where there is no invitation any more.</returns>
    public static DateTimeOffset? ExpiryOf(RelationshipState state)
    {
        using var invitation = Read(state);
        return invitation?.Expires;
    }

    private async Task<OfferedKeys> ReadOfferedAsync(RelationshipInvitation invitation, CancellationToken cancellationToken)
    {
        using var key = invitation.DeriveChannelKey();
        var guest = new Guest(guests.To(invitation.Origin), invitation.Channel, key);
        var letters = await guest.TryReadAsync(after: 0, wait: default, cancellationToken).ConfigureAwait(false);
        if (letters is not { Count: > 0 })
            throw RelationshipFailures.InvitationGone();
        try
        {
            var bundle = invitation.OpenOffer(letters[0].Sealed);
            return KeyBundle.TryVerify(bundle, invitation.Inviter, out var verified) && verified.Epoch == 1
                ? new OfferedKeys(bundle, verified)
                : throw RelationshipFailures.OfferInvalid();
        }
        catch (OpenFailedException e)
        {
            throw RelationshipFailures.OfferInvalid(e);
        }
    }
}

/// <summary>What an inviter offers, verified.</summary>
internal sealed record OfferedKeys(string Bundle, KeyBundle Keys)
{
    public Cryptography.Dids.Did Subject => Keys.Subject;

    public RelationshipId Relationship => Keys.Relationship;
}
