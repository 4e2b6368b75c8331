using System.Net.Sockets;
using System.Text.Json;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>A connection on which nothing moves keeps no account open.</summary>
public sealed class StillConnectionTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-still-");
    private readonly MovableTime _time = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_idle_lock_comes_in_spite_of_a_connection_that_is(bool stalledInItsRequest)
    {
        var profile = new Profile(_folder.FullName);
        await using var agent = new AgentServer(profile, _time);
        var running = Task.Run(() => agent.RunAsync(profile.WriteAgentSocket, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        await using var channel = new FrameChannel(await ConnectAsync(profile));
        if (stalledInItsRequest)
        {
            // The secret that should follow does not.
            var request = JsonSerializer.SerializeToUtf8Bytes(new Unlock("http://127.0.0.1:1", 0, 60), AgentJson.Default.AgentRequest);
            await channel.WriteAsync(FrameKind.Request, request, TestContext.Current.CancellationToken);
        }

        // Connections are accepted one after the other: the first one is being served when this one has its answer.
        await Assert.ThrowsAsync<Failure>(() => AgentConnection.AskAsync(profile, new Status(), TestContext.Current.CancellationToken));

        await MoveTimeUntilAsync(running);
        Assert.True(running.IsCompletedSuccessfully);
        Assert.Null(profile.ReadAgentSocket());
    }

    [Fact]
    public async Task A_connection_that_asks_nothing_is_closed()
    {
        var profile = new Profile(_folder.FullName);
        await using var agent = new AgentServer(profile, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = Task.Run(() => agent.RunAsync(profile.WriteAgentSocket, stop.Token), stop.Token);
        await using var connection = await ConnectAsync(profile);

        Assert.Equal(0, await connection.ReadAsync(new byte[1], stop.Token).AsTask().WaitAsync(Patience, stop.Token));
        Assert.False(running.IsCompleted);

        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Every_frame_that_moves_is_told()
    {
        var moved = 0;
        using var wire = new MemoryStream();
        await using var channel = new FrameChannel(wire, () => moved++);
        await channel.WriteAsync(FrameKind.Data, new byte[3], TestContext.Current.CancellationToken);
        wire.Position = 0;
        Assert.NotNull(await channel.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, moved);
        Assert.Null(await channel.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, moved);
    }

    private async Task MoveTimeUntilAsync(Task ended)
    {
        for (var tries = 0; tries < 60 && !ended.IsCompleted; tries++)
        {
            _time.Move(TimeSpan.FromMinutes(3));
            await Task.WhenAny(ended, Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));
        }
    }

    private static async Task<NetworkStream> ConnectAsync(Profile profile)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (profile.ReadAgentSocket() is null)
            await Task.Delay(20, limit.Token);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(profile.ReadAgentSocket()!), limit.Token);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
