using System.Runtime.Versioning;
using Keyladder.Cli.Profiles;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>A device whose secret the desktop's keyring keeps: GNOME Keyring on a D-Bus of its own.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class KeyringTests
{
    private const string Account = """
        a$ keyladder sign-up --server $SERVER --kit kit.txt
        set WORDS file kit.txt Words:\s+(.*)
        write words.txt $WORDS
        """;

    [Fact]
    public async Task The_keyring_alone_holds_the_secret_and_it_opens_the_account_until_it_is_removed()
    {
        await using var desktop = await DesktopSession.BeginAsync();
        await using var story = await BeginAsync(desktop, recorded: true);
        // Through this goes everything that secret-tool is told.
        Wrap(story, "echo \"$@\" >>\"$0.log\"\nexec $REAL \"$@\"");
        await story.TellAsync("""
            a$ keyladder device add --keyring --name 'heron on the grey canal' --secret-file words.txt
            err its secret lies in the desktop's keyring
            missing a/device-secret
            set ENTRY file a/device-keyring ^([0-9a-f]{32})$
            a$ keyladder device list
            set ID out ^([0-9a-f-]{36})\theron on the grey canal\t0\tthis device, keyring\t$
            a$ keyladder device list --json
            out "keptIn":"keyring"
            a$ keyladder lock
            a$ keyladder unlock
            err this device's own secret
            a$ keyladder key generate personal --label photos
            a$ keyladder lock
            a$ keyladder unlock --device
            a$ keyladder key list
            out photos
            a$ keyladder status
            set ACCOUNT out account (\S+)
            """);

        var text = await desktop.SecretAsync(story["ENTRY"]);
        Assert.Equal(43, text.Length);
        var canaries = new Canaries();
        canaries.Plant("secret", System.Buffers.Text.Base64Url.DecodeFromChars(text));
        Assert.NotEmpty(canaries.FindIn(await desktop.EntriesAsync()));
        Assert.Empty(canaries.FindInFiles(new DirectoryInfo(story.Folder).EnumerateFiles("*", SearchOption.AllDirectories)));
        Assert.Empty(await story.Service.FindAsync(canaries));
        Assert.Contains("store application keyladder entry", await File.ReadAllTextAsync(story.PathOf("bin/secret-tool.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        // Whoever lists the keyring learns that keyladder is used, and no more.
        foreach (var part in new[] { story["ACCOUNT"], story["ID"], "heron", "127.0.0.1", story.Folder })
            Assert.DoesNotContain(part, await desktop.EntriesAsync(), StringComparison.OrdinalIgnoreCase);

        await story.TellAsync("""
            a$ keyladder unlock --secret-file words.txt
            a$ keyladder device remove $ID --yes --json
            out "stays":null
            missing a/device-keyring
            a$ keyladder unlock --device
            exit 5
            """);
        Assert.Empty(await desktop.EntriesAsync());
    }

    [Fact]
    public async Task Profiles_in_one_keyring_are_kept_apart_and_one_that_moves_keeps_its_secret()
    {
        await using var desktop = await DesktopSession.BeginAsync();
        await using var story = await BeginAsync(desktop);
        await story.TellAsync("""
            b$ keyladder unlock --server $SERVER --secret-file words.txt
            a$ keyladder device add --keyring --secret-file words.txt
            b$ keyladder device add --keyring --secret-file words.txt
            b$ keyladder device list
            set ID out ^([0-9a-f-]{36})\t.*this device
            b$ keyladder unlock --secret-file words.txt
            b$ keyladder device remove $ID --yes
            b$ keyladder lock
            a$ keyladder lock
            """);
        Directory.Move(story.PathOf("a"), story.PathOf("c"));
        await story.TellAsync("c$ keyladder unlock --device");
        Assert.Equal(1, Entries(await desktop.EntriesAsync()));
    }

    [Theory]
    [InlineData("no session", "none runs in this session")]
    [InlineData("no keyring", "none runs in this session")]
    [InlineData("no secret-tool", "libsecret-tools")]
    [InlineData("locked", "locked, or has never been set up")]
    public async Task Without_a_keyring_none_is_added_and_none_unlocks_and_each_time_it_is_said_what_to_do(string lack, string said)
    {
        await using var desktop = await DesktopSession.BeginAsync();
        await using var story = await BeginAsync(desktop);
        await story.TellAsync("""
            b$ keyladder unlock --server $SERVER --secret-file words.txt
            b$ keyladder device add --keyring --secret-file words.txt
            b$ keyladder device list
            set ID out ^([0-9a-f-]{36})\t.*this device
            set ENTRY file b/device-keyring (.*)
            b$ keyladder lock
            """);
        switch (lack)
        {
            case "no session":
                story.Environment["DBUS_SESSION_BUS_ADDRESS"] = $"unix:path={story.PathOf("nothing")}";
                break;
            case "no keyring":
                await desktop.StopKeyringAsync();
                break;
            case "no secret-tool":
                var folder = Directory.CreateDirectory(story.PathOf("empty")).FullName;
                File.CreateSymbolicLink(Path.Combine(folder, "dotnet"), Dotnet());
                story.Environment["PATH"] = folder;
                break;
            default:
                await desktop.LockAsync();
                break;
        }

        // Where there is none at all, nobody has typed his words in vain.
        var secret = lack == "locked" ? " --secret-file words.txt" : "";
        await story.TellAsync($"""
            a$ keyladder device add --keyring{secret}
            exit 5
            err {said}
            err without --keyring|leave out --keyring
            missing a/device-secret
            missing a/device-keyring
            a$ keyladder unlock-method list
            set METHODS out ((?:.*\n)*)
            b$ keyladder unlock
            exit 5
            err unlock --ask
            b$ keyladder unlock --device --json
            exit 5
            err "type":"not-found"
            b$ keyladder unlock --secret-file words.txt
            """);
        Assert.Equal(1, story["METHODS"].Split('\n').Count(line => line.Contains("\tdevice\t", StringComparison.Ordinal)));

        // It is removed all the same, and what stays in the keyring is said.
        await story.TellAsync("""
            b$ keyladder device remove $ID --yes
            err An entry stays in the keyring.*secret-tool clear application keyladder entry $ENTRY
            missing b/device-keyring
            b$ keyladder unlock-method list
            silent \tdevice\t
            """);
    }

    [Fact]
    public async Task A_keyring_that_is_locked_is_told_from_one_without_the_entry_and_opens_again()
    {
        await using var desktop = await DesktopSession.BeginAsync();
        await using var story = await BeginAsync(desktop);
        await story.TellAsync("""
            a$ keyladder device add --keyring --secret-file words.txt
            set ENTRY file a/device-keyring (.*)
            a$ keyladder lock
            """);
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
        await desktop.ClearAsync(story["ENTRY"]);
        await story.TellAsync("""
            a$ keyladder unlock
            exit 5
            err no entry for this device
            err unlock --ask
            """);
    }

    [Fact]
    public async Task An_entry_that_was_changed_is_refused()
    {
        await using var desktop = await DesktopSession.BeginAsync();
        await using var story = await BeginAsync(desktop);
        await story.TellAsync("""
            a$ keyladder device add --keyring --secret-file words.txt
            set ENTRY file a/device-keyring (.*)
            a$ keyladder lock
            """);
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
        await story.TellAsync("a$ keyladder unlock");
    }

    [Fact]
    public async Task A_secret_that_the_keyring_gives_back_otherwise_is_sent_nowhere()
    {
        await using var desktop = await DesktopSession.BeginAsync();
        await using var story = await BeginAsync(desktop);
        Wrap(story, $"[ \"$1\" = lookup ] && printf {new string('A', 43)} && exit 0\nexec $REAL \"$@\"");
        await story.TellAsync("""
            a$ keyladder device add --keyring --secret-file words.txt
            exit 2
            missing a/device-keyring
            a$ keyladder unlock-method list
            silent \tdevice\t
            """);
        Assert.Empty(await desktop.EntriesAsync());
    }

    [Theory]
    [InlineData("kill -9 $PPID; exit 1", "store", 0)]
    [InlineData("$REAL \"$@\"; kill -9 $PPID; exit 1", "store", 1)]
    [InlineData("$REAL \"$@\"; kill -9 $PPID; exit 1", "lookup", 1)]
    [InlineData("$REAL \"$@\"; kill -9 $PPID; exit 1", "clear", 0)]
    public async Task Killed_at_any_step_it_leaves_what_was_before_and_the_next_try_leaves_one_entry(string end, string step, int left)
    {
        await using var desktop = await DesktopSession.BeginAsync();
        await using var story = await BeginAsync(desktop);
        if (step == "clear")
        {
            // One that was removed from elsewhere: its entry has to go first.
            await story.TellAsync("""
                a$ keyladder device add --keyring --secret-file words.txt
                a$ keyladder device list
                set ID out ^([0-9a-f-]{36})\t.*this device
                b$ keyladder unlock --server $SERVER --secret-file words.txt
                b$ keyladder device remove $ID --yes
                """);
        }

        var path = story.Environment.GetValueOrDefault("PATH");
        Wrap(story, $"if [ \"$1\" = {step} ]; then {end}; fi\nexec $REAL \"$@\"");
        await story.TellAsync("""
            a$ keyladder device add --keyring --secret-file words.txt
            exit 137
            missing a/device-secret
            """);
        Assert.Equal(left, Entries(await desktop.EntriesAsync()));
        story.Environment["PATH"] = path ?? Environment.GetEnvironmentVariable("PATH")!;
        await story.TellAsync("""
            a$ keyladder unlock --secret-file words.txt
            a$ keyladder unlock-method list
            silent \tdevice\t
            a$ keyladder device add --keyring --secret-file words.txt
            a$ keyladder lock
            a$ keyladder unlock --device
            """);
        Assert.Equal(1, Entries(await desktop.EntriesAsync()));
    }

    [Theory]
    [InlineData("", " --keyring")]
    [InlineData(" --keyring", "")]
    public async Task The_secret_is_never_in_both_places(string first, string second)
    {
        await using var desktop = await DesktopSession.BeginAsync();
        await using var story = await BeginAsync(desktop);
        await story.TellAsync($$"""
            a$ keyladder device add{{first}} --secret-file words.txt
            a$ keyladder device list
            set ID out ^([0-9a-f-]{36})\t.*this device
            a$ keyladder device add{{second}} --secret-file words.txt
            exit 6
            err added already
            b$ keyladder unlock --server $SERVER --secret-file words.txt
            b$ keyladder device remove $ID --yes
            a$ keyladder device add{{second}} --secret-file words.txt
            missing a/{{(second.Length > 0 ? "device-secret" : "device-keyring")}}
            a$ keyladder lock
            a$ keyladder unlock --device
            a$ keyladder account delete --forget --yes --secret-file words.txt
            missing a/device-secret
            missing a/device-keyring
            """);
        Assert.Empty(await desktop.EntriesAsync());
    }

    [Fact]
    public async Task Whoever_waits_for_a_keyring_is_told_why_and_can_stop()
    {
        await using var desktop = await DesktopSession.BeginAsync();
        await using var story = await BeginAsync(desktop);
        await story.TellAsync("""
            a$ keyladder device add --keyring --secret-file words.txt
            a$ keyladder lock
            """);
        await desktop.FreezeAsync();
        await using (var terminal = story.AtTerminal("a", "unlock"))
        {
            await terminal.ShowsAsync("asks for its password on the desktop");
            await terminal.TypeAsync(PseudoTerminal.ControlC);
            Assert.Equal(130, await terminal.EndAsync());
        }

        await desktop.ThawAsync();
        await story.TellAsync("a$ keyladder unlock");
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

    [Fact]
    public void The_program_is_looked_for_in_PATH_and_never_in_the_current_folder()
    {
        var folder = Directory.CreateTempSubdirectory("keyladder-path-");
        try
        {
            var program = Path.Combine(folder.FullName, "secret-tool");
            File.WriteAllText(program, "");
            Assert.Equal(program, SecretTool.Find($"/nowhere:{folder.FullName}"));
            var relative = Path.GetRelativePath(Environment.CurrentDirectory, folder.FullName);
            Assert.True(File.Exists(Path.Combine(relative, "secret-tool")));
            foreach (var path in new[] { null, "", ":", ".", relative, $"{relative}:/nowhere" })
                Assert.Null(SecretTool.Find(path));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Story> BeginAsync(DesktopSession desktop, bool recorded = false)
    {
        var story = await Story.BeginAsync(recorded);
        foreach (var (name, value) in desktop.Environment)
            story.Environment[name] = value;
        await story.TellAsync(Account);
        return story;
    }

    /// <summary>Something between keyladder and the real secret-tool: lines of a shell, in which that is $REAL.</summary>
    private static void Wrap(Story story, string lines)
    {
        var path = Environment.GetEnvironmentVariable("PATH")!;
        var program = Path.Combine(Directory.CreateDirectory(story.PathOf("bin")).FullName, "secret-tool");
        File.WriteAllText(program, $"#!/bin/sh\nREAL={SecretTool.Find(path)}\n{lines}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        story.Environment["PATH"] = $"{Path.GetDirectoryName(program)}:{path}";
    }

    private static int Entries(string shown) => shown.Split('\n').Count(line => line.StartsWith("attribute.entry", StringComparison.Ordinal));

    private static string Dotnet() => Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "dotnet")).First(File.Exists);
}
