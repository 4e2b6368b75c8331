using System.CommandLine;
using Keyladder.Cli.Agent;

namespace Keyladder.Cli.Commands;

internal static class StatusCommand
{
    public static Command Create() => new Command("status", "Say whether the account is open on this device").Does(async (parsed, cancellationToken) =>
    {
        var answer = await parsed.AskAsync(new Status(), cancellationToken);
        Console.Out.WriteLine($"Unlocked: account {answer.Account} at {answer.Server}; locks after {answer.SecondsToLock / 60 + 1} more idle minutes.");
    });
}
