namespace Keyladder.Protocol.Keystore;

/// <summary>What the events of an account's audit tell of (docs/spec/audit.md section 1).</summary>
public static class AuditEventKinds
{
    public const string AccountCreated = "account-created";
    public const string SignedIn = "signed-in";
    public const string SessionEnded = "session-ended";
    public const string KeyAdded = "key-added";
    public const string KeyChanged = "key-changed";
    public const string KeyDeleted = "key-deleted";
    public const string KeysChanged = "keys-changed";
    public const string ObjectsChanged = "objects-changed";
    public const string RestoreAccepted = "restore-accepted";
    public const string SlotAdded = "slot-added";
    public const string SlotRemoved = "slot-removed";
    public const string SlotReplaced = "slot-replaced";
}
