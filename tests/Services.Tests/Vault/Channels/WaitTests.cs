using System.Net;
using System.Threading.Channels;
using Keyladder.Hosting.Admissions;
using Keyladder.Protocol;
using Keyladder.Testing;
using Keyladder.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Services.Tests.Client;

namespace Services.Tests.Vault.Channels;

/// <summary>Long polling: what ends a wait, and when a call does not wait.</summary>
public sealed class WaitTests
{
    [Theory, OnBothEngines]
    public async Task Who_waits_is_told_as_soon_as_there_is_a_letter(Engine engine)
    {
        await using var vault = await WatchedVault.StartAsync(engine);
        var (alice, guest) = (vault.Alice, await vault.Alice.InviteAsync());
        var first = await alice.GiveAsync(guest);
        Assert.Equal(first.Id, Assert.Single(await guest.ReadAsync(wait: 30)).Id);

        var phone = await alice.AtAnotherDeviceAsync();
        var waiting = phone.ReceivedAsync(wait: 30);
        await vault.Time.WaitsAsync(1);
        var left = await guest.LeaveAsync();
        Assert.Equal(left, Assert.Single(await waiting).Id);

        // Not by a letter that was there before.
        var looking = guest.ReadAsync(after: 1, wait: 30);
        await vault.Time.WaitsAsync(1);
        await alice.LandAsync(alice.WriteChannels(letters: [first with { Sealed = [1] }]));
        Assert.Equal((first.Id, 2L), Assert.Single(await looking) is var found ? (found.Id, found.Number) : default);
    }

    [Theory, OnBothEngines]
    public async Task A_wait_ends_without_a_letter_and_is_at_most_30_seconds(Engine engine)
    {
        await using var vault = await WatchedVault.StartAsync(engine);
        var guest = await vault.Alice.InviteAsync();
        Assert.Empty(await guest.ReadAsync(wait: 1));
        Assert.Empty(await vault.Alice.ReceivedAsync(wait: 1));
        foreach (var query in new[] { "wait=31", "wait=-1", "wait=01", "wait=planted", "wait=", "after=-1", "after=planted", "wait=1&wait=1" })
        {
            (await guest.SendAsync(Request.Get($"/v1/channel?{query}"))).IsProblem(ProblemTypes.MalformedRequest);
            (await vault.Alice.SendAsync(Request.Get($"/v1/letters?{query}"))).IsProblem(ProblemTypes.MalformedRequest);
        }
    }

    [Theory, OnBothEngines]
    public async Task A_wait_ends_with_the_channel_or_the_session(Engine engine)
    {
        await using var vault = await WatchedVault.StartAsync(engine);
        var (alice, guest) = (vault.Alice, await vault.Alice.InviteAsync());
        var phone = await alice.AtAnotherDeviceAsync();
        var (looking, waiting) = (guest.SendReadAsync(wait: 30), phone.SendAsync(Request.Get("/v1/letters?wait=30")));
        await vault.Time.WaitsAsync(2);
        await alice.LandAsync(alice.WriteChannels([new(guest.Channel)]));
        (await alice.SendAsync(Request.Delete($"/v1/sessions/{phone.Session.KeyId.Session}"))).Is(HttpStatusCode.NoContent);
        (await looking).IsProblem(ProblemTypes.SignInRequired);
        (await waiting).IsProblem(ProblemTypes.SignInRequired);
    }

    // Here no timer ever fires: only what is tested can end the wait.
    [Theory, OnBothEngines]
    public async Task A_service_that_stops_answers_those_who_wait(Engine engine)
    {
        await using var vault = await WatchedVault.StartAsync(engine);
        var guest = await vault.Alice.InviteAsync();
        vault.Time.StopTimers();
        var (looking, waiting) = (guest.ReadAsync(wait: 30), vault.Alice.ReceivedAsync(wait: 30));
        await vault.Time.WaitsAsync(2);
        await vault.StopAsync();
        Assert.Empty(await looking);
        Assert.Empty(await waiting);
    }

