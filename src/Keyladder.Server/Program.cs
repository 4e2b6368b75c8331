using System.Net.Sockets;
using System.Reflection;
using Keyladder.Hosting;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Observability;
using Keyladder.Hosting.Recovery;
using Keyladder.Server;
using Microsoft.AspNetCore.Builder;
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
            ServiceSecret.Rotate(Service.Read(settings).Options.SecretPath);
            Console.WriteLine("The secret has been rotated. Restart the instances, one after the other; sessions of the present secret stay good until the next rotation.");
            return 0;
        case ["rotate-at-rest-secret", .. var settings]:
            AtRestSecret.Rotate(Service.Read(settings).Options.AtRestSecretPath);
            Console.WriteLine("The at-rest secret has been rotated. Back up the file, bring it to every instance, and then restart them, one after the other.");
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
    var running = new List<WebApplication>();
    try
    {
        // All before any listens: a setting that is not good leaves nothing half begun.
        foreach (var service in settings.Running)
            running.Add(service.Build(logging => Configure(logging, settings.Logging)));
        foreach (var (service, app) in settings.Running.Zip(running))
            await StartAsync(service, app);
        foreach (var (service, app) in settings.Running.Zip(running))
            Console.WriteLine($"{service.Title} listens on {app.Urls.First()}, data in {Path.GetFullPath(service.Options.Data)}, origin {service.Options.Origin ?? app.Urls.First()}");
        ServiceManager.Notify(ServiceManager.Ready);
        await Task.WhenAll(running.Select(app => app.WaitForShutdownAsync()));
    }
    finally
    {
        foreach (var app in running)
        {
            app.Lifetime.StopApplication(); // or what has been started already would call its end a failure
            await app.DisposeAsync();
        }
    }
}

static async Task StartAsync(Service service, WebApplication app)
{
    app.Lifetime.ApplicationStopping.Register(() => ServiceManager.Notify(ServiceManager.Stopping));
    try
    {
        await app.StartAsync();
    }
    catch (Exception exception) when (exception is IOException or SocketException)
    {
        throw new StartupException(
            $"The address in {service.Name}:urls cannot be listened on.", "Check that no other program uses it, that it is one of this machine, and that the user may use a port below 1024.", exception);
    }
}

// Standard output holds one line for each service that says where it is; everything else goes to standard error. No scopes: the framework's hold paths.
static void Configure(ILoggingBuilder logging, LoggingSettings settings)
{
    logging.SetMinimumLevel(settings.LogLevel.Default).Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    if (settings.Format == LogFormat.Json)
        logging.AddJsonConsole(console => (console.IncludeScopes, console.UseUtcTimestamp, console.TimestampFormat) = (false, true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
    else
        logging.AddSimpleConsole(console => (console.IncludeScopes, console.SingleLine, console.ColorBehavior) = (false, true, LoggerColorBehavior.Disabled));
}
