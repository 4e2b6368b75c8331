using System.Globalization;
using Keyladder.Hosting;
using Keyladder.Hosting.Backups;

namespace Keyladder.Server;

/// <summary>Writes, checks and restores backups. What was done goes to standard output as one line.</summary>
internal static class BackupCommands
{
    private const string Verify = "--verify", Replace = "--replace";

    /// <param name="arguments"><c>FILE</c>, perhaps <c>--verify</c>, <c>--service NAME</c>, and settings.</param>
    /// <exception cref="StartupException">They are not good, or it could not be done.</exception>
    public static async Task BackUpAsync(string[] arguments)
    {
        var (file, verify, settings) = Read(arguments, Verify);
        var service = Service.Read(settings);
        if (verify)
        {
            Console.WriteLine($"{file} is good: {Text(await service.Backups.VerifyAsync(file, TimeProvider.System))}.");
            return;
        }

        var options = service.Options;
        var written = await service.Backups.WriteAsync(options, file, TimeProvider.System);
        Console.WriteLine($"{file} is written and checked: {Text(written)}.");
        await Console.Error.WriteLineAsync($"Not in it: sessions, invitations, the configuration, and the service's secret {options.SecretPath}; after a restore on another machine, a new one is made.");
    }

    /// <param name="arguments"><c>FILE</c>, perhaps <c>--replace</c>, <c>--service NAME</c>, and settings.</param>
    /// <exception cref="StartupException">They are not good, or it could not be done.</exception>
    public static async Task RestoreAsync(string[] arguments)
    {
        var (file, replace, settings) = Read(arguments, Replace);
        var service = Service.Read(settings);
        var restored = await service.Backups.RestoreAsync(service.Options, file, replace, TimeProvider.System);
        Console.WriteLine($"{file} is restored: {Text(restored)}. Every session has ended.");
        await Console.Error.WriteLineAsync("Tell the people who use the service from when the backup is: devices that have seen more will raise an alarm and stop.");
    }

    private static (string File, bool Flag, string[] Settings) Read(string[] arguments, string flag)
    {
        var others = arguments.Where(argument => argument != flag).ToArray();
        return others is [[not '-', ..] file, .. var settings]
            ? (file, others.Length < arguments.Length, settings)
            : throw new StartupException("The backup's file is missing.", $"Write the file's name behind the command, then {flag} or settings.");
    }

    private static string Text(BackupSummary summary) =>
        string.Create(CultureInfo.InvariantCulture, $"schema {summary.Schema}, {summary.Accounts} accounts, {summary.Heads} heads, {summary.Objects} {summary.What}");
}
