using Keyladder.Hosting;

namespace Keyladder.Keystore;

/// <inheritdoc/>
public sealed record KeystoreOptions : ServiceOptions
{
    public override string Name => "keystore";

    /// <summary>Keys that an account may hold, its identity keypair included.</summary>
    public long MaxKeys { get; init; } = 10_000;

    /// <exception cref="StartupException">A setting of the Keystore alone is wrong.</exception>
    internal void ValidateKeystore()
    {
        if (MaxKeys < 1)
            throw Wrong(nameof(MaxKeys), "is not a number above 0", "Write how many keys an account may hold.");
    }
}
