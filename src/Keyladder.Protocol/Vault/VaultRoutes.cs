namespace Keyladder.Protocol.Vault;

/// <summary>The paths that only the Vault has (docs/spec/vault-api.md); the others are <see cref="ServiceRoutes"/>.</summary>
public static class VaultRoutes
{
    public const string ObjectsFetch = "/v1/objects/fetch";
    public const string ObjectVersions = "/v1/objects/{id}/versions";
    public const string Attachment = "/v1/attachments/{id}";

    /// <summary>Objects that one write or one fetch may hold.</summary>
    public const int MaxObjects = 1_000;

    /// <summary>Bytes that an envelope may have.</summary>
    public const int MaxSealedBytes = 64 * 1024;

    /// <summary>Bytes of envelopes that an answer about changes carries: the overviews of ten thousand items.</summary>
    public const int MaxDeltaBytes = 8 * 1024 * 1024;

    /// <summary>Bytes of an attachment that one call may bring or take.</summary>
    public const int MaxPartBytes = 8 * 1024 * 1024;

    /// <summary>Bytes that a request body may hold.</summary>
    public const int MaxBodyBytes = 16 * 1024 * 1024;
}
