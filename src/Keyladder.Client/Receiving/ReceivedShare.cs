using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>A share as an application gets it, opened. It comes at least once: <see cref="Relationship"/>, <see cref="Id"/> and <see cref="Number"/> together tell whether it has come before.</summary>
/// <param name="Share">As it was when it was opened.</param>
/// <param name="Number">Of the sharer's statement, higher with each update: all that a party shares in a relationship is numbered in one row.</param>
/// <param name="Content">What is shared.</param>
public sealed record ReceivedShare(HeldShare Share, long Number, SharedContent Content)
{
    internal Relationships? From { get; init; }

    /// <summary>Opens an attachment of <see cref="Content"/>, as <see cref="Client.Relationships.OpenAttachmentAsync"/>: to be read while the share is being received, for the account may be locked after that.</summary>
    public Task<Stream> OpenAttachmentAsync(Attachment attachment, CancellationToken cancellationToken = default) =>
        From?.OpenAttachmentAsync(Share, attachment, cancellationToken) ?? throw new InvalidOperationException("Nothing was received from anywhere.");

    /// <summary>The same for all updates of a share. Its sharer chose it: unique within <see cref="Relationship"/> only.</summary>
    public ShareId Id => Share.Id;

    /// <summary>Who shares it.</summary>
    public RelationshipId Relationship => Share.Relationship;

    /// <summary>Id and number, and nothing of the content.</summary>
    public override string ToString() => $"{Share}, number {Number}";
}
