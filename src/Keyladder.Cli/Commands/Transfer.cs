using System.CommandLine;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

/// <summary>A file or standard input through the agent to a file or standard output.</summary>
internal static class Transfer
{
    public static Task RunAsync(ParseResult parsed, string what, string? input, bool binary, AgentRequest request, CancellationToken cancellationToken) =>
        FileTransfer.WriteAsync(parsed.GetValue(CommandLine.Output), binary, async output =>
        {
            await using var source = FileTransfer.OpenInput(input);
            await TransferProgress.ShowAsync(what, source, counted => AgentConnection.AskAsync(parsed.Profile(), request, counted, output, cancellationToken));
        });
}
