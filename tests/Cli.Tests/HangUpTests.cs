using System.Diagnostics;
using System.Net.Sockets;
using Keyladder.Cli.Profiles;

namespace Keyladder.Cli.Tests;

public sealed class HangUpTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-hang-up-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_terminal_that_closes_leaves_no_half_file_behind()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGHUP here.");
        // An agent that never answers.
        using var agent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var socket = Path.Combine(_folder.FullName, "socket");
        agent.Bind(new UnixDomainSocketEndPoint(socket));
        agent.Listen();
        var profile = new Profile(Path.Combine(_folder.FullName, "profile"));
        profile.WriteAgentSocket(socket);

        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardError = true, WorkingDirectory = _folder.FullName };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "keyladder.dll"), "decrypt", "-o", "result", "--profile", profile.Folder])
            start.ArgumentList.Add(argument);
        using var command = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        using var connection = await agent.AcceptAsync(limit.Token);
        Assert.Single(_folder.GetFiles("*.partial"));

        using (var kill = Process.Start("kill", ["-HUP", $"{command.Id}"]))
            await kill.WaitForExitAsync(limit.Token);
        await command.WaitForExitAsync(limit.Token);

        Assert.Equal((int)ExitCode.Cancelled, command.ExitCode);
        Assert.Empty(_folder.GetFiles("result*"));
    }
}
