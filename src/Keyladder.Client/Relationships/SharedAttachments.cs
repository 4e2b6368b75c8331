using Keyladder.Cryptography;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>
/// Attachments of one item as others get them (docs/spec/relationships.md section 7): sealed anew for each relationship, under ids and content keys of their own, and stored in this person's Vault
/// before a share names them. What no share names in the end goes by itself, after a day.
/// </summary>
internal sealed class SharedAttachments
{
    // By the relationship's own id: the one that both know the inviter chooses, and may choose twice.
    private readonly Dictionary<(RelationshipId, AttachmentId), Attachment> _sealed = [];

    /// <summary>As the account has them: as long as those that will be sent, to find out what cannot be shared before anything is. No share may name them.</summary>
    public static SharedAttachments Unsent(RelationshipItem relationship, IEnumerable<ItemAttribute> attributes)
    {
        var unsent = new SharedAttachments();
        foreach (var attribute in attributes)
        {
            if (attribute.GetAttachment() is { } attachment)
                unsent._sealed[(relationship.LocalId, attachment.Id)] = attachment;
        }

        return unsent;
    }

    /// <summary>Opens each on its way from the Vault, and sends it there again sealed for each relationship.</summary>
    /// <param name="vault">Has the attachments.</param>
    /// <param name="relationships">To be sealed for.</param>
    /// <param name="attachments">Of the item.</param>
    /// <param name="progress">Hears how many bytes of content have been sealed and arrived, of all together.</param>
    /// <param name="cancellationToken">Ends the call; what was sent goes by itself.</param>
    /// <exception cref="IntegrityException">What the Vault keeps is not what the person stored.</exception>
    public static async Task<SharedAttachments> SendAsync(
        Vault vault, IReadOnlyCollection<RelationshipItem> relationships, IEnumerable<Attachment> attachments, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var (sent, before) = (new SharedAttachments(), 0L);
        foreach (var attachment in attachments)
        {
            foreach (var relationship in relationships)
            {
                await using var content = vault.Open(attachment);
                await using var upload = vault.UploadShared(relationship.State.Relationship, content, attachment);
                sent._sealed[(relationship.LocalId, attachment.Id)] = await upload.RunAsync(progress is null ? null : new Further(progress, before), cancellationToken).ConfigureAwait(false);
                before += attachment.Size;
            }
        }

        return sent;
    }

    public bool Has(RelationshipItem relationship, Attachment own) => _sealed.ContainsKey((relationship.LocalId, own.Id));

    /// <summary>What an attribute is in a share.</summary>
    /// <param name="relationship">Of the share.</param>
    /// <param name="attribute">As the account has it.</param>
    /// <param name="before">What the share has had until now.</param>
    public ItemAttribute Of(RelationshipItem relationship, ItemAttribute attribute, IReadOnlyList<SharedAttachment> before)
    {
        if (attribute.GetAttachment() is not { } own)
            return attribute;
        var shared = _sealed.GetValueOrDefault((relationship.LocalId, own.Id)) ?? before.First(each => each.Own == own.Id).Read();
        return shared.ToAttribute(attribute.Name);
    }

    // Not the framework's: that one tells from whatever thread there is, in any order.
    private sealed class Further(IProgress<long> all, long before) : IProgress<long>
    {
        public void Report(long value) => all.Report(before + value);
    }
}
