using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>What one record of a Vault's copy on this device adds to what is before it (docs/spec/local-store.md section 2).</summary>
/// <param name="Changes">Leaves that are other than before; they count once a <paramref name="Head"/> has come.</param>
/// <param name="Objects">Objects as the Vault has them.</param>
/// <param name="Head">The head at which the leaves, with all changes before, are complete.</param>
/// <param name="Queued">What is to be sent, or what stands under the same number by now.</param>
/// <param name="Sent">Number of what is no longer to be sent.</param>
internal sealed record StoreRecord(
    StoredLeaf[]? Changes = null, ObjectMessage[]? Objects = null, StoredHead? Head = null, QueuedWrite? Queued = null, long? Sent = null);

/// <param name="Leaf">Null where the object has gone.</param>
internal sealed record StoredLeaf(string Kind, Guid Id, byte[]? Leaf = null);

/// <param name="Head">JWS.</param>
/// <param name="Pin">What follows from it and from the heads before it.</param>
/// <param name="Audit">What the next head signs for.</param>
internal sealed record StoredHead(string Head, PinFile Pin, byte[] Audit);

/// <summary>A write that waits: all of it is sent at once.</summary>
internal sealed record QueuedWrite(long Number, QueuedItem[] Items);

/// <summary>What a write makes of one item.</summary>
/// <param name="Base">The item that was changed, with its attributes; none where it is new.</param>
/// <param name="Next">What it is to be: the item, and the attributes that are other than in <paramref name="Base"/>; none where it is deleted.</param>
/// <param name="Other">Id for the other version of the item, should both have to be kept: however often it is sent, there is one.</param>
/// <param name="Tried">What it was to be before, each as <paramref name="Next"/>, where that may have been sent; the oldest first.</param>
internal sealed record QueuedItem(Guid Id, Guid Other, ObjectMessage[] Base, ObjectMessage[] Next, ObjectMessage[][]? Tried = null);

[JsonSerializable(typeof(StoreRecord))]
internal sealed partial class StoreJson : JsonSerializerContext
{
    public static StoreJson Strict { get; } = new(StrictJson.CreateOptions());
}
