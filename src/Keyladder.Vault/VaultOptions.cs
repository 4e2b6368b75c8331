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

    /// <exception cref="StartupException">A setting of the Vault alone is wrong.</exception>
    internal void ValidateVault()
    {
        if (MaxObjects < 1)
            throw Wrong(nameof(MaxObjects), "is not a number above 0", "Write how many objects an account may hold.");
        if (MaxBytes < 1)
            throw Wrong(nameof(MaxBytes), "is not a number above 0", "Write how many bytes an account may hold.");
        if (MaxAttachmentBytes < 1)
            throw Wrong(nameof(MaxAttachmentBytes), "is not a number above 0", "Write how many bytes of attachments an account may hold.");
        if (MaxVersions < 0)
            throw Wrong(nameof(MaxVersions), "is below 0", "Write how many versions of an object are kept; 0 for none.");
    }
}
