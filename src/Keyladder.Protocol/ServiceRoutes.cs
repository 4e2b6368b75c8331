namespace Keyladder.Protocol;

/// <summary>The paths that every service has (docs/spec/keystore-api.md, docs/spec/vault-api.md).</summary>
public static class ServiceRoutes
{
    public const string Nonces = "/v1/nonces";
    public const string Accounts = "/v1/accounts";
    public const string Sessions = "/v1/sessions";
    public const string Session = "/v1/sessions/{id}";
    public const string CurrentSession = "/v1/sessions/current";
    public const string AccountDeletion = "/v1/account/deletion";
    public const string AccountData = "/v1/account/data";
    public const string Changes = "/v1/changes";
    public const string Audit = "/v1/audit";
    public const string Witness = "/v1/witness";

    /// <summary>Events that one answer holds at most.</summary>
    public const int MaxEvents = 500;

    /// <summary>Events that an account keeps at least (docs/spec/audit.md section 3).</summary>
    public const int KeptEvents = 10_000;

    /// <summary>Rows that one answer about the account's data holds at most.</summary>
    public const int MaxRows = 500;
}
