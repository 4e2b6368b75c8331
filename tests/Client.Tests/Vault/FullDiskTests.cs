using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Keyladder.Keys.Vault;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>
/// A device whose disk takes a record of its copy not at all, or in part: files of this process may grow no further then (setrlimit(2), RLIMIT_FSIZE), those of other tests
/// neither, so that none runs beside these.
/// </summary>
[Collection(Alone)]
public sealed class FullDiskTests(OfflineScene scene) : IClassFixture<OfflineScene>
{
    private const string Alone = "Files of this process are limited";
    private const PosixSignal FileTooLarge = (PosixSignal)25; // SIGXFSZ, which ends who has not asked for it

    // For a record: nothing, a part of its length, that alone, and with parts of its envelope.
    public static TheoryData<int> Room => [0, 4, 8, 100, 1_000];

    [Theory, MemberData(nameof(Room))]
    public async Task H10_a_write_that_was_refused_for_the_disk_does_not_come_back(int room)
    {
        await using var alice = await StartAsync();
        scene.Cut();
        await alice.ChangeAsync("second");

        await RefusedAsync(alice, room, () => alice.ChangeAsync("refused"));
        Assert.Equal("second", await alice.PasswordAsync());

        await alice.RestartAsync();
        Assert.Equal("second", await alice.PasswordAsync());
        Assert.Single(alice.Vault.Queued);
    }

    [Fact]
    public async Task H10_of_a_write_that_was_refused_no_part_comes_back_either()
    {
        await using var alice = await StartAsync();
        scene.Cut();
        await alice.ChangeAsync("before");
        var before = new FileInfo(alice.File).Length;
        await alice.ChangeAsync("second");

        // Two records, as long as those: what waits now, and that what had waited does not. The first finds room.
        await RefusedAsync(alice, (int)(new FileInfo(alice.File).Length - before) - 1, () => alice.ChangeAsync("refused"));

        await alice.RestartAsync();
        Assert.Equal("second", await alice.PasswordAsync());
        Assert.Single(alice.Vault.Queued);
    }

    [Theory, MemberData(nameof(Room))]
    public async Task H10_what_is_written_after_a_record_that_was_not_is_kept(int room)
    {
        await using var alice = await StartAsync();
        scene.Cut();
        await alice.ChangeAsync("second");

        await RefusedAsync(alice, room, () => alice.ChangeAsync("refused"));
        await alice.ChangeAsync("third");
        await alice.RestartAsync();
        Assert.Equal("third", await alice.PasswordAsync());
        await alice.ChangeAsync("fourth");
        await alice.RestartAsync();
        Assert.Equal("fourth", await alice.PasswordAsync());
    }

    [Theory, MemberData(nameof(Room))]
    public async Task H10_what_came_from_the_Vault_and_did_not_reach_the_disk_does_so_with_what_comes_next(int room)
    {
        await using var alice = await StartAsync();
        await using var elsewhere = await alice.OpenElsewhereAsync();
        await alice.ChangeAsync("second", elsewhere);
        await RefusedAsync(alice, room, () => alice.Vault.SyncAsync(Cancellation));

        // Another item: what is written of this alone would leave the other as it was.
        var next = (await elsewhere.PutAsync(ItemDraft.New("Next"), Cancellation)).Id;
        await alice.Vault.SyncAsync(Cancellation);
        scene.Cut();
        await alice.RestartAsync();
        Assert.Equal("second", await alice.PasswordAsync());
        Assert.Equal("Next", (await alice.Vault.GetAsync(next, Cancellation)).Item.Name);
    }

    /// <summary>A copy that is longer than any file that the services write meanwhile.</summary>
    private async Task<OfflineScene.Owner> StartAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "RLIMIT_FSIZE of a process that runs is set by prlimit, which Linux has.");
        var alice = await scene.StartAsync();
        await alice.Vault.PutAsync(ItemDraft.New("Long").With(ItemAttribute.Binary("file", RandomNumberGenerator.GetBytes(50_000))), Cancellation);
        return alice;
    }

    private static async Task RefusedAsync(OfflineScene.Owner alice, int room, Func<Task> write)
    {
        using var signal = PosixSignalRegistration.Create(FileTooLarge, context => context.Cancel = true);
        var length = new FileInfo(alice.File).Length;
        await LimitAsync(length + room);
        try
        {
            await Lies.Expect.FailureAsync(FailureReason.StoreUnusable, write);
        }
        finally
        {
            await LimitAsync(null);
        }
    }

    private static async Task LimitAsync(long? bytes)
    {
        var limit = bytes?.ToString(CultureInfo.InvariantCulture) ?? "unlimited";
        using var process = Process.Start("prlimit", ["--pid", $"{Environment.ProcessId}", $"--fsize={limit}:unlimited"]);
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal(0, process.ExitCode);
    }

    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class Limited;
}
