namespace Keyladder.Protocol.Vault;

/// <summary>The paths that only the Vault has (docs/spec/vault-api.md); the others are <see cref="ServiceRoutes"/>.</summary>
public static class VaultRoutes
{
    public const string ObjectsFetch = "/v1/objects/fetch";
    public const string ObjectVersions = "/v1/objects/{id}/versions";
    public const string Attachment = "/v1/attachments/{id}";
    public const string Letters = "/v1/letters";

    /// <summary>A guest's: which channel it is, its signature says.</summary>
    public const string Channel = "/v1/channel";

    /// <inheritdoc cref="Channel"/>
    public const string ChannelAttachment = "/v1/channel/attachments/{id}";

    /// <summary>Objects that one write or one fetch may hold.</summary>
    public const int MaxObjects = 1_000;

    /// <summary>Bytes that an envelope may have.</summary>
    public const int MaxSealedBytes = 64 * 1024;

    /// <summary>Bytes of envelopes that an answer about changes carries: the overviews of ten thousand items.</summary>
    public const int MaxDeltaBytes = 8 * 1024 * 1024;

    /// <summary>Bytes of an attachment that one call may bring or take.</summary>
    public const int MaxPartBytes = 8 * 1024 * 1024;

    /// <summary>Channels that one write may make, change or remove.</summary>
    public const int MaxChannels = 1_000;

    /// <summary>Letters that one write may give or take, each, and that one answer holds at most.</summary>
    public const int MaxLetters = 1_000;

    /// <summary>Attachments that one letter may name.</summary>
    public const int MaxLetterAttachments = 256;

    /// <summary>Bytes of a letter that the account gives.</summary>
    public const int MaxGivenBytes = 1024 * 1024;

    /// <summary>Bytes of a letter that a guest leaves.</summary>
    public const int MaxReceivedBytes = 64 * 1024;

    /// <summary>Bytes of letters that one answer carries.</summary>
    public const int MaxLettersBytes = 8 * 1024 * 1024;

    /// <summary>Seconds that a call may wait for a letter.</summary>
    public const int MaxWaitSeconds = 30;

    /// <summary>Bytes that a guest's request body may hold.</summary>
    public const int MaxGuestBodyBytes = 128 * 1024;

    /// <summary>Bytes that a request body may hold.</summary>
    public const int MaxBodyBytes = 16 * 1024 * 1024;
}
