using Keyladder.Soak.Processes;
using Keyladder.Soak.Runs;
using Keyladder.Testing;

namespace EndToEnd.Tests.Soak;

/// <summary>A sample of long runs (docs/soak.md) with processes as an operator runs them.</summary>
public sealed class SampleTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Theory, OnBothEngines]
    public async Task Sixteen_clients_at_once_lose_nothing_and_one_wins_each_conflict(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        Assert.Empty((await LoadRuns.ClientsAsync(database.Postgres, writes: 200, Limit, seed: 1)).Findings);
    }

    [Theory, OnBothEngines]
    public async Task A_process_that_is_killed_under_load_loses_nothing_and_nothing_is_stuck(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        Assert.Empty((await LoadRuns.KillAsync(database.Postgres, kills: 2, Limit, seed: 2)).Findings);
    }

    [Fact]
    public async Task H10_a_write_that_fails_is_said_and_loses_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "RLIMIT_FSIZE of another process is set by prlimit, which Linux has.");
        Assert.Empty((await DiskRuns.EveryWriteAsync(frames: 2, seed: 4)).Findings);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task H10_a_Vault_that_cannot_write_or_dies_at_a_write_has_the_old_state_or_the_new_one_whole(bool dies)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "RLIMIT_FSIZE of another process is set by prlimit, which Linux has.");
        Assert.Empty((await VaultRuns.EveryWriteAsync(dies, frames: dies ? 1 : 2)).Findings);
    }

    [Theory, OnBothEngines]
    public async Task H10_a_Vault_that_is_killed_meanwhile_has_the_old_state_or_the_new_one_whole(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine, "vault");
        Assert.Empty((await VaultRuns.KilledAsync(database.Postgres, times: 2, seed: 6)).Findings);
    }

    [Fact]
    public async Task H10_a_Vault_whose_disk_is_full_says_so_and_has_the_old_state_or_the_new_one_whole()
    {
        Assert.SkipUnless(await Disk.CanMountAsync(), "The small disk is mounted in a namespace, which this user may not make.");
        Assert.Empty((await VaultRuns.FullAsync(onPostgres: false, times: 1, seed: 7)).Findings);
    }

    [Theory, OnBothEngines]
    public async Task H10_a_connection_to_a_Vault_that_is_cut_at_any_byte_leaves_the_old_state_or_the_new_one_whole(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine, "vault");
        Assert.Empty((await CutRuns.RunAsync(database.Postgres, places: 4, Limit, seed: 9)).Findings);
    }

    [Theory, OnBothEngines]
    public async Task Five_devices_lose_nothing_show_the_same_and_every_conflict(Engine engine)
    {
        await using var keystore = await TestDatabase.CreateAsync(engine);
        await using var vault = await TestDatabase.CreateAsync(engine, "vault");
        Assert.Empty((await DevicesRun.RunAsync(keystore.Postgres, vault.Postgres, TimeSpan.FromSeconds(6), seed: 8)).Findings);
    }

    [Fact]
    public async Task A_primary_that_is_lost_loses_nothing_and_clients_recover_by_themselves()
    {
        Assert.SkipWhen(Engines.WhyLeftOut(Engine.Postgres) is not null, "KEYLADDER_TEST_ENGINES=sqlite leaves PostgreSQL out.");
        Assert.SkipUnless(PostgresServer.Programs is not null, "A second PostgreSQL server is made with Debian's packages.");
        Assert.Empty((await LoadRuns.FailoverAsync(failovers: 1, Limit, seed: 5)).Findings);
    }
}