    [Theory, OnBothEngines]
    public async Task Who_hangs_up_waits_no_more(Engine engine)
    {
        await using var vault = await WatchedVault.StartAsync(engine);
        var guest = await vault.Alice.InviteAsync();
        vault.Time.StopTimers();
        var request = Request.Get("/v1/channel?wait=30").SignedBy(guest, vault.Alice.Now);
        using (var hungUp = new HttpClient { BaseAddress = guest.Service.Http.BaseAddress })
        {
            var looking = request.SendAsync(hungUp);
            await vault.Time.WaitsAsync(1);
            hungUp.CancelPendingRequests();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => looking);
        }

        for (var look = 0; look < 3_000 && !IsSaid(); look++)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.True(IsSaid());

        bool IsSaid() => vault.Logs.Lines.Any(line => line.Contains("GetChannel answered 499", StringComparison.Ordinal));
    }

    [Theory, OnBothEngines]
    public async Task One_guest_or_account_does_not_wait_more_often_than_it_may_and_holds_no_connection(Engine engine)
    {
        const int atOnce = 16;
        await using var vault = await WatchedVault.StartAsync(engine, connections: 4);
        var (alice, guest, other) = (vault.Alice, await vault.Alice.InviteAsync(), await vault.Alice.InviteAsync());
        vault.Time.StopTimers();
        var waits = Enumerable.Range(0, atOnce).SelectMany(_ => new Task[] { guest.ReadAsync(wait: 30), alice.ReceivedAsync(wait: 30) }).ToList();
        await vault.Time.WaitsAsync(2 * atOnce);
        Assert.Empty(await guest.ReadAsync(wait: 30));
        Assert.Empty(await alice.ReceivedAsync(wait: 30));
        waits.Add(other.ReadAsync(wait: 30));
        await vault.Time.WaitsAsync(1);
        Assert.All(waits, wait => Assert.False(wait.IsCompleted));
        await alice.GiveAsync(guest);
        await vault.StopAsync();
        await Task.WhenAll(waits);
    }

    /// <summary>Says when a call begins to wait, and can let it wait for ever.</summary>
    private sealed class WatchedTime : TimeProvider
    {
        private readonly Channel<bool> begun = Channel.CreateUnbounded<bool>();
        private volatile bool stopped;

        public void StopTimers() => stopped = true;

        public async Task WaitsAsync(int calls)
        {
            for (var call = 0; call < calls; call++)
                await begun.Reader.ReadAsync(TestContext.Current.CancellationToken);
        }

        // Nothing else in a service waits for half a second.
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var isWait = dueTime == TimeSpan.FromMilliseconds(500);
            if (isWait)
                begun.Writer.TryWrite(true);
            return base.CreateTimer(callback, state, isWait && stopped ? Timeout.InfiniteTimeSpan : dueTime, period);
        }
    }

    private sealed class WatchedVault : IAsyncDisposable
    {
        private TestDatabase database = null!;
        private WebApplication application = null!;
        private RunningService service = null!;

        public WatchedTime Time { get; } = new();

        public CapturedLogs Logs { get; } = new();

        public VaultPerson Alice { get; private set; } = null!;

        /// <param name="connections">To the database, where they are counted.</param>
        public static async Task<WatchedVault> StartAsync(Engine engine, int connections = 100)
        {
            var vault = new WatchedVault { database = await TestDatabase.CreateAsync(engine, "vault") };
            var options = new VaultOptions
            {
                Urls = "http://127.0.0.1:0",
                Data = vault.database.Folder.FullName,
                Database = vault.database.Postgres is { } postgres ? $"{postgres};Maximum Pool Size={connections}" : null,
                SignUp = SignUpRule.Open,
            };
            vault.application = VaultService.Build(options, vault.Time, logging => logging.ClearProviders().AddProvider(vault.Logs).SetMinimumLevel(LogLevel.Trace));
            await vault.application.StartAsync(TestContext.Current.CancellationToken);
            var address = new Uri(vault.application.Urls.Single());
            vault.service = RunningService.At(address, address.GetLeftPart(UriPartial.Authority));
            vault.Alice = await VaultPerson.SignedUpAsync(vault.service);
            return vault;
        }

        public Task StopAsync() => application.StopAsync(TestContext.Current.CancellationToken);

        public async ValueTask DisposeAsync()
        {
            await service.DisposeAsync();
            await application.StopAsync(CancellationToken.None); // or who still waits would be waited for
            await application.DisposeAsync();
            await database.DisposeAsync();
            Logs.Dispose();
        }
    }
}
