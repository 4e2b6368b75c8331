using Keyladder.Cryptography;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>
/// Attachments as others get them (docs/spec/relationships.md section 7): sealed anew for each relationship, under ids and content keys of their own, and stored in this person's Vault before a share
/// names them. What no share names in the end goes by itself, after a day.
/// </summary>
/// <param name="progress">Hears how many bytes of content have been sealed and arrived, of all together; null for nobody.</param>
internal sealed class SharedAttachments(IProgress<long>? progress = null)
{
    // By the relationship's own id: the one that both know the inviter chooses, and may choose twice.
    private readonly Dictionary<(RelationshipId, AttachmentId), Attachment> _sealed = [];
    private long _sent;

    /// <summary>As the account has them: as long as those that will be sent, to find out what cannot be shared before anything is. No share may name them.</summary>
    public static SharedAttachments Unsent(RelationshipItem relationship, IEnumerable<Attachment> attachments)
    {
        var unsent = new SharedAttachments();
        foreach (var attachment in attachments)
            unsent._sealed[(relationship.LocalId, attachment.Id)] = attachment;
        return unsent;
    }

    /// <summary>Those that have not been sent for a relationship yet.</summary>
    /// <param name="relationship">To be sealed for.</param>
    /// <param name="attachments">As the account has them.</param>
    /// <param name="before">What the share has had until now.</param>
    public IReadOnlyList<Attachment> MissingFor(RelationshipItem relationship, IEnumerable<Attachment> attachments, IReadOnlyList<SharedAttachment> before) =>
        [.. attachments.Where(own => !_sealed.ContainsKey((relationship.LocalId, own.Id)) && before.All(each => each.Own != own.Id))];

    /// <summary>Opens each on its way from the Vault, and sends it there again.</summary>
    /// <exception cref="IntegrityException">What the Vault keeps is not what the person stored.</exception>
    public async Task SendAsync(Vault vault, RelationshipItem relationship, IEnumerable<Attachment> attachments, CancellationToken cancellationToken)
    {
        foreach (var attachment in attachments)
        {
            await using var content = vault.Open(attachment);
            await using var upload = vault.UploadShared(relationship.State.Relationship, content, attachment);
            _sealed[(relationship.LocalId, attachment.Id)] =
                await upload.RunAsync(progress is null ? null : new Further(progress, _sent), cancellationToken).ConfigureAwait(false);
            _sent += attachment.Size;
        }
    }

    /// <summary>The Vault has them no more.</summary>
    public void Forget() => _sealed.Clear();

    /// <summary>What an attribute is in a share; none of its attachments is missing.</summary>
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
