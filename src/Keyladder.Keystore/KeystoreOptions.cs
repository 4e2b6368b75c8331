using Keyladder.Hosting;

namespace Keyladder.Keystore;

/// <inheritdoc/>
public sealed record KeystoreOptions : ServiceOptions
{
    public override string Name => "keystore";
}
