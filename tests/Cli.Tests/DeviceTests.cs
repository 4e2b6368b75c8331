using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>A device of one's own, at a terminal and as the service sees it.</summary>
public sealed class DeviceTests
{
    [Fact]
    public async Task H01_the_service_sees_neither_the_secret_nor_the_name_nor_what_follows_from_them()
    {
        await using var story = await Story.BeginAsync(recorded: true);
        await story.TellAsync("""
            a$ keyladder sign-up --server $SERVER --kit kit.txt
            set WORDS file kit.txt Words:\s+(.*)
            in $WORDS
            a$ keyladder device add --name 'heron on the grey canal' --secret-file -
            a$ keyladder unlock
            a$ keyladder device list
            """);
        var canaries = new Canaries();
        canaries.Plant("name", "heron on the grey canal");
        var bytes = await File.ReadAllBytesAsync(story.PathOf("a/device-secret"), TestContext.Current.CancellationToken);
        canaries.Plant("secret", bytes);
        Assert.True(DeviceSecret.TryImport(bytes, out var device));
        using (device)
        using (var unlock = UnlockSecret.FromDevice(device))
        using (var derived = await PassphraseDerivedKey.DeriveAsync(unlock, TestContext.Current.CancellationToken))
            canaries.Plant("locator", derived.DeriveSlotLocator());

        // The locator is the control: it travels, to sign in with, so the search looks where things are.
        var found = await story.Service.FindAsync(canaries);
        Assert.Contains(found, line => line.EndsWith(": locator", StringComparison.Ordinal));
        Assert.DoesNotContain(found, line => !line.EndsWith(": locator", StringComparison.Ordinal));
        // Nor does anything else in the profile hold the secret.
        Assert.Equal(["device-secret: secret"], canaries.FindInFiles(new DirectoryInfo(story.PathOf("a")).EnumerateFiles("*", SearchOption.AllDirectories))
            .Where(line => line.EndsWith(": secret", StringComparison.Ordinal)).Select(line => Path.GetFileName(line)));
    }

    [Fact]
    public async Task A_person_whose_device_was_removed_is_asked_for_words_and_one_who_asks_for_that_too()
    {
        await using var story = await Story.BeginAsync();
        await story.TellAsync("""
            a$ keyladder sign-up --server $SERVER --kit kit.txt
            set WORDS file kit.txt Words:\s+(.*)
            in $WORDS
            a$ keyladder device add --secret-file -
            a$ keyladder device list
            set ID out ^([0-9a-f-]{36})\t
            """);
        await UnlockAsync(story, "unlock --ask");
        await story.TellAsync("a$ keyladder lock");
        await using (var terminal = story.AtTerminal("a", "unlock"))
        {
            await terminal.ShowsAsync("this device's own secret");
            Assert.Equal(0, await terminal.EndAsync());
        }

        await story.TellAsync("""
            in $WORDS
            b$ keyladder unlock --server $SERVER --secret-file -
            b$ keyladder device remove $ID --yes
            """);
        await UnlockAsync(story, "unlock");
        await story.TellAsync("""
            a$ keyladder key list
            b$ keyladder lock
            """);
    }

    [Fact]
    public async Task An_account_that_is_open_is_not_enough_to_add_a_device()
    {
        await using var story = await Story.BeginAsync();
        await story.TellAsync("""
            a$ keyladder sign-up --server $SERVER --kit kit.txt
            a$ keyladder device add
            exit 2
            err no terminal to ask for the secret on
            missing a/device-secret
            a$ keyladder unlock-method list
            silent device\t
            """);
    }

    private static async Task UnlockAsync(Story story, string command)
    {
        await using var terminal = story.AtTerminal("a", command);
        await terminal.ShowsAsync("Words or passphrase: ");
        await terminal.TypeAsync(story["WORDS"] + PseudoTerminal.Enter);
        Assert.Equal(0, await terminal.EndAsync());
    }
}
