using Keyladder.Hosting;
using Keyladder.Keystore;
using Keyladder.PassphraseStore;
using Keyladder.Vault;

namespace Keyladder.Server;

/// <summary>The configuration: <c>appsettings.json</c> in the working directory, then the environment, then arguments; the later one counts. What is not known is refused, not ignored.</summary>
internal sealed record Settings
{
    public const string Help = """
        keyladder-server [SETTING…]
        keyladder-server rotate-secret [--service NAME] [SETTING…]
        keyladder-server rotate-at-rest-secret [--service NAME] [SETTING…]
        keyladder-server invite [--service NAME] [--days N] [SETTING…]
        keyladder-server backup FILE [--service NAME] [SETTING…]
        keyladder-server backup FILE --verify [--service NAME]
        keyladder-server restore FILE [--service NAME] [--replace] [SETTING…]
        keyladder-server --version

        Runs the Keystore and a Vault, and if it is named a Passphrase Store, each with an address, a database and a secret of its own. The commands are about the Keystore unless --service
        names another (vault, passphrase-store): rotate-secret makes a new service secret beside the present one and ends. rotate-at-rest-secret does the same for what a Keystore, as a
        Guardian, and a Passphrase Store seal in their databases; every one before it stays in the file. invite prints the code of an invitation, good for one account and for N days (7). backup writes what the database holds to
        a new file, while the service runs, and checks it; with --verify it checks a file that is there. restore puts a backup into the database, which must be empty unless --replace is
        given: wholly, or nothing has changed. Stop the service before it.

          --services           which of them run, with commas: keystore, vault, passphrase-store (keystore,vault)
          --keystore:urls      address to listen on; port 0 lets the system choose (http://127.0.0.1:5410)
          --keystore:origin    address that clients use, such as https://keys.example.org (the address above, if it is loopback)
          --keystore:data      folder of the service secret and of the SQLite database (keyladder-data)
          --keystore:database  connection string of a PostgreSQL database (none: SQLite)
          --keystore:certificate     PEM file of certificate and chain, for an https address to listen on (none)
          --keystore:certificatekey  PEM file of its key (none)
          --keystore:tls12     true: TLS 1.2 too (false: 1.3 only)
          --keystore:cors      origins of web pages that may call, separated by spaces (none)
          --keystore:drain     seconds between the signal to stop and the end, not ready but working (0)
          --logging:format     text or json (text)
          --keystore:signup    who may make an account: first (the first one and then nobody), invitation, admission or open (first)
          --keystore:admissionkeys  for admission: did:key of each app that signs them, with commas
          --keystore:maxkeys, --keystore:maxheads  keys that an account may hold (10000), writes that it may make in its life (100000)
          --keystore:limits:unsigned, --keystore:limits:signed  calls in a minute: of an address before it has signed in (120), of an account (1200)
          --keystore:limits:signups  sign-ups that an address may try in an hour (20)
          --keystore:limits:guest, --keystore:limits:recoveryrecords  as a Guardian: calls of a record or a device in a minute (120), records that an address may make in an hour (20)
          --keystore:limits:failuresperslot, --keystore:limits:failuresperaddress  failed sign-ins in an hour before the waits begin (5, 20)
          --keystore:proxies   addresses and networks of reverse proxies whose X-Forwarded-For is believed, with commas (none)
          --vault:…            all of the above but maxkeys, for the Vault; it listens on http://127.0.0.1:5420
          --vault:attachments  folder of the attachments (attachments in the Vault's data folder)
          --vault:maxattachmentbytes  bytes of attachments that an account may hold (10737418240)
          --vault:maxchannels, --vault:maxgivenbytes, --vault:maxwaitingletters  channels that an account may have (10000), bytes of letters that it may give (268435456), letters that may wait in a channel (256)
          --vault:limits:guest  calls of a channel's guest in a minute (120)
          --vault:maxobjects, --vault:maxbytes, --vault:maxversions  objects that an account may hold (100000), bytes of them and their versions (1073741824), versions kept of each (10)
          --passphrase-store:…  urls, origin, data, database, certificate, certificatekey, tls12, cors, drain, proxies and limits as above, for the Passphrase Store; it listens on http://127.0.0.1:5430
          --passphrase-store:guardian  origin of the Keystore that new records name as their Guardian, best one of another operator
          --passphrase-store:mail:host, --passphrase-store:mail:port, --passphrase-store:mail:tls  the mail server (none, 587), and starttls, implicit or, on this machine, none (starttls)
          --passphrase-store:mail:user, --passphrase-store:mail:passwordfile  of the sign-in at the mail server, and the file of its password (none)
          --passphrase-store:mail:from  the address that mails come from
          --passphrase-store:mail:folder  instead of a mail server, for development: each mail becomes a file in this folder (none)
          --passphrase-store:mailsperusername, --passphrase-store:mailsperaddress  mails that may be asked for in an hour: for a username (5), by an address (20)
          --passphrase-store:attemptsperaddress  guesses that an address may make in an hour (60)
          --logging:loglevel:default  Trace, Debug, Information, Warning, Error or None (Information)
          --telemetry:endpoint OTLP/HTTP address for metrics and traces, such as http://127.0.0.1:4318 (none: off)

        In the environment: KEYLADDER_KEYSTORE__ORIGIN and so on; in appsettings.json: {"keystore": {"origin": "…"}}.
        """;

    public const string Usual = "keystore,vault";

    public KeystoreOptions Keystore { get; init; } = new();

    public VaultOptions Vault { get; init; } = new();

