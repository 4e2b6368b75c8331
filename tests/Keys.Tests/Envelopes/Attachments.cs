using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Vault;

namespace Keyladder.Keys.Tests.Envelopes;

/// <summary>An attachment as one envelope: here, too, the attribute says header and size, and the header is the envelope's own.</summary>
internal static class Attachments
{
    public const int HeaderLength = 57;

    private static readonly byte[] Content = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];

    public static byte[] Seal(Place place) => Seal(place, Contexts.VaultAttachment(place.VaultAccount, place.Attachment));

    public static byte[] SealShared(Place place) => Seal(place, Contexts.SharedAttachment(place.Relationship, place.Attachment));

    private static byte[] Seal(Place place, byte[] context)
    {
        var envelope = new MemoryStream();
        Await(async () =>
        {
            await using var sealing = new AttachmentSealing(context, place.Attachment, place.CopyKey(), envelope);
            await sealing.WriteAsync(Content);
            while (!await sealing.PadAsync())
            {
            }
        });
        return envelope.ToArray();
    }

    public static byte[] Open(Place place, byte[] envelope) => Open(place.VaultAccount, Members(place, envelope), envelope);

    public static byte[] OpenShared(Place place, byte[] envelope) => Open(place.Relationship, Members(place, envelope), envelope);

    private static AttachmentMembers Members(Place place, byte[] envelope) =>
        new(place.Attachment, place.SealingKey, envelope[..Math.Min(HeaderLength, envelope.Length)], Content.Length);

    public static byte[] Open(AccountId vault, AttachmentMembers members, byte[] envelope) => ReadAll(new Attachment(members).Open(vault, new MemoryStream(envelope)));

    public static byte[] Open(RelationshipId relationship, AttachmentMembers members, byte[] envelope) => ReadAll(new Attachment(members).Open(relationship, new MemoryStream(envelope)));

    private static byte[] ReadAll(Stream opened)
    {
        var content = new MemoryStream();
        Await(async () =>
        {
            await using (opened)
                await opened.CopyToAsync(content);
        });
        return content.ToArray();
    }

    // Everything is in memory: nothing is waited for.
    private static void Await(Func<Task> work) => work().GetAwaiter().GetResult();
}
