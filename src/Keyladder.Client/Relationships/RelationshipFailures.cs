using Keyladder.Cryptography;

namespace Keyladder.Client;

/// <summary>What the failures around relationships and shares say: one sentence what happened, one what to do.</summary>
internal static class RelationshipFailures
{
    public static KeyladderException NoSuchRelationship(RelationshipId id) =>
        new(FailureReason.NotFound, $"There is no relationship {id}.", "List the relationships to see which there are.");

    public static KeyladderException NoSuchShare(ShareId id) =>
        new(FailureReason.NotFound, $"There is no share {id}.", "List the shares to see which there are.");

    public static KeyladderException NotEstablished(RelationshipId id) => Failures.NotAllowed(
        $"Relationship {id} is not established: the two do not have each other's keys yet, or it is blocked.",
        "Wait until the invitation is accepted and confirmed, synchronize, and try again; what is blocked can be unblocked.");

    public static KeyladderException NotAnInvitation() =>
        Failures.NotAllowed("This is no invitation.", "Copy the whole link, with everything behind its #, or scan the code again.");

    public static KeyladderException InvitationOver(DateTimeOffset expires) =>
        Failures.NotAllowed($"The invitation was good until {expires:u}.", "Ask for a new one.");

    public static KeyladderException InvitationGone() => Failures.NotAllowed(
        "The inviter's Vault knows no such invitation: it was taken already, or withdrawn.", "Ask for a new one. If you have not taken it, tell the inviter that somebody else may have.");

    public static KeyladderException OwnInvitation() =>
        Failures.NotAllowed("This is an invitation of your own.", "Hand it to the other person.");

    public static KeyladderException ShareEnded(ShareId id, string state) =>
        Failures.NotAllowed($"Share {id} is over: it is {state}.", "Ask who shared it to share it again.");

    public static KeyladderException OwnShareEnded(GivenShare share) =>
        Failures.NotAllowed($"Share {share.Id} is over: it is {share.State}.", "Share it again: that makes another share.");

    public static KeyladderException OwnShareChanged(GivenShare share) => new(
        FailureReason.Conflict, $"Share {share.Id}, or what it shows, is being changed elsewhere again and again; nothing was done here.", "Look at it as it is now, and try again.");

    public static KeyladderException ItemChanged(ItemId item) => new(
        FailureReason.Conflict, $"Item {item} was changed elsewhere while it was being shared; with some it may be shared.", "Look at it as it is now and at the list of shares, and try again.");

    public static KeyladderException AttachmentNotKept(Exception inner) => new(
        FailureReason.NotFound,
        "The Vault does not keep an attachment that was sealed and sent for a share just now: the share is not given, or stays as it was.",
        "Try again; if it stays so, tell the Vault's operator.",
        inner);

    public static KeyladderException AttachmentGone(AttachmentId id, ShareId share) => new(
        FailureReason.NotFound,
        $"The other Vault does not have attachment {id} of share {share}: who shared it has replaced it or taken it back, or that Vault withholds it.",
        "Synchronize, and open the share as it is then.");

    public static KeyladderException Expired(ShareId id, DateOnly last) => Failures.NotAllowed(
        $"Share {id} was good until {last:yyyy-MM-dd}, and by the newest date that this device knows of that day is over.",
        "Check this device's clock. If it is right, ask who shared it to share it again.");

    public static KeyladderException Shut(RelationshipId id) => Failures.NotAllowed(
        $"The other Vault of relationship {id} lets nobody in from here: the other one has ended or blocked it, or that Vault says so.", "Ask the other one, or end the relationship.");

    public static KeyladderException Slow(RelationshipId id) =>
        new(FailureReason.Unreachable, $"The other Vault of relationship {id} did not answer in time.", "Try again later.");

    public static KeyladderException OfferSlow() =>
        new(FailureReason.Unreachable, "The inviter's Vault did not answer in time; the invitation was not taken.", "Try again later.");

    public static KeyladderException AcceptanceSlow(RelationshipId id) => new(
        FailureReason.Unreachable, $"The inviter's Vault did not take the acceptance in time; here the invitation is taken, as relationship {id}.", "Do not take it again: synchronize later, which goes on with it.");

    public static KeyladderException ShareChanged(ShareId id) =>
        new(FailureReason.Conflict, $"Share {id} has changed since it was read here; nothing was accepted.", "Look at it as it is now.");

    public static KeyladderException TermsNotAccepted(ShareId id) =>
        Failures.NotAllowed($"Share {id} has terms that have not been accepted.", "Read them, and accept them first.");

    public static KeyladderException NothingToShare() =>
        Failures.NotAllowed("The item has no such attribute, or none at all.", "Choose an item with attributes, and one that it has.");

    public static KeyladderException CannotBeShared(Exception inner) =>
        Failures.NotAllowed($"This cannot be shared. {inner.Message.Split(" (Parameter")[0]}", "Choose single attributes.", inner);

    public static KeyladderException TooLargeToShare() =>
        Failures.NotAllowed("What is to be shared is too large for one share.", "Share its attributes one by one.");

    public static KeyladderException TooManyShares(RelationshipId id) =>
        Failures.NotAllowed($"Relationship {id} holds as many shares as it can, with those of the other one and those of its that are over.", "End some of your own first, or end the relationship and begin another.");

    public static KeyladderException ReservedKind() =>
        Failures.NotAllowed($"The kind {RelationshipItem.Kind} is for relationships, which the program keeps.", "Give the item another kind.");

    public static IntegrityException OfferInvalid(Exception? inner = null) => new(
        Alarm.ObjectInvalid,
        "the invitation's keys",
        "What the inviter's Vault shows as the inviter's keys is not signed by the inviter.",
        inner,
        "Take nothing from it. Tell the inviter, who may ask the operator of that Vault.");

    /// <summary>One that the other party has left in this person's Vault.</summary>
    /// <param name="relationship">Where it came.</param>
    /// <param name="what">A clause.</param>
    /// <param name="inner">Why.</param>
    public static IntegrityException ReceivedLetterRefused(RelationshipId relationship, string what, Exception? inner = null) =>
        LetterRefused(relationship, "that lies in your own Vault", what, inner);

    /// <summary>One that the other party's Vault shows.</summary>
    /// <inheritdoc cref="ReceivedLetterRefused"/>
    public static IntegrityException LetterRefused(RelationshipItem relationship, string what, Exception? inner = null) =>
        LetterRefused(relationship.LocalId, $"at the other one's Vault ({relationship.State.Other!.Origin})", what, inner);

    private static IntegrityException LetterRefused(RelationshipId relationship, string where, string what, Exception? inner) => new(
        Alarm.ObjectInvalid,
        $"a letter of relationship {relationship}",
        $"A letter of relationship {relationship} {where} {what}. Nothing of it is used.",
        inner,
        "Compare the safety words with the other person, and tell the operator of that Vault.");
}
