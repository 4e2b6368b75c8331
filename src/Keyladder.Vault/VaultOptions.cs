using Keyladder.Hosting;

namespace Keyladder.Vault;

/// <inheritdoc/>
public sealed record VaultOptions : ServiceOptions
{
    public VaultOptions() => Urls = "http://127.0.0.1:5420";

    public override string Name => "vault";

    /// <summary>Objects that an account may hold, items and attributes together.</summary>
    public long MaxObjects { get; init; } = 100_000;

    /// <summary>Bytes of envelopes that an account may hold, with the versions that are kept.</summary>
    public long MaxBytes { get; init; } = 1024 * 1024 * 1024;

    /// <summary>Bytes of attachments that an account may hold, those that are on their way included.</summary>
    public long MaxAttachmentBytes { get; init; } = 10L * 1024 * 1024 * 1024;

    /// <summary>Folder of the attachments' bytes; absent: <c>attachments</c> in the data folder. Instances that share a database share it too.</summary>
    public string? Attachments { get; init; }

    /// <summary>What is kept of an object besides how it is now: so many of its revisions, the last ones.</summary>
    public long MaxVersions { get; init; } = 10;

    /// <summary>Channels that an account may have.</summary>
    public long MaxChannels { get; init; } = 10_000;

    /// <summary>Bytes of letters that an account may give, all its channels together.</summary>
    public long MaxGivenBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>Letters that the guest of one channel may leave before the account takes one. There is no limit over all channels: a guest would feel others by it.</summary>
    public long MaxWaitingLetters { get; init; } = 256;

    /// <exception cref="StartupException">A setting of the Vault alone is wrong.</exception>
    internal void ValidateVault()
    {
        if (MaxObjects < 1)
            throw Wrong(nameof(MaxObjects), "is not a number above 0", "Write how many objects an account may hold.");
        if (MaxBytes < 1)
            throw Wrong(nameof(MaxBytes), "is not a number above 0", "Write how many bytes an account may hold.");
        if (MaxAttachmentBytes < 1)
            throw Wrong(nameof(MaxAttachmentBytes), "is not a number above 0", "Write how many bytes of attachments an account may hold.");
        if (MaxChannels < 1)
            throw Wrong(nameof(MaxChannels), "is not a number above 0", "Write how many channels an account may have.");
        if (MaxGivenBytes < 1)
            throw Wrong(nameof(MaxGivenBytes), "is not a number above 0", "Write how many bytes of letters an account may give.");
        if (MaxWaitingLetters < 1)
            throw Wrong(nameof(MaxWaitingLetters), "is not a number above 0", "Write how many letters of a channel may wait.");
        if (MaxVersions < 0)
            throw Wrong(nameof(MaxVersions), "is below 0", "Write how many versions of an object are kept; 0 for none.");
    }
}
