using Keyladder.Protocol.Keystore;

namespace Keyladder.Protocol.Vault;

// The bodies of docs/spec/vault-api.md, one record each.

/// <param name="Login">Public half of the sign-in keypair, 32 bytes.</param>
public sealed record VaultSlotMessage(Guid Id, byte[] Login);

/// <param name="Invitation">As at the Keystore; so is <paramref name="Admission"/>.</param>
public sealed record VaultSignUpRequest(
    Guid Account, string Assertion, VaultSlotMessage Slot, string Head, byte[]? Invitation = null, string? Admission = null);

/// <param name="Kind">Kind of the object.</param>
/// <param name="Id">Names the object.</param>
public sealed record ObjectNameMessage(string Kind, Guid Id);

/// <param name="Kind"><c>item</c> or <c>attribute</c>.</param>
/// <param name="Dek">Name of the DEK at this Vault, 32 bytes.</param>
/// <param name="Sealed">The envelope.</param>
/// <param name="Attachment">The attachment that the attribute names.</param>
public sealed record ObjectMessage(Guid Id, string Kind, byte[] Dek, long Revision, byte[] Sealed, Guid? Attachment = null);

/// <param name="Old">Leaf value at the caller's head; null if there was no leaf.</param>
/// <param name="New">Leaf value at the newest head; null if there is none.</param>
public sealed record ObjectChangeMessage(string Kind, Guid Id, byte[]? Old = null, byte[]? New = null);

/// <param name="Events">The account's events after the one that <paramref name="Head"/> signs for.</param>
public sealed record ObjectChangesResponse(
    ObjectChangeMessage[] Changes, ObjectMessage[] Objects, string Head, string[] Chain, byte[] Proof, AuditEventMessage[] Events);

public sealed record FetchObjectsRequest(ObjectNameMessage[] Names, long Since);

/// <param name="Events">The account's events after the one that <paramref name="Head"/> signs for.</param>
public sealed record ObjectsResponse(ObjectMessage[] Objects, string Head, string[] Chain, byte[] Proof, AuditEventMessage[] Events);

public sealed record VersionsResponse(ObjectMessage[] Objects);

/// <param name="Replaces">Leaf value of what the caller saw; null where it saw none.</param>
public sealed record PutObjectMessage(ObjectMessage Object, byte[]? Replaces = null);

public sealed record DeleteObjectMessage(string Kind, Guid Id, byte[] Replaces);

/// <param name="Key">The guest's public key, 32 bytes; null removes the channel and its letters.</param>
public sealed record ChannelMessage(Guid Id, byte[]? Key = null);

/// <param name="Sealed">The letter; null removes it.</param>
/// <param name="Attachments">Those that the guest may read while the letter is there; null for none.</param>
public sealed record GivenLetterMessage(Guid Channel, Guid Id, byte[]? Sealed = null, Guid[]? Attachments = null);

/// <param name="Taken">Ids of received letters that the account has taken.</param>
public sealed record ObjectWriteRequest(
    string Head,
    PutObjectMessage[] Put,
    DeleteObjectMessage[] Delete,
    ChannelMessage[]? Channels = null,
    GivenLetterMessage[]? Letters = null,
    Guid[]? Taken = null);

/// <param name="Events">The account's events after the one that the head signs for.</param>
public sealed record ObjectWriteResponse(long Number, AuditEventMessage[] Events);

/// <param name="Stored">Bytes from the beginning that have come.</param>
/// <param name="Complete">Whether the last part was among them.</param>
public sealed record AttachmentPartResponse(long Stored, bool Complete);

/// <param name="Number">Grows within the account.</param>
public sealed record ReceivedLetterMessage(Guid Channel, Guid Id, long Number, byte[] Sealed);

public sealed record ReceivedLettersResponse(ReceivedLetterMessage[] Letters);

/// <param name="Number">Grows within the channel.</param>
public sealed record LetterMessage(Guid Id, long Number, byte[] Sealed);

/// <summary>What a guest finds in its channel.</summary>
public sealed record LettersResponse(LetterMessage[] Letters);

/// <summary>What a guest leaves.</summary>
public sealed record LeaveLetterRequest(Guid Id, byte[] Sealed);