    [ConfigurationKeyName("passphrase-store")]
    public PassphraseStoreOptions PassphraseStore { get; init; } = new();

    /// <summary>The services that run.</summary>
    public IReadOnlyList<Service> Running { get; private init; } = [];

    public LoggingSettings Logging { get; init; } = new();

    public TelemetrySettings Telemetry { get; init; } = new();

    /// <exception cref="StartupException">A setting is not known, or the file cannot be read.</exception>
    public static Settings Read(string[] arguments)
    {
        const string remedy = "keyladder-server --help lists the settings.";
        IConfiguration? configuration = null;
        try
        {
            if (FirstThatIsNoSetting(arguments) is var wrong and >= 0)
                throw new StartupException($"{SettingNames.ArgumentAt(wrong)} is not a setting with its value.", "Write each as --NAME VALUE, such as --keystore:urls http://127.0.0.1:5410. " + remedy);
            var fromArguments = new ConfigurationBuilder().AddCommandLine(arguments).Build();
            if (fromArguments.AsEnumerable().FirstOrDefault(setting => !SettingNames.IsOurs(setting.Key) && !IsServices(setting.Key)).Key is { } unknown)
            {
                var at = Array.FindIndex(arguments, argument => argument.StartsWith($"--{unknown}", StringComparison.OrdinalIgnoreCase));
                throw new StartupException(
                    $"{SettingNames.ArgumentAt(at)} names a setting that is not known.", "A service's settings begin with its name, such as --keystore:urls, --vault:data. " + remedy);
            }

            configuration = new ConfigurationBuilder()
                .SetBasePath(Directory.GetCurrentDirectory())
                .AddJsonFile("appsettings.json", optional: true)
                .AddEnvironmentVariables("KEYLADDER_")
                .AddConfiguration(fromArguments)
                .Build();
            var settings = new Settings
            {
                Keystore = Section<KeystoreOptions>(configuration, "keystore"),
                Vault = Section<VaultOptions>(configuration, "vault"),
                PassphraseStore = Section<PassphraseStoreOptions>(configuration, "passphrase-store"),
                Logging = Section<LoggingSettings>(configuration, "logging"),
                Telemetry = Section<TelemetrySettings>(configuration, "telemetry"),
            };
            return settings.Telemetry.Endpoint is null or { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" }
                ? settings with { Running = Named(configuration.GetSection("services"), Service.AllOf(settings)) }
                : throw new StartupException("The setting telemetry:endpoint is not an address such as http://127.0.0.1:4318.", "Name the collector's address for OTLP over HTTP.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException("The file appsettings.json in the working directory cannot be read.", "Let the service's user read it, or remove it.", exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or InvalidDataException)
        {
            // Without a configuration it is the file that is not JSON.
            throw configuration is null
                ? new StartupException("The file appsettings.json in the working directory is not JSON.", "Correct it, or remove it. " + remedy, exception)
                : new StartupException(
                    SettingNames.WhatIsWrong(configuration, arguments) ?? "The configuration holds a setting that is not known, or is not well formed.", remedy, exception);
        }
    }

    /// <exception cref="StartupException">One is not known, or two have in common what each must have for itself.</exception>
    private static List<Service> Named(IConfigurationSection setting, IReadOnlyList<Service> all)
    {
        var names = (setting.Value ?? (setting.Exists() ? "" : Usual)).Split(',', StringSplitOptions.TrimEntries).ToHashSet();
        var named = all.Where(service => names.Contains(service.Name)).ToList();
        if (named.Count != names.Count)
            throw new StartupException("The setting services does not name services that there are.", "Write keystore, vault, passphrase-store, or some of them with commas.");
        if (HaveInCommon(named, options => options.Database))
            throw new StartupException("Two services have the same database.", "Name another for one of them: keystore:database, vault:database, passphrase-store:database.");
        return HaveInCommon(named, options => options.Origin)
            ? throw new StartupException("Two services have the same origin.", "Give each an address of its own that clients use: keystore:origin, vault:origin, passphrase-store:origin.")
            : named;
    }

    private static bool HaveInCommon(List<Service> services, Func<ServiceOptions, string?> setting) =>
        services.Select(service => setting(service.Options)).OfType<string>().GroupBy(value => value).Any(same => same.Count() > 1);

    // The platform's provider passes over what it cannot read. Which one it is stays unsaid: it may be a connection string.
    private static int FirstThatIsNoSetting(string[] arguments)
    {
        for (var at = 0; at < arguments.Length; at++)
        {
            if (arguments[at] is not ['-', '-', not '=', ..])
                return at;
            if (arguments[at].Contains('=', StringComparison.Ordinal))
                continue;
            if (at + 1 == arguments.Length || arguments[at + 1].StartsWith("--", StringComparison.Ordinal))
                return at;
            at++;
        }

        return -1;
    }

    private static bool IsServices(string name) => name.Split(':')[0].Equals("services", StringComparison.OrdinalIgnoreCase);

    private static T Section<T>(IConfiguration configuration, string name)
        where T : new() => configuration.GetSection(name).Get<T>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new T();
}

internal sealed record LoggingSettings
{
    public LogFormat Format { get; init; }

    public LevelSettings LogLevel { get; init; } = new();

    // For single categories there is no level: the framework's own lines hold addresses and paths.
    internal sealed record LevelSettings
    {
        public LogLevel Default { get; init; } = Microsoft.Extensions.Logging.LogLevel.Information;
    }
}

internal enum LogFormat
{
    Text,
    Json,
}

internal sealed record TelemetrySettings
{
    public Uri? Endpoint { get; init; }
}
