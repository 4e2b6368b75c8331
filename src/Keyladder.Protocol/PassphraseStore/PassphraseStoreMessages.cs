namespace Keyladder.Protocol.PassphraseStore;

// Bodies of docs/spec/passphrase-store.md, in the order of its sections 3 and 4.

/// <param name="Purpose">One of <see cref="CodePurposes"/>.</param>
public sealed record SendCodeRequest(string Username, string Purpose);

/// <summary>What a code by mail is good for.</summary>
public static class CodePurposes
{
    public const string Register = "register";
    public const string Reset = "reset";
}

/// <param name="Blinded">An element, 32 bytes.</param>
public sealed record EvaluateRequest(byte[] Blinded);

/// <param name="Evaluated">An element, 32 bytes.</param>
/// <param name="Key">The OPRF key that evaluated, as the service gave it out of its hand: sealed, and good for an hour.</param>
/// <param name="Random">32 bytes of the service's for the words.</param>
/// <param name="Guardian">Origin of the Guardian that records of this Store name.</param>
public sealed record EvaluateResponse(byte[] Evaluated, byte[] Key, byte[] Random, string Guardian);

/// <summary>All that the Store keeps of the secrets.</summary>
/// <param name="Key">From an <see cref="EvaluateResponse"/>.</param>
/// <param name="Share"><c>a</c>, 32 bytes.</param>
/// <param name="PublicKey">Ed25519, of the store key.</param>
public sealed record RecordMessage(byte[] Key, byte[] PasswordSlot, byte[] ResetSlot, byte[] Kit, byte[] Share, Guid Handle, byte[] PublicKey);

/// <param name="Seed">32 random bytes, which the record's id follows from.</param>
public sealed record CreateRecordRequest(string Username, string Code, byte[] Seed, RecordMessage Record);

public sealed record AttemptRequest(string Username, byte[] Blinded);

/// <param name="Revision">Of the record, from 1 on.</param>
public sealed record AttemptResponse(Guid Id, byte[] Evaluated, byte[] PasswordSlot, byte[] Kit, string Guardian, Guid Handle, long Revision);

/// <param name="Revision">That is replaced.</param>
public sealed record ReplaceRecordRequest(long Revision, RecordMessage Record);

public sealed record ReplaceRecordResponse(long Revision);

public sealed record ReleaseRequest(string Username, string Code);

/// <param name="Share"><c>a</c>, 32 bytes.</param>
public sealed record ReleaseResponse(Guid Id, byte[] Share, byte[] ResetSlot, byte[] Kit, string Guardian, Guid Handle, long Revision);

/// <param name="PublicKey">Ed25519, 32 bytes.</param>
public sealed record PutRecoveryDeviceRequest(byte[] PublicKey);

public sealed record RecoveryEventsResponse(RecoveryEventMessage[] Events);

/// <param name="Hour">Unix milliseconds of a full hour.</param>
/// <param name="Kind">One of <see cref="RecoveryEventKinds"/>.</param>
public sealed record RecoveryEventMessage(long Number, long Hour, string Kind);

public static class RecoveryEventKinds
{
    public const string Registered = "registered";
    public const string CodeSent = "code-sent";
    public const string Released = "released";
    public const string Replaced = "replaced";
    public const string DeviceAdded = "device-added";
    public const string DeviceRemoved = "device-removed";

    /// <summary>The free guesses were used up.</summary>
    public const string GuessesUsedUp = "guesses-used-up";
}

/// <param name="Seed">32 random bytes, which the handle follows from.</param>
/// <param name="Share"><c>b</c>, 32 bytes.</param>
/// <param name="PublicKey">Ed25519, of the guardian key.</param>
/// <param name="ReleaseKey">Ed25519, of the release key.</param>
public sealed record CreateGuardianRecordRequest(byte[] Seed, byte[] Blinded, byte[] Share, byte[] PublicKey, byte[] ReleaseKey);

public sealed record GuardianAttemptRequest(Guid Handle, byte[] Blinded);

public sealed record GuardianEvaluationResponse(byte[] Evaluated);

public sealed record GuardianReleaseResponse(byte[] Share);
