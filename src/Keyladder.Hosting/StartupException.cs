namespace Keyladder.Hosting;

/// <summary>Why a service does not start, for its operator: one line what is wrong and one what to do.</summary>
public sealed class StartupException(string what, string remedy, Exception? inner = null) : Exception($"{what} {remedy}", inner)
{
    public string What { get; } = what;

    public string Remedy { get; } = remedy;
}
