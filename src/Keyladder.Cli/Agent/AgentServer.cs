using System.Net.Sockets;
using System.Text.Json;
using Keyladder.Cli.Profiles;

namespace Keyladder.Cli.Agent;

/// <summary>The agent: listens on a socket in a folder only its owner can enter, serves one request a connection, and ends when it is locked or idle.</summary>
internal sealed class AgentServer(Profile profile, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan UnlockWait = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RequestWait = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly OpenAccount _account = new(profile);
    private ITimer? _idle;
    private TimeSpan _lockAfter = UnlockWait;
    private long _lastUse;
    private long _lastUseTicks;
    private int _busy;
    private string _path = "";

    /// <param name="announce">Hears where the agent listens. The profile's note names it only once it has opened an account: until then another one may be in use.</param>
    public async Task RunAsync(Action<string> announce, CancellationToken cancellationToken)
    {
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        // mkdtemp gives mode 0700; the profile's note says where it is. A path in the profile could be too long for a socket.
        var folder = Directory.CreateTempSubdirectory("keyladder-");
        _path = Path.Combine(folder.FullName, "agent");
        try
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(_path));
            listener.Listen();
            announce(_path);
            Used();
            _idle = time.CreateTimer(_ => LockIfIdle(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
            while (!stopped.IsCancellationRequested)
                _ = ServeAsync(await listener.AcceptAsync(stopped.Token), stopped.Token);
        }
        catch (OperationCanceledException)
        {
            // Locked, idle or told to stop: the account closes below.
        }
        finally
        {
            RemoveNote();
            folder.Delete(recursive: true);
            await _account.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_idle is not null)
            await _idle.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        if (!SocketPeer.IsSameUser(socket))
        {
            socket.Dispose();
            return;
        }

        // What moves is use; a connection that is open and still is not: else one forgotten command would keep the account open for ever. Who asks
        // whether it is open does not use it: else a shell that shows that would.
        var isUse = false;
        await using var channel = new FrameChannel(new NetworkStream(socket, ownsSocket: true), () =>
        {
            if (isUse)
                Used();
        });
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(RequestWait);
            if (await channel.ReadAsync(limit.Token) is not (FrameKind.Request, var payload))
                return;
            var request = AgentJson.ReadRequest(payload);
            if (isUse = request is not Status)
                Used();
            await AnswerAsync(channel, request, cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidDataException)
        {
            // The command went away, was silent or spoke nonsense: its loss, nobody to tell.
        }
    }

    private async Task AnswerAsync(FrameChannel channel, AgentRequest request, CancellationToken cancellationToken)
    {
        var end = request is LockAccount;
        try
        {
            await using var input = new IncomingData(channel);
            await using var output = new OutgoingData(channel);
            if (end)
            {
                // Before the answer: whoever has read it finds the account locked.
                RemoveNote();
                await _account.DisposeAsync();
            }

            var answer = await DoAsync(request, input, output, cancellationToken);
            if (request is Unlock unlock)
            {
                _lockAfter = TimeSpan.FromSeconds(unlock.LockAfterSeconds);
                profile.WriteAgentSocket(_path);
            }

            await channel.WriteAsync(FrameKind.Answer, JsonSerializer.SerializeToUtf8Bytes(answer, AgentJson.Default.AgentAnswer), cancellationToken);
        }
        catch (Exception e) when (Failures.From(e) is { } failure)
        {
            // An agent that could not unlock, and has nothing open from before, has nothing to hold.
            end |= request is Unlock && !_account.IsOpen;
            var answer = new AgentFailure(failure.Code, failure.Message, failure.Next, failure.Restored);
            await channel.WriteAsync(FrameKind.Failure, JsonSerializer.SerializeToUtf8Bytes(answer, AgentJson.Default.AgentFailure), CancellationToken.None);
        }
        finally
        {
            if (end)
                await _stop.CancelAsync();
        }
    }

    /// <summary>Work that waits for nothing but the service is not cut off by the idle time: it ends by the time limits of its calls.</summary>
    private async Task<AgentAnswer> DoAsync(AgentRequest request, Stream input, Stream output, CancellationToken cancellationToken)
    {
        var waitsForCommand = request is Unlock or Encrypt or Decrypt or Sign or ExportPrivateKey or SendRequest or PutItem or CreateVault or Attach or ReadAttachment
            or ReadSharedAttachment or AcceptInvitation;
        if (!waitsForCommand)
            Interlocked.Increment(ref _busy);
        try
        {
            return await _account.DoAsync(request, input, output, SecondsToLock, cancellationToken);
        }
        finally
        {
            if (!waitsForCommand)
                Interlocked.Decrement(ref _busy);
        }
    }

    private void RemoveNote()
    {
        if (profile.ReadAgentSocket() == _path)
            profile.RemoveAgentSocket();
    }

    /// <summary>By the wall clock too: the other one stands still while the machine sleeps.</summary>
    private int SecondsToLock()
    {
        var idle = time.GetElapsedTime(Interlocked.Read(ref _lastUse));
        var wall = time.GetUtcNow() - new DateTimeOffset(Interlocked.Read(ref _lastUseTicks), TimeSpan.Zero);
        return (int)(_lockAfter - (wall > idle ? wall : idle)).TotalSeconds;
    }

    private void Used()
    {
        Interlocked.Exchange(ref _lastUse, time.GetTimestamp());
        Interlocked.Exchange(ref _lastUseTicks, time.GetUtcNow().UtcTicks);
    }

    private void LockIfIdle()
    {
        if (Volatile.Read(ref _busy) == 0 && SecondsToLock() <= 0)
            _stop.Cancel();
    }
}
