using Keyladder.Hosting;
using Keyladder.Hosting.Authentication;
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
        case ["rotate-secret", .. var settings]:
            ServiceSecret.Rotate(Settings.Read(settings).Keystore.SecretPath);
            Console.WriteLine("The secret has been rotated. Restart every instance; sessions of the present secret stay good until the next rotation.");
            return 0;
        case ["invite", .. var settings]:
            await InviteCommand.RunAsync(settings);
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
    // Standard output holds the one line that says where the service is; everything else goes to standard error.
    await using var keystore = KeystoreService.Build(settings.Keystore, logging: logging => logging
        .SetMinimumLevel(LogLevel.Information)
        .AddSimpleConsole(console => (console.SingleLine, console.ColorBehavior) = (true, LoggerColorBehavior.Disabled))
        .AddConfiguration(settings.Logging)
        .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
    await keystore.StartAsync();
    var address = keystore.Urls.First();
    Console.WriteLine($"Keystore listens on {address}, origin {settings.Keystore.Origin ?? address}");
    await keystore.WaitForShutdownAsync();
}
