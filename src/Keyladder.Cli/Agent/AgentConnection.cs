using System.Net.Sockets;
using System.Text.Json;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Agent;

/// <summary>A command's side of the socket: one request, its data if it has any, one answer.</summary>
internal sealed class AgentConnection : IAsyncDisposable
{
    private readonly FrameChannel _channel;

    private AgentConnection(Stream stream) => _channel = new FrameChannel(stream);

    /// <summary>Connects, or gives null where no agent listens: the account is locked.</summary>
    public static async Task<AgentConnection?> TryOpenAsync(Profile profile, CancellationToken cancellationToken) =>
        profile.ReadAgentSocket() is { } path ? await TryOpenAsync(path, cancellationToken) : null;

    /// <summary>Connects to the agent that listens there, or gives null.</summary>
    public static async Task<AgentConnection?> TryOpenAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            // A note can outlive its agent, and somebody else may listen at the place by now.
            if (!SocketPeer.IsSameUser(socket))
            {
                socket.Dispose();
                return null;
            }

            return new AgentConnection(new NetworkStream(socket, ownsSocket: true));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // The agent is gone and left its note behind; the second where the note is damaged and names no place at all.
            socket.Dispose();
            return null;
        }
    }

    public static async Task<AgentAnswer> AskAsync(Profile profile, AgentRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await TryOpenAsync(profile, cancellationToken) ?? throw Failure.Locked();
        return await connection.AskAsync(request, Stream.Null, Stream.Null, cancellationToken);
    }

    public static async Task<AgentAnswer> AskAsync(Profile profile, AgentRequest request, Stream input, Stream output, CancellationToken cancellationToken)
    {
        await using var connection = await TryOpenAsync(profile, cancellationToken) ?? throw Failure.Locked();
        return await connection.AskAsync(request, input, output, cancellationToken);
    }

    /// <summary>Sends <paramref name="input"/> and receives <paramref name="output"/> at the same time; returns when the agent has answered.</summary>
    public async Task<AgentAnswer> AskAsync(AgentRequest request, Stream input, Stream output, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var receiving = ReceiveAsync(output, stop.Token);
        var sending = SendAsync(request, input, stop.Token);
        try
        {
            // A refusal can come before everything was sent, and input that fails before anything is answered.
            if (await Task.WhenAny(receiving, sending) == sending)
                await sending;
            var answer = await receiving;
            if (answer.Told is { } told)
                Screen.Notify(told);
            return answer;
        }
        finally
        {
            await stop.CancelAsync();
            // Observed, not awaited: a read from a terminal ends when the person types.
            _ = sending.ContinueWith(static ended => _ = ended.Exception, TaskScheduler.Default);
            _ = receiving.ContinueWith(static ended => _ = ended.Exception, TaskScheduler.Default);
        }
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private async Task SendAsync(AgentRequest request, Stream input, CancellationToken cancellationToken)
    {
        var buffer = GC.AllocateArray<byte>(FrameChannel.MaxData, pinned: true);
        using var wiped = new Wiped(buffer);
        if (!await TryWriteAsync(FrameKind.Request, JsonSerializer.SerializeToUtf8Bytes(request, AgentJson.Default.AgentRequest), cancellationToken))
            return;
        int read;
        while ((read = await input.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (!await TryWriteAsync(FrameKind.Data, buffer.AsMemory(0, read), cancellationToken))
                return;
        }

        await TryWriteAsync(FrameKind.End, default, cancellationToken);
    }

    /// <returns>False if the agent listens no more; its answer, or that there is none, says why.</returns>
    private async ValueTask<bool> TryWriteAsync(FrameKind kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        try
        {
            await _channel.WriteAsync(kind, payload, cancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task<AgentAnswer> ReceiveAsync(Stream output, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (kind, payload) = await ReadAsync(cancellationToken) ?? throw Gone();
            switch (kind)
            {
                case FrameKind.Data:
                    await output.WriteAsync(payload, cancellationToken);
                    break;
                case FrameKind.Answer:
                    return AgentJson.ReadAnswer(payload);
                case FrameKind.Failure:
                    var failure = AgentJson.ReadFailure(payload);
                    throw new Failure(failure.Code, failure.What, failure.Next) { Restored = failure.Restored };
                default:
                    throw Gone();
            }
        }
    }

    private async ValueTask<(FrameKind Kind, byte[] Payload)?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _channel.ReadAsync(cancellationToken);
        }
        catch (IOException)
        {
            throw Gone();
        }
    }

    private static Failure Gone() => new(
        ExitCode.Locked, "The agent ended before it answered.", "The account may just have been locked. Run `keyladder unlock`, then the command again.");
}
