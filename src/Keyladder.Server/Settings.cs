using Keyladder.Hosting;
using Keyladder.Keystore;

namespace Keyladder.Server;

/// <summary>The configuration: <c>appsettings.json</c> in the working directory, then the environment, then arguments; the later one counts. What is not known is refused, not ignored.</summary>
internal sealed record Settings(KeystoreOptions Keystore, IConfiguration Logging)
{
    public const string Help = """
        keyladder-server [rotate-secret] [SETTING…]

        Runs the Keystore. rotate-secret makes a new service secret beside the present one and ends.

          --keystore:urls      address to listen on; port 0 lets the system choose (http://127.0.0.1:5410)
          --keystore:origin    address that clients use, such as https://keys.example.org (the address above, if it is loopback)
          --keystore:data      folder of the service secret and of the SQLite database (keyladder-data)
          --keystore:database  connection string of a PostgreSQL database (none: SQLite)
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
