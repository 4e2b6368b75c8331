using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Keyladder.Cli.Profiles;

namespace Keyladder.Cli.Agent;

/// <summary>Starts the agent as a process of its own, which outlives the command and its terminal.</summary>
internal static partial class AgentProcess
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(20);

    /// <summary>Starts an agent that has nothing open yet and waits until it listens. No other command finds it before it has opened an account.</summary>
    public static async Task<AgentConnection> StartAsync(Profile profile, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo
        {
            FileName = Environment.ProcessPath!,
            UseShellExecute = false,
            // Pipes of our own, so that the agent holds nothing of the caller's open.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = profile.Folder,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        start.ArgumentList.Add("agent");
        start.ArgumentList.Add("--profile");
        start.ArgumentList.Add(profile.Folder);
        // The runtime's diagnostic socket would let any process of the person dump the agent or load code into it.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using var process = Process.Start(start)!;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartTime);
        try
        {
            if (await process.StandardOutput.ReadLineAsync(limit.Token) is { } path && await AgentConnection.TryOpenAsync(path, cancellationToken) is { } connection)
                return connection;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It took too long; said below.
        }

        if (!process.HasExited)
            process.Kill();
        throw new Failure(ExitCode.Unexpected, "The agent did not start.", "Run `keyladder agent` in this terminal to see why.");
    }

    /// <summary>Leaves the terminal's session, so that closing it does not end the agent, and keeps other processes of the person out of its memory.</summary>
    public static void Detach()
    {
        if (OperatingSystem.IsWindows())
            return;
        _ = SetSession();
        if (OperatingSystem.IsLinux())
            _ = ProcessControl(SetDumpable, 0, 0, 0, 0);
    }

    /// <summary>prctl(2): no core dump, no ptrace by processes of the same user.</summary>
    private const int SetDumpable = 4;

    [LibraryImport("libc", EntryPoint = "setsid")]
    private static partial int SetSession();

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);
}
