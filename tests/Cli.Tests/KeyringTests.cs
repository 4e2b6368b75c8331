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

    [Fact]
    public async Task Without_a_keyring_none_is_added_and_none_unlocks_and_each_time_it_is_said_what_to_do()
    {
        await using var desktop = await DesktopSession.BeginAsync();
        await using var story = await BeginAsync(desktop);
        var path = Environment.GetEnvironmentVariable("PATH")!;
        var (bus, folder) = (desktop.Environment["DBUS_SESSION_BUS_ADDRESS"], Directory.CreateDirectory(story.PathOf("empty")).FullName);
        File.CreateSymbolicLink(Path.Combine(folder, "dotnet"), Dotnet());
        await story.TellAsync("b$ keyladder unlock --server $SERVER --secret-file words.txt");

        await LacksAsync(story, "none runs in this session", Set("DBUS_SESSION_BUS_ADDRESS", $"unix:path={story.PathOf("nothing")}"), Set("DBUS_SESSION_BUS_ADDRESS", bus));
        await LacksAsync(story, "libsecret-tools", Set("PATH", folder), Set("PATH", path));
        await LacksAsync(story, "none runs in this session", desktop.StopKeyringAsync, desktop.StartKeyringAsync);
        await LacksAsync(story, "locked, or has never been set up", desktop.LockAsync, () => Task.CompletedTask, secret: " --secret-file words.txt");

        Func<Task> Set(string name, string value) => () =>
        {
            story.Environment[name] = value;
            return Task.CompletedTask;
        };
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

    [Fact]
    public async Task Killed_at_any_step_it_leaves_what_was_before_and_the_next_try_leaves_one_entry()
    {
        await using var desktop = await DesktopSession.BeginAsync();
        await using var story = await BeginAsync(desktop);
        const string RemovedHere = """
            a$ keyladder unlock --secret-file words.txt
            a$ keyladder device list
            set ID out ^([0-9a-f-]{36})\t.*this device
            a$ keyladder device remove $ID --yes
            """;
        (string Before, string End, string Step, int Left)[] cases =
        [
            ("", "kill -9 $PPID; exit 1", "store", 0),
            (RemovedHere, "$REAL \"$@\"; kill -9 $PPID; exit 1", "store", 1),
            (RemovedHere, "$REAL \"$@\"; kill -9 $PPID; exit 1", "lookup", 1),
            // One that was removed from elsewhere: its entry has to go first.
            ("""
                a$ keyladder unlock --secret-file words.txt
                a$ keyladder device list
                set ID out ^([0-9a-f-]{36})\t.*this device
                b$ keyladder unlock --server $SERVER --secret-file words.txt
                b$ keyladder device remove $ID --yes
                """, "$REAL \"$@\"; kill -9 $PPID; exit 1", "clear", 0),
        ];
        foreach (var (before, end, step, left) in cases)
        {
            await story.TellAsync(before);
            Wrap(story, $"if [ \"$1\" = {step} ]; then {end}; fi\nexec $REAL \"$@\"");
            await story.TellAsync("""
                a$ keyladder device add --keyring --secret-file words.txt
                exit 137
                missing a/device-secret
                """);
            Assert.Equal((step, left), (step, Entries(await desktop.EntriesAsync())));
            story.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH")!;
            await story.TellAsync("""
                a$ keyladder unlock --secret-file words.txt
                a$ keyladder unlock-method list
                silent \tdevice\t
                a$ keyladder device add --keyring --secret-file words.txt
                a$ keyladder lock
                a$ keyladder unlock --device
                """);
            Assert.Equal((step, 1), (step, Entries(await desktop.EntriesAsync())));
        }
    }

    [Fact]
    public async Task The_secret_is_never_in_both_places()
    {
        await using var desktop = await DesktopSession.BeginAsync();
        await using var story = await BeginAsync(desktop);
        await story.TellAsync("""
            b$ keyladder unlock --server $SERVER --secret-file words.txt
            a$ keyladder device add --keyring --secret-file words.txt
            """);
        await MoveAsync(story, "", "device-keyring");
        Assert.Empty(await desktop.EntriesAsync());
        await story.TellAsync("a$ keyladder unlock --secret-file words.txt");
        await MoveAsync(story, " --keyring", "device-secret");
        Assert.Equal(1, Entries(await desktop.EntriesAsync()));
        await story.TellAsync("""
            a$ keyladder account delete --forget --yes --secret-file words.txt
            missing a/device-secret
            missing a/device-keyring
            """);
        Assert.Empty(await desktop.EntriesAsync());
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

    /// <summary>b, open, is a device with an entry in the keyring while that is out of reach; and none any more afterwards.</summary>
    /// <param name="secret">Where there is no keyring at all, nobody has typed his words in vain.</param>
    private static async Task LacksAsync(Story story, string said, Func<Task> lack, Func<Task> mend, string secret = "")
    {
        await story.TellAsync("""
            b$ keyladder device add --keyring --secret-file words.txt
            b$ keyladder device list
            set ID out ^([0-9a-f-]{36})\t.*this device
            set ENTRY file b/device-keyring (.*)
            b$ keyladder lock
            """);
        await lack();
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
        await mend();
    }

    /// <summary>The device a is removed from b and added anew, its secret in the other place.</summary>
    private static Task MoveAsync(Story story, string option, string before) => story.TellAsync($$"""
        a$ keyladder device list
        set ID out ^([0-9a-f-]{36})\t.*this device
        a$ keyladder device add{{option}} --secret-file words.txt
        exit 6
        err added already
        b$ keyladder device remove $ID --yes
        a$ keyladder device add{{option}} --secret-file words.txt
        missing a/{{before}}
        a$ keyladder lock
        a$ keyladder unlock --device
        """);

    internal static async Task<Story> BeginAsync(DesktopSession desktop, bool recorded = false)
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
