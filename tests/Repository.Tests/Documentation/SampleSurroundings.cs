using Keyladder.Client;
using Keyladder.Keys.Passphrases;

namespace Repository.Tests.Documentation;

/// <summary>What the samples of the documentation take as given. A sample that declares one of these names itself has its own.</summary>
public abstract class SampleSurroundings
{
    protected KeyladderClient client { get; } = null!;

    protected UnlockedAccount me { get; } = null!;

    protected UnlockSecret secret { get; } = null!;

    protected string typed { get; } = "";

    protected AppSettings settings { get; } = new();

    protected CancellationToken cancellationToken { get; }

    /// <summary>Where an app keeps what it keeps.</summary>
    public sealed class AppSettings
    {
        public string? Account { get; set; }
    }
}
