namespace Keyladder.Protocol.Keystore;

/// <summary>The Keystore's paths (docs/spec/keystore-api.md).</summary>
public static class KeystoreRoutes
{
    public const string Nonces = "/v1/nonces";
    public const string Accounts = "/v1/accounts";
    public const string Sessions = "/v1/sessions";
    public const string Session = "/v1/sessions/{id}";
    public const string CurrentSession = "/v1/sessions/current";
    public const string Account = "/v1/account";
    public const string AccountDeletion = "/v1/account/deletion";
    public const string AccountData = "/v1/account/data";
    public const string Slots = "/v1/slots";
    public const string Key = "/v1/keys/{id}";
    public const string KeysFetch = "/v1/keys/fetch";
    public const string Changes = "/v1/changes";
    public const string Audit = "/v1/audit";

    /// <summary>Objects that one write or one fetch may hold.</summary>
    public const int MaxObjects = 1_000;

    /// <summary>Objects that a delta carries inline: nearly every account in one answer, of about 3 MB at most.</summary>
    public const int MaxDeltaObjects = 4_000;

    /// <summary>Events that one answer holds at most.</summary>
    public const int MaxEvents = 500;

    /// <summary>Events that an account keeps at least (docs/spec/audit.md section 3).</summary>
    public const int KeptEvents = 10_000;

    /// <summary>Rows that one answer about the account's data holds at most.</summary>
    public const int MaxRows = 500;

    /// <summary>Bytes that a request body may hold.</summary>
    public const int MaxBodyBytes = 4 * 1024 * 1024;
}
