using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class StatusCommand
{
    public static Command Create() => new Command("status", "Say whether the account is open on this device").Does(async (parsed, cancellationToken) =>
    {
        var answer = await parsed.AskAsync(new Status(), cancellationToken);
        var document = new JsonObject { ["account"] = answer.Account, ["server"] = answer.Server, ["secondsToLock"] = answer.SecondsToLock };
        Screen.Show(document, () =>
            Console.Out.WriteLine($"Unlocked: account {answer.Account} at {answer.Server}; locks after {answer.SecondsToLock / 60 + 1} more idle minutes."));
        // Asking would make each look a call to the service, and fail without a network.
        Screen.Say("This is what the device holds; the service was not asked. `keyladder session list` shows whether the secret still signs in.");
    });
}
