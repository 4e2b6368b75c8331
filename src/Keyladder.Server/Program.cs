using System.Net.Sockets;
using System.Reflection;
using Keyladder.Hosting;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Observability;
using Keyladder.Keystore;
using Keyladder.Server;
using Microsoft.Extensions.Logging.Console;

try
{
    switch (args)
    {
        case ["--help" or "-h"]:
            Console.WriteLine(Settings.Help);
            return 0;
        case ["--version"]:
            Console.WriteLine(typeof(Settings).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);
            return 0;
        case ["rotate-secret", .. var settings]:
            ServiceSecret.Rotate(Settings.Read(settings).Keystore.SecretPath);
            Console.WriteLine("The secret has been rotated. Restart the instances, one after the other; sessions of the present secret stay good until the next rotation.");
            return 0;
        case ["invite", .. var settings]:
            await InviteCommand.RunAsync(settings);
            return 0;
        case ["backup", .. var rest]:
            await BackupCommands.BackUpAsync(rest);
            return 0;
        case ["restore", .. var rest]:
            await BackupCommands.RestoreAsync(rest);
            return 0;
        default:
            await RunAsync(Settings.Read(args));
            return 0;
    }
}
catch (StartupException exception)
{
    await Console.Error.WriteLineAsync(exception.What);
    await Console.Error.WriteLineAsync(exception.Remedy);
    return 2;
}

static async Task RunAsync(Settings settings)
{
    using var telemetry = settings.Telemetry.Endpoint is { } collector ? Telemetry.Start(collector) : null;
    await using var keystore = KeystoreService.Build(settings.Keystore, logging: logging => Configure(logging, settings.Logging));
    keystore.Lifetime.ApplicationStopping.Register(() => ServiceManager.Notify(ServiceManager.Stopping));
    try
    {
        await keystore.StartAsync();
    }
    catch (Exception exception) when (exception is IOException or SocketException)
    {
        keystore.Lifetime.StopApplication(); // or what has been started already would call its end a failure
        throw new StartupException(
            "The address in keystore:urls cannot be listened on.", "Check that no other program uses it, that it is one of this machine, and that the user may use a port below 1024.", exception);
    }

    var address = keystore.Urls.First();
    Console.WriteLine($"Keystore listens on {address}, origin {settings.Keystore.Origin ?? address}");
    ServiceManager.Notify(ServiceManager.Ready);
    await keystore.WaitForShutdownAsync();
}

// Standard output holds the one line that says where the service is; everything else goes to standard error. No scopes: the framework's hold paths.
static void Configure(ILoggingBuilder logging, LoggingSettings settings)
{
    logging.SetMinimumLevel(settings.LogLevel.Default).Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    if (settings.Format == LogFormat.Json)
        logging.AddJsonConsole(console => (console.IncludeScopes, console.UseUtcTimestamp, console.TimestampFormat) = (false, true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
    else
        logging.AddSimpleConsole(console => (console.IncludeScopes, console.SingleLine, console.ColorBehavior) = (false, true, LoggerColorBehavior.Disabled));
}
