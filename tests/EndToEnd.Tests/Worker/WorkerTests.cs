using Keyladder.Client;
using Keyladder.Testing;

namespace Keyladder.EndToEnd.Tests.Worker;

/// <summary>An application as a process of its own, from its key file: what a person shares with it, updates and takes back.</summary>
public sealed class WorkerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<Engine, bool> WhoInvites => Engines.With(true, false);

    [Theory, MemberData(nameof(WhoInvites))]
    public async Task A_worker_receives_accepts_and_acknowledges_what_is_shared_and_forgets_what_is_taken_back(Engine engine, bool applicationInvites)
    {
        await using var scene = await WorkerScene.BeginAsync(engine);
        await using var worker = scene.StartWorker();
        await worker.SaysAsync("started");
        await scene.ConnectAsync(applicationInvites);

        var share = await scene.ShareAsync();
        var number = await worker.SaysNumberAsync($"paid out for share {share.Id}");
        share = await scene.HearsAsync(share.Id, given => given is { IsAccepted: true, IsRead: true });
        share = await scene.UpdateAsync(share, "DE02500105170137075030");
        await worker.SaysAsync($"paid out for share {share.Id}, number {number + 1}");
        share = await scene.HearsAsync(share.Id, given => given is { IsAccepted: true, IsRead: true });
        await scene.Alice.Relationships.RevokeAsync(share, Cancellation);
        await worker.SaysAsync($"forgot share {share.Id}");

        Assert.Equal(0, await worker.TerminateAsync());
        Assert.Contains("stopped", worker.Output);
        Assert.Empty(worker.Errors);
        Assert.DoesNotContain(worker.Output, line => line.Contains("DE02", StringComparison.Ordinal));
        Assert.DoesNotContain(Directory.GetFiles(scene.State, "*", SearchOption.AllDirectories), file => File.ReadAllText(file).Contains("DE02", StringComparison.Ordinal));
    }

    [Theory, OnBothEngines]
    public async Task Nothing_is_lost_where_the_worker_is_killed_and_nothing_is_paid_twice(Engine engine)
    {
        await using var scene = await WorkerScene.BeginAsync(engine);
        GivenShare first;
        long number;
        await using (var worker = scene.StartWorker())
        {
            await scene.ConnectAsync(applicationInvites: true);
            first = await scene.ShareAsync();
            number = await worker.SaysNumberAsync($"paid out for share {first.Id}");
            await worker.KillAsync();
        }

        // While it is down one is new, one is updated.
        var second = await scene.ShareAsync(terms: null);
        first = await scene.UpdateAsync(first, "DE02500105170137075030");
        await using (var worker = scene.StartWorker())
        {
            var updated = await worker.SaysNumberAsync($"paid out for share {first.Id}");
            Assert.True(updated > number);
            number = updated;
            await worker.SaysNumberAsync($"paid out for share {second.Id}");
            await worker.KillAsync();
        }

        // It has nothing in memory now, and gets all of it again; one that was taken back meanwhile it does not.
        await scene.Alice.Relationships.RevokeAsync(second, Cancellation);
        await using (var worker = scene.StartWorker())
        {
            await worker.SaysAsync($"ready for share {first.Id}, number {number}");
            Assert.Equal(0, await worker.TerminateAsync());
            Assert.DoesNotContain(worker.Output, line => line.StartsWith("paid", StringComparison.Ordinal));
            Assert.DoesNotContain(worker.Output, line => line.Contains(second.Id.ToString(), StringComparison.Ordinal));
        }
    }

    [Theory, OnBothEngines]
    public async Task Terms_that_its_operator_has_not_allowed_are_not_accepted_and_what_is_under_them_not_opened(Engine engine)
    {
        await using var scene = await WorkerScene.BeginAsync(engine);
        await using var worker = scene.StartWorker();
        await scene.ConnectAsync(applicationInvites: true);

        var blocked = await scene.ShareAsync("You may pass it on to everybody.");
        var withAlice = Assert.Single(await scene.OperatorsVault.Relationships.ListAsync(Cancellation)).Id;
        await worker.TellsAsync($"Share {blocked.Id} in relationship {withAlice} has terms that this application may not accept");
        var allowed = await scene.ShareAsync();
        await worker.SaysNumberAsync($"paid out for share {allowed.Id}");
        await scene.HearsAsync(allowed.Id, given => given.IsRead);

        var given = (await scene.Alice.Relationships.ListGivenAsync(Cancellation)).Single(share => share.Id == blocked.Id);
        Assert.False(given.IsAccepted);
        Assert.False(given.IsRead);
        Assert.DoesNotContain(worker.Output, line => line.Contains(blocked.Id.ToString(), StringComparison.Ordinal));
    }

    [Theory, OnBothEngines]
    public async Task Two_workers_with_one_key_file_both_get_everything(Engine engine)
    {
        await using var scene = await WorkerScene.BeginAsync(engine);
        await using var one = scene.StartWorker();
        await using var other = scene.StartWorker();
        await scene.ConnectAsync(applicationInvites: true);

        var shares = new List<GivenShare>();
        for (var count = 0; count < 3; count++)
            shares.Add(await scene.ShareAsync());
        foreach (var share in shares)
        {
            // Each has a list of its own of what it paid for: what both must not do twice belongs into one table of theirs.
            await one.SaysNumberAsync($"paid out for share {share.Id}");
            await other.SaysNumberAsync($"paid out for share {share.Id}");
            await scene.HearsAsync(share.Id, given => given is { IsAccepted: true, IsRead: true });
        }

        await scene.Alice.Relationships.RevokeAsync(shares[0], Cancellation);
        await one.SaysAsync($"forgot share {shares[0].Id}");
        await other.SaysAsync($"forgot share {shares[0].Id}");
        Assert.Empty(one.Errors);
        Assert.Empty(other.Errors);
        Assert.Equal(3, (await scene.OperatorsVault.Relationships.ListHeldAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task A_worker_without_a_key_file_has_not_started()
    {
        var nowhere = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var worker = WorkerProcess.Start(nowhere, nowhere);
        Assert.Equal(1, await worker.EndsAsync());
        Assert.Contains(worker.Errors, line => line.Contains($"There is no key file {nowhere}.", StringComparison.Ordinal));
        Assert.DoesNotContain("started", worker.Output);
    }

    [Theory, OnBothEngines]
    public async Task A_worker_whose_device_was_removed_ends_and_goes_on_with_the_next_key_file(Engine engine)
    {
        await using var scene = await WorkerScene.BeginAsync(engine);
        await using var worker = scene.StartWorker();
        await scene.ConnectAsync(applicationInvites: true);
        var share = await scene.ShareAsync();
        var number = await worker.SaysNumberAsync($"paid out for share {share.Id}");

        // Replaced in time: the old file opens nothing any more, and the one in its place is taken.
        File.Delete(scene.KeyFile);
        var next = await scene.Operator.UnlockMethods.AddKeyFileAsync(scene.KeyFile, Cancellation);
        await scene.Operator.UnlockMethods.RemoveAsync(scene.Device.Id, Cancellation);
        share = await scene.UpdateAsync(share, "DE02500105170137075030");
        await worker.SaysAsync($"paid out for share {share.Id}, number {number + 1}");

        await scene.Operator.UnlockMethods.RemoveAsync(next.Id, Cancellation);
        Assert.Equal(1, await worker.EndsAsync());
        Assert.Contains(worker.Errors, line => line.Contains("The key file is whole, and no account at", StringComparison.Ordinal));
    }
}
