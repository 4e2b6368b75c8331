using System.CommandLine;
using System.Runtime.InteropServices;
using Keyladder.Cli.Agent;

namespace Keyladder.Cli.Commands;

/// <summary>What <c>unlock</c> starts. Not for people, so not in the help.</summary>
internal static class AgentCommand
{
    public static Command Create()
    {
        var command = new Command("agent", "Hold the account open for other commands") { Hidden = true };
        // Not as other commands, which a closed terminal stops: it is no reason to lock; the idle time is.
        command.SetAction(async (parsed, cancellationToken) =>
        {
            AgentProcess.Detach();
            using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
            await using var agent = new AgentServer(parsed.Profile(), TimeProvider.System);
            await agent.RunAsync(Console.Out.WriteLine, cancellationToken);
        });
        return command;
    }
}
