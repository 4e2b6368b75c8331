using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

/// <summary>A file or standard input through the agent, or what it has, to a file or standard output.</summary>
internal static partial class Transfer
{
    public static async Task RunAsync(ParseResult parsed, string what, string? input, bool binary, AgentRequest request, CancellationToken cancellationToken)
    {
        var path = OutputOf(parsed);
        if (IsSameFile(input, path))
            throw Failure.Usage("The result would take the place of what it is made from.", "Name another file with --output OUT.");
        await FileTransfer.WriteAsync(path, binary, async output =>
        {
            await using var source = FileTransfer.OpenInput(input);
            await TransferProgress.ShowAsync(what, source, counted => AgentConnection.AskAsync(parsed.Profile(), request, counted, output, cancellationToken));
        });
        Screen.Show(new JsonObject { ["output"] = path });
    }

    /// <summary>What the agent reads for the request.</summary>
    public static async Task SaveAsync(ParseResult parsed, AgentRequest request, CancellationToken cancellationToken)
    {
        var path = OutputOf(parsed);
        await FileTransfer.WriteAsync(
            path,
            binary: true,
            output => TransferProgress.ShowWritingAsync(
                "Saving", output, counted => AgentConnection.AskAsync(parsed.Profile(), request, Stream.Null, counted, cancellationToken)));
        Screen.Show(new JsonObject { ["output"] = path });
    }

    private static string? OutputOf(ParseResult parsed) => parsed.GetValue(CommandLine.Output) is var path && Screen.IsJson && path is null or "-"
        ? throw Failure.Usage("With --json standard output is for the document.", "Name a file for the result with --output OUT.")
        : path;

    /// <summary>By whatever links and detours both are named. A second hard link is no loss: the result replaces that name alone.</summary>
    private static bool IsSameFile(string? input, string? output) =>
        input is not (null or "-") && output is not (null or "-") && File.Exists(input) && File.Exists(output)
        && (OperatingSystem.IsWindows()
            ? string.Equals(Path.GetFullPath(input), Path.GetFullPath(output), StringComparison.OrdinalIgnoreCase)
            : RealPath(input, 0) is { } real && real == RealPath(output, 0));

    /// <summary>realpath(3); with no buffer it allocates its answer, which the marshaller frees.</summary>
    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial string? RealPath(string path, nint buffer);
}
