using Keyladder.Hosting;
using Keyladder.Keystore;

namespace Keyladder.Server;

/// <summary>The configuration: <c>appsettings.json</c> in the working directory, then the environment, then arguments; the later one counts. What is not known is refused, not ignored.</summary>
internal sealed record Settings(KeystoreOptions Keystore, IConfiguration Logging)
{
    public const string Help = """
        keyladder-server [SETTING…]
        keyladder-server rotate-secret [SETTING…]
        keyladder-server invite [--days N] [SETTING…]

        Runs the Keystore. rotate-secret makes a new service secret beside the present one and ends. invite prints the code of an invitation, good for one account and for N days (7).

          --keystore:urls      address to listen on; port 0 lets the system choose (http://127.0.0.1:5410)
          --keystore:origin    address that clients use, such as https://keys.example.org (the address above, if it is loopback)
          --keystore:data      folder of the service secret and of the SQLite database (keyladder-data)
          --keystore:database  connection string of a PostgreSQL database (none: SQLite)
          --keystore:signup    who may make an account: first (the first one and then nobody), invitation, admission or open (first)
          --keystore:admissionkeys  for admission: did:key of each app that signs them, with commas
          --keystore:maxkeys, --keystore:maxheads  keys that an account may hold (10000), writes that it may make in its life (100000)
          --keystore:limits:unsigned, --keystore:limits:signed  calls in a minute: of an address before it has signed in (120), of an account (1200)
          --keystore:limits:signups  sign-ups that an address may try in an hour (20)
          --keystore:limits:failuresperslot, --keystore:limits:failuresperaddress  failed sign-ins in an hour before the waits begin (5, 20)
          --keystore:proxies   addresses and networks of reverse proxies whose X-Forwarded-For is believed, with commas (none)
          --logging:loglevel:default  Trace, Debug, Information, Warning, Error or None (Information)

        In the environment: KEYLADDER_KEYSTORE__ORIGIN and so on; in appsettings.json: {"keystore": {"origin": "…"}}.
        """;

    /// <exception cref="StartupException">A setting is not known.</exception>
    public static Settings Read(string[] arguments)
    {
        const string remedy = "keyladder-server --help lists the settings.";
        try
        {
            var fromArguments = new ConfigurationBuilder().AddCommandLine(arguments).Build();
            if (fromArguments.GetChildren().Any(section => section.Key.ToLowerInvariant() is not ("keystore" or "logging")) || arguments is [not ['-', ..], ..])
                throw new StartupException("An argument is not a setting.", remedy);

            var configuration = new ConfigurationBuilder()
                .SetBasePath(Directory.GetCurrentDirectory())
                .AddJsonFile("appsettings.json", optional: true)
                .AddEnvironmentVariables("KEYLADDER_")
                .AddConfiguration(fromArguments)
                .Build();
            return new Settings(
                configuration.GetSection("keystore").Get<KeystoreOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new KeystoreOptions(),
                configuration.GetSection("logging"));
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or InvalidDataException)
        {
            throw new StartupException("The configuration holds a setting that is not known, or is not well formed.", remedy, exception);
        }
    }
}
