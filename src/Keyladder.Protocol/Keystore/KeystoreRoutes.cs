namespace Keyladder.Protocol.Keystore;

/// <summary>The paths that only the Keystore has (docs/spec/keystore-api.md); the others are <see cref="ServiceRoutes"/>.</summary>
public static class KeystoreRoutes
{
    public const string Account = "/v1/account";
    public const string Slots = "/v1/slots";
    public const string Key = "/v1/keys/{id}";
    public const string KeysFetch = "/v1/keys/fetch";
    /// <summary>Objects that one write or one fetch may hold.</summary>
    public const int MaxObjects = 1_000;

    /// <summary>Objects that a delta carries inline: nearly every account in one answer, of about 3 MB at most.</summary>
    public const int MaxDeltaObjects = 4_000;

    /// <summary>Bytes that a request body may hold.</summary>
    public const int MaxBodyBytes = 4 * 1024 * 1024;
}
