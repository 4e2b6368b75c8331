using System.Runtime.Versioning;
using Keyladder.Cli.Profiles;

namespace Keyladder.Cli.Tests;

/// <summary>What a device says that cannot get its secret from the keyring as it left it there. Each test leaves device and keyring as it found them.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class KeyringUnlockTests(KeyringUnlockTests.KeyringDevice device) : IClassFixture<KeyringUnlockTests.KeyringDevice>
{
    [Fact]
    public async Task A_keyring_that_is_locked_is_told_from_one_without_the_entry_and_opens_again()
    {
        var (desktop, story) = await device.StartedAsync();
        await desktop.LockAsync();
        await story.TellAsync("""
            a$ keyladder unlock
            exit 5
            err The keyring is locked
            """);
        await desktop.StopKeyringAsync();
        await desktop.StartKeyringAsync();
        await story.TellAsync("""
            a$ keyladder unlock
            a$ keyladder lock
            """);
        var text = await desktop.SecretAsync(story["ENTRY"]);
        await desktop.ClearAsync(story["ENTRY"]);
        await story.TellAsync("""
            a$ keyladder unlock
            exit 5
            err no entry for this device
            err unlock --ask
            """);
        await desktop.PutAsync(story["ENTRY"], text);
    }

    [Fact]
    public async Task An_entry_that_was_changed_is_refused()
    {
        var (desktop, story) = await device.StartedAsync();
        var text = await desktop.SecretAsync(story["ENTRY"]);
        foreach (var changed in new[] { "x", text[1..], text + "A", text + "\n", text[..42] + "=", text[..42] + "!", new string('A', 8000) })
        {
            await desktop.PutAsync(story["ENTRY"], changed);
            await story.TellAsync("""
                a$ keyladder unlock
                exit 2
                err it was changed
                """);
        }

        await desktop.PutAsync(story["ENTRY"], new string('A', 43));
        await story.TellAsync("""
            a$ keyladder unlock
            exit 3
            """);
        await desktop.PutAsync(story["ENTRY"], text);
        await story.TellAsync("""
            a$ keyladder unlock
            a$ keyladder lock
            """);
    }

    [Fact]
    public async Task Whoever_waits_for_a_keyring_is_told_why_and_can_stop()
    {
        var (desktop, story) = await device.StartedAsync();
        await desktop.FreezeAsync();
        await using (var terminal = story.AtTerminal("a", "unlock"))
        {
            await terminal.ShowsAsync("asks for its password on the desktop");
            await terminal.TypeAsync(PseudoTerminal.ControlC);
            Assert.Equal(130, await terminal.EndAsync());
        }

        await desktop.ThawAsync();
        await story.TellAsync("""
            a$ keyladder unlock
            a$ keyladder lock
            """);
    }

    [Fact]
    public async Task A_keyring_that_never_answers_is_not_waited_for_for_ever()
    {
        await using var desktop = await DesktopSession.BeginAsync();
        var folder = Directory.CreateTempSubdirectory("keyladder-keyring-");
        try
        {
            // No other test looks for a session's bus in this process.
            Environment.SetEnvironmentVariable("DBUS_SESSION_BUS_ADDRESS", desktop.Environment["DBUS_SESSION_BUS_ADDRESS"]);
            var profile = new Profile(Path.Combine(folder.FullName, "profile"));
            (await new DeviceKeyring(profile).CreateAsync(TestContext.Current.CancellationToken)).Dispose();
            await desktop.FreezeAsync();
            var keyring = new DeviceKeyring(profile, TimeSpan.FromMilliseconds(300));
            Assert.Contains("did not answer", (await Assert.ThrowsAsync<Failure>(() => keyring.ReadAsync(TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
            Assert.Contains("did not answer", (await Assert.ThrowsAsync<Failure>(() => keyring.RequireAsync(TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
            Assert.Equal(keyring.Entry, await keyring.RemoveAsync(TestContext.Current.CancellationToken));
        }
        finally
        {
            Environment.SetEnvironmentVariable("DBUS_SESSION_BUS_ADDRESS", null);
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Profile "a" of an account: locked, its secret in the keyring as $ENTRY.</summary>
    public sealed class KeyringDevice : IAsyncDisposable
    {
        private DesktopSession? _desktop;
        private Story? _story;

        /// <summary>By the first test that asks: where nothing of it is installed a test can be skipped, and a fixture only fail.</summary>
        public async Task<(DesktopSession Desktop, Story Story)> StartedAsync()
        {
            _desktop ??= await DesktopSession.BeginAsync();
            if (_story is null)
            {
                _story = await KeyringTests.BeginAsync(_desktop);
                await _story.TellAsync("""
                    a$ keyladder device add --keyring --secret-file words.txt
                    set ENTRY file a/device-keyring (.*)
                    a$ keyladder lock
                    """);
            }

            return (_desktop, _story);
        }

        public async ValueTask DisposeAsync()
        {
            if (_story is not null)
                await _story.DisposeAsync();
            if (_desktop is not null)
                await _desktop.DisposeAsync();
        }
    }
}
