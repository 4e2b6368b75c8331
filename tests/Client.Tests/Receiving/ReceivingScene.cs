using System.Collections.Concurrent;
using System.Diagnostics;
using Keyladder.Client.Tests.Vaults;
using Keyladder.Cryptography;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Receiving;

/// <summary>A hostile Keystore and a hostile Vault; Alice and Bob have a relationship each with an application, which has a key file.</summary>
public sealed class ReceivingScene : IAsyncLifetime
{
    public const string Terms = "For payouts only.";

    private readonly List<VaultOwner> _people = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-receiving-");

    public HostileKeystore Keystore { get; } = new();

    public HostileVault Vault { get; } = new();

    public Client.Vault Alice { get; private set; } = null!;

    public Client.Vault Bob { get; private set; } = null!;

    /// <summary>The application's, as its operator has it open.</summary>
    public Client.Vault Operator { get; private set; } = null!;

    public string KeyFile => Path.Combine(_folder.FullName, "worker.key");

    public string State => Path.Combine(_folder.FullName, "state");

    public async ValueTask InitializeAsync()
    {
        await Keystore.InitializeAsync();
        await Vault.InitializeAsync();
        (Alice, Bob) = (await NewPersonAsync(), await NewPersonAsync());
        Operator = await NewPersonAsync();
        await using (var account = await _people[^1].UnlockAsync())
            await account.UnlockMethods.AddKeyFileAsync(KeyFile, Cancellation);
        await ConnectAsync(Alice, "Alice", Operator, "worker");
        await ConnectAsync(Bob, "Bob", Operator, "worker");
    }

    public RunningReceiver Start(Func<HeldShare, bool>? mayAccept = null, Func<ReceivedShare, Task>? receive = null, TimeProvider? time = null) =>
        new(KeyFile, State, mayAccept, receive, time);

    /// <summary>A person shares a new item with the application.</summary>
    public static async Task<GivenShare> ShareAsync(Client.Vault person, string? terms = null, DateOnly? expires = null)
    {
        var bank = (await person.PutAsync(ItemDraft.New("Bank", "account").With(ItemAttribute.Text("iban", "DE01")), Cancellation)).Id;
        return (await person.Relationships.ShareAsync([(await WithAsync(person, "worker")).Id], bank, terms: new ShareTerms(terms, expires), cancellationToken: Cancellation))[0];
    }

    /// <summary>The private key that Bob has with the application: what his own bent client could do with it.</summary>
    internal async Task<RelationshipKey> BobsKeyAsync()
    {
        var account = await _people[1].UnlockAsync();
        return account.Keys.Unwrap<RelationshipKey>(await account.Keys.GetAsync((await WithAsync(Bob, "worker")).Item.State.Keys[0], Cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        Keystore.TellTheTruth();
        Vault.TellTheTruth();
        foreach (var person in _people)
            await person.DisposeAsync();
        await Vault.DisposeAsync();
        await Keystore.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<Client.Vault> NewPersonAsync()
    {
        _people.Add(new VaultOwner(Keystore.Proxy.Address, Vault.Proxy.Address));
        return await _people[^1].CreateAsync();
    }
}

/// <summary>A receiver that runs, and what came of it.</summary>
public sealed class RunningReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    public RunningReceiver(string keyFile, string state, Func<HeldShare, bool>? mayAccept, Func<ReceivedShare, Task>? receive, TimeProvider? time)
    {
        var receiver = new ShareReceiver(keyFile, state)
        {
            Receive = async (share, _) =>
            {
                if (receive is not null)
                    await receive(share);
                Received.Enqueue((share.Relationship, share.Id, share.Number));
            },
            Forget = (share, _) =>
            {
                Forgotten.Enqueue((share.Relationship, share.Id));
                return Task.CompletedTask;
            },
            Tell = Told.Enqueue,
            Pause = TimeSpan.FromMilliseconds(200),
            Time = time,
            MayAccept = mayAccept ?? (_ => false),
        };
        _run = receiver.RunAsync(_stop.Token);
    }

    public ConcurrentQueue<(RelationshipId Relationship, ShareId Id, long Number)> Received { get; } = [];

    public ConcurrentQueue<(RelationshipId Relationship, ShareId Id)> Forgotten { get; } = [];

    public ConcurrentQueue<Exception> Told { get; } = [];

    /// <summary>The share as it is after its last change.</summary>
    public Task ReceivesAsync(GivenShare share) => SeesAsync(() => Received.Any(each => (each.Id, each.Number) == (share.Id, share.Statement.Number)));

    /// <summary>What somebody has given, where others have given something of the same id.</summary>
    /// <param name="relationship">As the application knows it.</param>
    public Task ReceivesAsync(RelationshipId relationship, ShareId share, long number) => SeesAsync(() => Received.Contains((relationship, share, number)));

    public Task ForgetsAsync(GivenShare share) => SeesAsync(() => Forgotten.Any(each => each.Id == share.Id));

    public Task TellsAsync(Func<Exception, bool> what) => SeesAsync(() => Told.Any(what));

    /// <summary>Stops it as an application does.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<T> EndsAsync<T>()
        where T : Exception
    {
        await SeesAsync(() => _run.IsCompleted, mayEnd: true);
        return await Assert.ThrowsAnyAsync<T>(() => _run);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task SeesAsync(Func<bool> seen, bool mayEnd = false)
    {
        for (var begun = Stopwatch.GetTimestamp(); !seen(); await Task.Delay(20, Cancellation))
        {
            if (_run.IsCompleted && !mayEnd && !seen())
                await _run;
            Assert.True(Stopwatch.GetElapsedTime(begun) < Patience, $"It does not come. Received: {string.Join(", ", Received)}; told: {string.Join('\n', Told.Select(told => told.Message))}");
        }
    }
}
