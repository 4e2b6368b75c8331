using System.Reflection;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Admissions;
using Keyladder.Hosting.Limits;

namespace Keyladder.Hosting;

/// <summary>What an operator configures for a service. Checked once, before anything starts.</summary>
public abstract record ServiceOptions
{
    /// <summary>Section of the configuration, and the name of the service's files.</summary>
    public abstract string Name { get; }

    /// <summary>The address to listen on. Port 0 lets the system choose one.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:5410";

    /// <summary>PEM file of the certificate and its chain, for an https address in <see cref="Urls"/>. Read again when it changes.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of the certificate's private key.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>Whether clients that know no TLS 1.3 may use 1.2.</summary>
    public bool Tls12 { get; init; }

    /// <summary>Where clients reach the service: what they enter and what every signature names. Absent: the loopback address of <see cref="Urls"/>.</summary>
    public string? Origin { get; init; }

    /// <summary>Folder of the service secret, and of the SQLite database where <see cref="Database"/> is absent.</summary>
    public string Data { get; init; } = "keyladder-data";

    /// <summary>Connection string: <c>Host=…</c> for PostgreSQL, <c>Data Source=…</c> for an SQLite file. Absent: an SQLite file in <see cref="Data"/>.</summary>
    public string? Database { get; init; }

    /// <summary>
    /// Origins of web pages that may call the service, separated by spaces; absent: none. One text and not a list, because a configuration's later source replaces a text but mixes
    /// with a list.
    /// </summary>
    public string? Cors { get; init; }

    /// <summary>Seconds between being told to stop and stopping, in which the service says that it is not ready and still does everything: time for a load balancer to look elsewhere.</summary>
    public int Drain { get; init; }

    /// <summary>Addresses and networks of the reverse proxies whose <c>X-Forwarded-For</c> is believed, such as <c>127.0.0.1, 10.0.0.0/8</c>. Absent: none.</summary>
    public string? Proxies { get; init; }

    public LimitOptions Limits { get; init; } = new();

    /// <summary>Who may make an account.</summary>
    public SignUpRule SignUp { get; init; } = SignUpRule.First;

    /// <summary>For <see cref="SignUpRule.Admission"/>: the <c>did:key</c> of each app whose word lets people in, with commas.</summary>
    public string? AdmissionKeys { get; init; }

    /// <summary>Writes that an account may make in its life: each leaves a head, and a trace of what it changed. Its ways to unlock can be changed beyond that.</summary>
    public long MaxHeads { get; init; } = 100_000;

    /// <summary>The file of <see cref="Authentication.ServiceSecret"/>.</summary>
    public string SecretPath => Path.Combine(Data, $"{Name}.secret");

    /// <summary>The file of <see cref="Recovery.AtRestSecret"/>.</summary>
    public string AtRestSecretPath => Path.Combine(Data, $"{Name}.at-rest");

    /// <summary>The file of <see cref="Recovery.GuessMark"/>.</summary>
    public string GuessMarkPath => Path.Combine(Data, $"{Name}.guesses");

    /// <summary>The assembly that holds the service's migrations: that of its options.</summary>
    internal Assembly Schema => GetType().Assembly;

    /// <exception cref="StartupException">The first setting that is wrong, and what would be right.</exception>
    internal Origin? Validate()
    {
        if (!Uri.TryCreate(Urls, UriKind.Absolute, out var listen) || (listen.Scheme != Uri.UriSchemeHttp && listen.Scheme != Uri.UriSchemeHttps) || listen.PathAndQuery != "/")
            throw Wrong(nameof(Urls), "is not one address such as http://127.0.0.1:5410 or https://0.0.0.0:443", "Name a scheme, an IP address or localhost, and a port.");
        if ((listen.Scheme == Uri.UriSchemeHttps) != (Certificate is not null) || (Certificate is null) != (CertificateKey is null))
        {
            throw Wrong(
                nameof(Certificate), $"and {Name}:{nameof(CertificateKey).ToLowerInvariant()} belong to an https address in {Name}:{nameof(Urls).ToLowerInvariant()}, and it to them",
                "Set all three for TLS by the service itself, or an http address and neither file behind a proxy that ends TLS.");
        }

        if (Drain is < 0 or > 600)
            throw Wrong(nameof(Drain), "is not between 0 and 600", "Name the seconds that a load balancer needs to notice.");
        if (string.IsNullOrWhiteSpace(Data))
            throw Wrong(nameof(Data), "is empty", "Name a folder that only the service's user can read.");
        if (Origin is null)
        {
            return listen.IsLoopback
                ? null
                : throw Wrong(nameof(Origin), $"is missing while the service listens beyond this machine", "Set it to the address that clients use, such as https://keys.example.org");
        }

        if (!Uri.TryCreate(Origin, UriKind.Absolute, out var address) || !Cryptography.Signing.Origin.TryCreate(address, out var origin))
            throw Wrong(nameof(Origin), "is not scheme, host and port alone", "Set it to the address that clients use, such as https://keys.example.org");
        return origin.IsSecure ? origin : throw Wrong(nameof(Origin), "is neither https nor on loopback", "Give the service a certificate, or put a reverse proxy with TLS in front of it, and name the https address that clients use.");
    }

    /// <summary>The origins of <see cref="Cors"/>, each in its one form.</summary>
    /// <exception cref="StartupException">One of them is a pattern, not an origin, or an origin that anyone on the way could speak for.</exception>
    internal string[] AllowedOrigins()
    {
        var origins = (Cors ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return origins.All(text => Cryptography.Signing.Origin.TryParse(text, out var origin) && origin.IsSecure)
            ? origins
            : throw Wrong(
                nameof(Cors), "holds something else than exact origins", "Write each as a browser sends it, such as https://app.example.org, separated by spaces; patterns are not taken.");
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

    /// <returns>The apps that may let people in.</returns>
    /// <exception cref="StartupException">A setting about accounts is wrong.</exception>
    internal IReadOnlyList<Did> ValidateAccounts()
    {
        if (MaxHeads < 1)
            throw Wrong(nameof(MaxHeads), "is not a number above 0", "Write how many heads an account may leave.");
        if (!Enum.IsDefined(SignUp))
            throw Wrong(nameof(SignUp), "is not known", "Write first, invitation, admission or open.");
        var keys = (AdmissionKeys ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)
            .Select(text => Did.TryParse(text, out var did) && did is { Method: DidMethod.Key, PublicKey: Ed25519PublicKey } ? did : throw Wrong(nameof(AdmissionKeys), "holds something else than did:key of Ed25519 keys", "Write the DIDs with commas."))
            .ToList();
        if (SignUp == SignUpRule.Admission && keys.Count == 0)
            throw Wrong(nameof(AdmissionKeys), "is missing while sign-up is by admission", "Write the did:key of the app that signs admissions.");
        return keys;
    }

    /// <summary>How a wrong setting is said: the value is not repeated.</summary>
    protected StartupException Wrong(string setting, string what, string remedy) =>
        new($"The setting {Name}:{setting.ToLowerInvariant()} {what}.", remedy);
}
