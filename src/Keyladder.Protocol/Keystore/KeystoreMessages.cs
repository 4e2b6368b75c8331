namespace Keyladder.Protocol.Keystore;

// The bodies of docs/spec/keystore-api.md, one record each. Byte strings travel as b64u, ids as lower-case UUIDs.

public sealed record NonceResponse(string Nonce, long Time);

public sealed record SlotMessage(Guid Id, string Kind, byte[] Login, byte[] Wrapped, byte[]? Locator = null);

public sealed record KeyMessage(Guid Id, Guid Kek, long Revision, byte[] Overview, byte[] Wrapped);

/// <param name="Invitation">The 16 bytes of an invitation (docs/spec/admission.md section 1), if that is what lets the person in.</param>
/// <param name="Admission">A JWS of docs/spec/admission.md section 2, if it is that.</param>
public sealed record SignUpRequest(
    Guid Account, string Assertion, SlotMessage Slot, KeyMessage[] Keys, string Head, byte[]? Invitation = null, string? Admission = null);

public sealed record SignInRequest(string Assertion);

/// <param name="KeyId">Names the session in request signatures (docs/spec/sign-in.md section 3).</param>
/// <param name="ServerKey">The service's X25519 public key for this session, 32 bytes.</param>
/// <param name="Expires">Unix milliseconds.</param>
/// <param name="Restored">The restore number (docs/spec/heads.md section 6); null where no backup has been restored.</param>
public sealed record SignInResponse(string KeyId, byte[] ServerKey, long Expires, long? Restored = null);

public sealed record SessionMessage(Guid Id, Guid Slot, string Created, long Expires, bool Current);

public sealed record SessionsResponse(SessionMessage[] Sessions);

/// <summary>An event of the account's audit (docs/spec/audit.md).</summary>
/// <param name="Hour">A full hour, in Unix milliseconds.</param>
/// <param name="Kind">One of <see cref="AuditEventKinds"/>.</param>
/// <param name="Session">The session that acted.</param>
/// <param name="Subject">The slot, session or key that the kind is about.</param>
/// <param name="Head">Number of the head that it brought.</param>
public sealed record AuditEventMessage(long Number, long Hour, string Kind, Guid Session, Guid? Subject = null, long? Head = null);

/// <param name="Previous">Hash of the event before the first of these; 32 zero bytes where there is none.</param>
public sealed record AuditResponse(byte[] Previous, AuditEventMessage[] Events);

/// <param name="Chain">The heads that lead from <paramref name="Head"/>, not included, down to the caller's pin, not included (docs/spec/heads.md section 4).</param>
/// <param name="Events">The account's events after the one that <paramref name="Head"/> signs for.</param>
public sealed record AccountResponse(SlotMessage Slot, KeyMessage Identity, string Head, string[] Chain, byte[] Proof, AuditEventMessage[] Events);

/// <param name="Deletion">A JWS of docs/spec/heads.md section 7.</param>
/// <param name="Proof">For the hash of <paramref name="Deletion"/> (docs/spec/sign-in.md section 5).</param>
public sealed record DeleteAccountRequest(string Deletion, string Proof);

/// <param name="Table">Name of a table.</param>
/// <param name="Count">Rows of the account that were deleted from it.</param>
public sealed record DeletedRowsMessage(string Table, long Count);

/// <param name="Day">In UTC, by the service's clock.</param>
/// <param name="Rows">Every table that holds rows of accounts.</param>
public sealed record DeleteAccountResponse(string Day, DeletedRowsMessage[] Rows);

/// <param name="Table">Name of a table.</param>
/// <param name="Skip">How many of the account's rows come before.</param>
public sealed record DataPlaceMessage(string Table, long Skip);

/// <summary>Rows of one table that belong to the account, column by column: text as it is, integers as digits, bytes as b64u; null is absent.</summary>
/// <param name="Table">Name of the table.</param>
/// <param name="Next">Where to go on; null at the end.</param>
public sealed record AccountDataResponse(string Table, Dictionary<string, string>[] Rows, DataPlaceMessage? Next = null);

public sealed record ChangeSlotsRequest(string Head, string Proof, SlotMessage? Add = null, Guid? Remove = null);

public sealed record FetchKeysRequest(Guid[] Ids, long Since);

/// <param name="Events">The account's events after the one that <paramref name="Head"/> signs for.</param>
public sealed record KeysResponse(KeyMessage[] Keys, string Head, string[] Chain, byte[] Proof, AuditEventMessage[] Events);

/// <param name="Old">Leaf value at the caller's head; null if there was no leaf.</param>
/// <param name="New">Leaf value at the newest head; null if there is none.</param>
public sealed record ChangeMessage(Guid Id, byte[]? Old = null, byte[]? New = null);

public sealed record ChangesResponse(ChangeMessage[] Changes, KeyMessage[] Keys, string Head, string[] Chain, byte[] Proof);

/// <param name="Replaces">Leaf value of what the caller saw; null where it saw none.</param>
public sealed record PutKeyMessage(KeyMessage Key, byte[]? Replaces = null);

public sealed record DeleteKeyMessage(Guid Id, byte[] Replaces);

public sealed record WriteRequest(string Head, PutKeyMessage[] Put, DeleteKeyMessage[] Delete);

public sealed record WriteResponse(long Number);
