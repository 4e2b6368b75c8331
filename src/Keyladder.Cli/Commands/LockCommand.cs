using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class LockCommand
{
    public static Command Create() => new Command("lock", "Close the account on this device").Does(async (parsed, cancellationToken) =>
    {
        await using var agent = await AgentConnection.TryOpenAsync(parsed.Profile(), cancellationToken);
        if (agent is not null)
            await agent.AskAsync(new LockAccount(), Stream.Null, Stream.Null, cancellationToken);
        Screen.Show(new JsonObject { ["locked"] = true }, () => Screen.Say("Locked."));
    });
}
