using System.Collections.Concurrent;
using System.Globalization;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Soak.Load;

/// <summary>Clients of one account that write at once, and what they were told.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    /// <summary>In which each client must have got a write through after whatever was broken is whole again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly UnlockSecret words = UnlockSecret.FromWords(Words.Generate());
    private readonly ConcurrentDictionary<KeyId, bool> keys = [];
    private readonly ConcurrentQueue<LoggedWrite> log = [];
    private readonly ConcurrentQueue<string> findings = [];
    private readonly List<Actor> actors;
    private readonly Instances instances;
    private CancellationTokenSource? running;
    private Task ended = Task.CompletedTask;

    private Crowd(Instances instances, int clients, ulong seed)
    {
        this.instances = instances;
        actors = [.. Enumerable.Range(0, clients).Select(number => new Actor(number, instances, new Chance(seed + ((ulong)number << 32)), keys, log, findings))];
    }

    public IReadOnlyList<Actor> Actors => actors;

    public int Acknowledged => actors.Sum(actor => actor.Acknowledged);

    /// <summary>The first client signs up, all others unlock.</summary>
    public static async Task<Crowd> GatherAsync(Instances instances, int clients, ulong seed)
    {
        var crowd = new Crowd(instances, clients, seed);
        crowd.actors[0].Enter(await crowd.actors[0].Client.SignUpAsync(crowd.words));
        await Parallel.ForEachAsync(
            crowd.actors.Skip(1),
            async (actor, cancellation) => actor.Enter(await actor.Client.Account().UnlockAsync(crowd.words, cancellation)));
        return crowd;
    }

    public void Start()
    {
        running = new CancellationTokenSource();
        ended = Task.WhenAll(actors.Select(actor => Task.Run(() => actor.RunAsync(running.Token))));
    }

    /// <summary>Ends the writing; calls that are under way are finished.</summary>
    public async Task StopAsync()
    {
        await running!.CancelAsync();
        await ended;
        running.Dispose();
    }

    /// <summary>Until as many writes as there are clients have got through, whoever's they are.</summary>
    public async Task<bool> GoOnAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        for (var goal = Acknowledged + actors.Count; Acknowledged < goal; await Task.Delay(20))
        {
            if (patience.IsCancellationRequested || ended.IsCompleted)
            {
                findings.Enqueue("Everybody is stuck.");
                return false;
            }
        }

        return true;
    }

    /// <summary>Until every client has got a write through that began after this call did. Else it is a finding that something is stuck.</summary>
    public async Task<bool> GetThroughAsync()
    {
        // Two more: the first may have been answered before.
        var goals = actors.Select(actor => (Actor: actor, Goal: actor.Acknowledged + 2)).ToList();
        using var patience = new CancellationTokenSource(Patience);
        while (goals.Any(goal => goal.Actor.Acknowledged < goal.Goal))
        {
            if (patience.IsCancellationRequested || ended.IsCompleted)
            {
                findings.Enqueue(string.Create(
                    CultureInfo.InvariantCulture, $"{goals.Count(goal => goal.Actor.Acknowledged < goal.Goal)} clients are stuck: no write got through in {Patience.TotalSeconds} s."));
                return false;
            }

            await Task.Delay(20);
        }

        return true;
    }

    /// <summary>Compares what is there with what was promised. Nobody may be writing.</summary>
    /// <param name="readHeads">Reads the history from the service's database.</param>
    public async Task<IReadOnlyList<string>> CheckAsync(Func<Task<IReadOnlyDictionary<long, string>>> readHeads)
    {
        using var http = new HttpClient(instances.CreateHandler());
        using var client = new KeyladderClient(Instances.Origin, new MemoryPinStore(), http);
        await using var account = await client.Account().UnlockAsync(words);
        var there = await account.Keys.ListAsync();
        foreach (var damaged in (await account.ExamineAsync()).Where(finding => !finding.IsGood))
            findings.Enqueue($"The account is damaged: {damaged}");
        return [.. findings, .. Checker.Check(log, new Remains(there.ToDictionary(key => key.Id, key => (key.Label, key.State)), await readHeads()))];
    }

    /// <summary>What the clients were told, in one line.</summary>
    public string Figures()
    {
        var sent = log.Sum(write => write.Heads.Count);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{log.Count} writes: {Count(Outcome.Acknowledged)} acknowledged, {Count(Outcome.Refused)} refused, {Count(Outcome.Unanswered)} unanswered; {sent} heads sent, {sent - Count(Outcome.Acknowledged)} of them lost or unanswered");

        int Count(Outcome outcome) => log.Count(write => write.Outcome == outcome);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var actor in actors)
            await actor.DisposeAsync();
        words.Dispose();
    }
}
