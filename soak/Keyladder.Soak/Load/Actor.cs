using System.Collections.Concurrent;
using System.Globalization;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Soak.Load;

/// <summary>One client of the crowd: its own connection, pins and session, one call after the other, and every answer in the log.</summary>
internal sealed class Actor : IAsyncDisposable
{
    private readonly int number;
    private readonly HttpClient http;
    private readonly KeyladderClient client;
    private readonly SentWrites sent;
    private readonly Chance chance;
    private readonly ConcurrentDictionary<KeyId, bool> keys;
    private readonly ConcurrentQueue<LoggedWrite> log;
    private readonly ConcurrentQueue<string> findings;
    private UnlockedAccount? account;
    private int count;

    /// <param name="number">Of this client, for labels.</param>
    /// <param name="keys">What all of the crowd write to.</param>
    /// <param name="log">Takes what this one was told.</param>
    /// <param name="findings">Takes what no client should meet.</param>
    public Actor(
        int number, Instances instances, Chance chance, ConcurrentDictionary<KeyId, bool> keys, ConcurrentQueue<LoggedWrite> log, ConcurrentQueue<string> findings)
    {
        (this.number, this.chance, this.keys, this.log, this.findings) = (number, chance, keys, log, findings);
        sent = new SentWrites(instances.CreateHandler());
        http = new HttpClient(sent) { Timeout = Timeout.InfiniteTimeSpan };
        client = new KeyladderClient(Instances.Origin, new MemoryPinStore(), http) { Timeout = TimeSpan.FromSeconds(15) };
    }

    public KeyladderClient Client => client;

    /// <summary>Writes that were acknowledged so far.</summary>
    public int Acknowledged { get; private set; }

    public void Enter(UnlockedAccount unlocked) => account = unlocked;

    /// <summary>Writes until it is told to stop; the last call is finished.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
            await WriteAsync();
    }

    /// <summary>One write of any kind.</summary>
    public Task<Outcome> WriteAsync()
    {
        var known = keys.Keys.ToList();
        var label = string.Create(CultureInfo.InvariantCulture, $"{number}-{count++}");
        if (known.Count < 20 || (known.Count < 200 && chance.Next(10) < 4))
            return RunAsync(Kind.Create, null, label, KeyState.Active, async _ => (await account!.Keys.GeneratePersonalAsync(label)).Dispose());
        var id = known[chance.Next(known.Count)];
        return chance.Next(6) switch
        {
            0 or 1 or 2 => RunAsync(Kind.Rename, id, label, null, key => account!.Keys.RenameAsync(key, label)),
            3 => RunAsync(Kind.SetState, id, null, KeyState.Compromised, key => account!.Keys.SetStateAsync(key, KeyState.Compromised)),
            _ => RunAsync(Kind.Delete, id, null, null, key => account!.Keys.DeleteAsync(key)),
        };
    }

    public async ValueTask DisposeAsync()
    {
        if (account is not null)
            await account.DisposeAsync();
        client.Dispose();
        http.Dispose();
    }

    private async Task<Outcome> RunAsync(Kind kind, KeyId? id, string? label, KeyState? state, Func<KeyId, Task> write)
    {
        var outcome = Outcome.Acknowledged;
        sent.Take();
        try
        {
            await write(id ?? default);
        }
        catch (KeyladderException e)
        {
            outcome = e.Reason is FailureReason.NotFound or FailureReason.NotAllowed or FailureReason.Conflict ? Outcome.Refused : Outcome.Unanswered;
            if (outcome == Outcome.Unanswered && e.Reason != FailureReason.Unreachable)
                findings.Enqueue($"A client met {e.Reason}: {e.Message}");
        }

        var (heads, landed, put) = sent.Take();
        if (outcome == Outcome.Acknowledged && !landed)
        {
            // Another client had brought the key into this state first: there was nothing to do.
            outcome = Outcome.Refused;
            if (kind != Kind.SetState)
                findings.Enqueue($"A {kind} returned without an acknowledgement of the service.");
        }

        if (outcome == Outcome.Acknowledged)
            Acknowledged++;
        if ((id ?? put) is not { } key)
            return outcome;
        log.Enqueue(new LoggedWrite(key, kind, outcome, heads, label, state));
        if (kind == Kind.Create && outcome == Outcome.Acknowledged)
            keys[key] = true;
        if (kind == Kind.Delete && outcome == Outcome.Acknowledged)
            keys.TryRemove(key, out _);
        if (outcome == Outcome.Refused)
            keys.TryRemove(key, out _); // deleted by another, or fought for: others are there
        if (outcome == Outcome.Unanswered)
            await Task.Delay(50); // as an app that shows the failure and is asked again
        return outcome;
    }
}
