using System.Text;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>A device that starts while neither service can be reached (docs/spec/local-store.md section 4).</summary>
public sealed class OfflineUnlockTests(OfflineScene scene) : IClassFixture<OfflineScene>
{
    [Fact]
    public async Task The_secret_opens_what_the_device_has_kept_and_what_is_written_goes_out_later()
    {
        await using var alice = await scene.StartAsync();
        await alice.RestartAsync();
        scene.CutBoth();
        await Lies.Expect.FailureAsync(FailureReason.Unreachable, () => alice.NewDevice().Account().UnlockAsync(alice.Person.Secret, Cancellation));

        await alice.RestartOfflineAsync();
        Assert.Equal("first", await alice.PasswordAsync());
        Assert.True((await alice.ChangeAsync("offline")).IsQueued);
        await alice.RestartOfflineAsync();
        Assert.Equal("offline", await alice.PasswordAsync());

        scene.Mend();
        await alice.Vault.SyncAsync(Cancellation);
        Assert.Equal("offline", await alice.PasswordAsync(await alice.OpenElsewhereAsync()));
        Assert.Equal(3, (await alice.Account.Keys.ListAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task What_was_read_from_the_Keystore_since_counts_more_than_what_was_kept()
    {
        await using var alice = await scene.StartAsync();
        await alice.RestartAsync();
        scene.CutBoth();
        await alice.RestartOfflineAsync();
        scene.Mend();
        await alice.Account.Vaults.ReplaceKeyAsync(scene.Hostile.Proxy.Address, cancellationToken: Cancellation);
        await alice.ChangeAsync("under the new key");
        await alice.Vault.SyncAsync(Cancellation);

        scene.CutBoth();
        await alice.RestartAsync();
        Assert.Equal("under the new key", await alice.PasswordAsync());
    }

    [Fact]
    public async Task A_key_that_was_replaced_here_or_elsewhere_opens_the_copy_that_it_seals()
    {
        await using var alice = await scene.StartAsync();
        await alice.RestartAsync();
        await alice.Account.Vaults.ReplaceKeyAsync(scene.Hostile.Proxy.Address, cancellationToken: Cancellation);
        await alice.ChangeAsync("under the second key");
        scene.CutBoth();
        await alice.RestartOfflineAsync();
        Assert.Equal("under the second key", await alice.PasswordAsync());

        scene.Mend();
        await alice.Vault.SyncAsync(Cancellation);
        var elsewhere = await alice.UnlockWithoutMemoryAsync();
        await elsewhere.Account.Vaults.ReplaceKeyAsync(scene.Hostile.Proxy.Address, cancellationToken: Cancellation);
        await using var there = await elsewhere.OpenAsync();
        await alice.ChangeAsync("under the third key", there);
        await alice.Vault.SyncAsync(Cancellation);
        await alice.ChangeAsync("under the third key, here");
        scene.CutBoth();
        await alice.RestartOfflineAsync();
        Assert.Equal("under the third key, here", await alice.PasswordAsync());
    }

    [Fact]
    public async Task Another_secret_opens_nothing()
    {
        await using var alice = await scene.StartAsync();
        await alice.RestartAsync();
        scene.CutBoth();
        using var other = NewDevice();

        await Lies.Expect.FailureAsync(FailureReason.SignInFailed, () => alice.NewDevice().Account().UnlockOfflineAsync(other, Cancellation));
        await Lies.Expect.FailureAsync(FailureReason.SignInFailed, () => alice.Person.Device().Account().UnlockOfflineAsync(alice.Person.Secret, Cancellation));
        await Lies.Expect.FailureAsync(
            FailureReason.SignInFailed, () => alice.NewDevice().Account(Cryptography.AccountId.Generate()).UnlockOfflineAsync(alice.Person.Secret, Cancellation));
    }

    [Fact]
    public async Task D02_a_secret_that_was_replaced_here_opens_nothing_that_was_kept()
    {
        await using var alice = await scene.StartAsync();
        await alice.RestartAsync();
        using var next = NewDevice();
        await alice.Account.ChangePassphraseAsync(next, next, Cancellation);
        Assert.Empty(Directory.GetFiles(alice.Folder, "*.account"));
        await alice.RestartAsync();
        scene.CutBoth();

        await Lies.Expect.FailureAsync(FailureReason.SignInFailed, () => alice.NewDevice().Account().UnlockOfflineAsync(alice.Person.Secret, Cancellation));
        await alice.RestartOfflineAsync(next);
        Assert.Equal("first", await alice.PasswordAsync());
    }

    [Fact]
    public async Task D02_a_secret_that_is_replaced_while_the_account_is_being_kept_opens_nothing()
    {
        await using var alice = await scene.StartAsync();
        await alice.RestartAsync();
        await alice.Vault.DisposeAsync();
        var kept = await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(alice.Folder, "*.account")), Cancellation);
        using var next = NewDevice();
        TaskCompletionSource begun = new(), release = new();

        // Another Vault of the account, which has read all that it keeps and is about to write it.
        var keeping = new LocalStore(alice.Folder).KeepAsync(
            alice.Account.Id,
            async output =>
            {
                begun.SetResult();
                await release.Task;
                await output.WriteAsync(kept, Cancellation);
            },
            Cancellation);
        await begun.Task;
        var change = alice.Account.ChangePassphraseAsync(next, next, Cancellation);
        await Task.WhenAny(change, Task.Delay(TimeSpan.FromSeconds(2), Cancellation));
        release.SetResult();
        await keeping;
        await change;

        scene.CutBoth();
        await Lies.Expect.FailureAsync(FailureReason.SignInFailed, () => alice.NewDevice().Account().UnlockOfflineAsync(alice.Person.Secret, Cancellation));
    }

    [Fact]
    public async Task Nothing_but_ciphertext_is_kept_and_an_altered_byte_is_found()
    {
        await using var alice = await scene.StartAsync();
        await alice.RestartAsync();
        await alice.Vault.DisposeAsync();
        scene.CutBoth();
        var path = Assert.Single(Directory.GetFiles(alice.Folder, "*.account"));
        var file = await File.ReadAllBytesAsync(path, Cancellation);
        Assert.Equal(-1, file.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"{alice.Vault.Id}")));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));

        for (var position = 100; position < file.Length; position += file.Length / 40)
        {
            byte[] altered = [.. file];
            altered[position] = (byte)(altered[position] == 'A' ? 'B' : 'A');
            await File.WriteAllBytesAsync(path, altered, Cancellation);
            await Assert.ThrowsAnyAsync<KeyladderException>(() => alice.NewDevice().Account().UnlockOfflineAsync(alice.Person.Secret, Cancellation));
        }
    }

    [Fact]
    public async Task A_deleted_account_leaves_nothing_that_opens()
    {
        await using var alice = await scene.StartAsync();
        await alice.RestartAsync();
        var path = Assert.Single(Directory.GetFiles(alice.Folder, "*.account"));
        var kept = await File.ReadAllBytesAsync(path, Cancellation);
        await alice.Account.DeleteAsync(Cancellation);
        scene.CutBoth();

        Assert.Empty(Directory.GetFiles(alice.Folder, "*.account"));
        await Lies.Expect.FailureAsync(FailureReason.SignInFailed, () => alice.NewDevice().Account().UnlockOfflineAsync(alice.Person.Secret, Cancellation));
        // Nor does a copy of it that somebody puts back.
        await File.WriteAllBytesAsync(path, kept, Cancellation);
        await Lies.Expect.FailureAsync(FailureReason.SignInFailed, () => alice.NewDevice().Account().UnlockOfflineAsync(alice.Person.Secret, Cancellation));
    }
}
