using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Limits;

namespace Keyladder.Hosting;

/// <summary>What an operator configures for a service. Checked once, before anything starts.</summary>
public abstract record ServiceOptions
{
    /// <summary>Section of the configuration, and the name of the service's files.</summary>
    public abstract string Name { get; }

    /// <summary>The address to listen on. Port 0 lets the system choose one.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:5410";

    /// <summary>Where clients reach the service: what they enter and what every signature names. Absent: the loopback address of <see cref="Urls"/>.</summary>
    public string? Origin { get; init; }

    /// <summary>Folder of the service secret, and of the SQLite database where <see cref="Database"/> is absent.</summary>
    public string Data { get; init; } = "keyladder-data";

    /// <summary>Connection string: <c>Host=…</c> for PostgreSQL, <c>Data Source=…</c> for an SQLite file. Absent: an SQLite file in <see cref="Data"/>.</summary>
    public string? Database { get; init; }

    /// <summary>Addresses and networks of the reverse proxies whose <c>X-Forwarded-For</c> is believed, such as <c>127.0.0.1, 10.0.0.0/8</c>. Absent: none.</summary>
    public string? Proxies { get; init; }

    public LimitOptions Limits { get; init; } = new();

    /// <summary>The file of <see cref="Authentication.ServiceSecret"/>.</summary>
    public string SecretPath => Path.Combine(Data, $"{Name}.secret");

    /// <exception cref="StartupException">The first setting that is wrong, and what would be right.</exception>
    internal Origin? Validate()
    {
        if (!Uri.TryCreate(Urls, UriKind.Absolute, out var listen) || listen.Scheme != Uri.UriSchemeHttp || listen.PathAndQuery != "/")
            throw Wrong(nameof(Urls), "is not one address such as http://127.0.0.1:5410", "TLS ends at a reverse proxy in front of the service.");
        if (string.IsNullOrWhiteSpace(Data))
            throw Wrong(nameof(Data), "is empty", "Name a folder that only the service's user can read.");
        if (Origin is null)
        {
            return listen.IsLoopback
                ? null
                : throw Wrong(nameof(Origin), $"is missing while the service listens beyond this machine ({nameof(Urls)})", "Set it to the address that clients use, such as https://keys.example.org");
        }

        if (!Uri.TryCreate(Origin, UriKind.Absolute, out var address) || !Cryptography.Signing.Origin.TryCreate(address, out var origin))
            throw Wrong(nameof(Origin), "is not scheme, host and port alone", "Set it to the address that clients use, such as https://keys.example.org");
        return origin.IsSecure ? origin : throw Wrong(nameof(Origin), "is neither https nor on loopback", "Put a reverse proxy with TLS in front of the service and name its https address.");
    }

    /// <exception cref="StartupException">The connection string is none.</exception>
    internal Storage.Database OpenDatabase()
    {
        try
        {
            return Storage.Database.Open(Database ?? $"Data Source={Path.Combine(Data, $"{Name}.db")}");
        }
        catch (ArgumentException)
        {
            // The text may hold a password: neither it nor the exception is repeated.
            throw Wrong(nameof(Database), "is not a connection string", "Write Host=…;Database=…;Username=…;Password=… for PostgreSQL, or leave it out for SQLite.");
        }
    }

    /// <exception cref="StartupException">A limit or the list of proxies is none.</exception>
    internal TrustedProxies ValidateLimits()
    {
        foreach (var (name, value) in Limits.All)
        {
            if (value < 1)
                throw Wrong($"limits:{name}", "is not a number above 0", "Write how many; a very large number is no limit.");
        }

        return TrustedProxies.TryParse(Proxies, out var proxies)
            ? proxies
            : throw Wrong(nameof(Proxies), "is not a list of addresses and networks", "Write them with commas, such as 127.0.0.1, 10.0.0.0/8");
    }

    /// <summary>How a wrong setting is said: the value is not repeated.</summary>
    protected StartupException Wrong(string setting, string what, string remedy) =>
        new($"The setting {Name}:{setting.ToLowerInvariant()} {what}.", remedy);
}
