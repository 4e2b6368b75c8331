using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>What the command line leaves on the disk is for its user alone, whatever the umask lets others do.</summary>
public sealed class ProfileModeTests : IAsyncLifetime
{
    private const UnixFileMode File600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Folder700 = File600 | UnixFileMode.UserExecute;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-story-");
    private KeystoreHost _service = null!;
    private Script _script = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mode bits.");
        _service = await KeystoreHost.StartAsync(Engine.Sqlite);
        _script = new Script(_folder.FullName, new() { ["SERVER"] = _service.Origin.GetLeftPart(UriPartial.Authority) });
    }

    public async ValueTask DisposeAsync()
    {
        await _script.CloseAsync();
        await _service.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Everything_in_a_profile_and_every_kit_is_for_the_owner_alone()
    {
        await RunAsync("""
            in correct horse, battery staple!
            a$ keyladder sign-up --server $SERVER --passphrase --secret-file - --kit kit.txt
            a$ keyladder key generate personal --label one
            """);

        var profile = new DirectoryInfo(Path.Combine(_folder.FullName, "a"));
        Assert.Equal(Folder700, profile.UnixFileMode);
        Assert.Equal(["agent", "profile.json", "secret-key", "unlock.lock"], profile.GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["pins"], profile.GetDirectories("*", SearchOption.AllDirectories).Select(folder => folder.Name));
        Assert.NotEmpty(profile.GetDirectories("pins").Single().GetFiles());
        Assert.All(profile.GetDirectories("*", SearchOption.AllDirectories), folder => Assert.Equal(Folder700, folder.UnixFileMode));
        Assert.All(
            profile.GetFiles("*", SearchOption.AllDirectories).Append(new FileInfo(Path.Combine(_folder.FullName, "kit.txt"))),
            file => Assert.True(file.UnixFileMode == File600, $"{file.Name}: {file.UnixFileMode}"));
    }

    [Fact]
    public async Task A_profile_that_others_can_enter_is_not_used()
    {
        if (OperatingSystem.IsWindows())
            return; // Skipped above.
        foreach (var open in new[] { UnixFileMode.GroupRead, UnixFileMode.OtherExecute, UnixFileMode.GroupWrite })
        {
            var profile = _folder.CreateSubdirectory($"open{(int)open}");
            profile.UnixFileMode = Folder700 | open;
            await RunAsync($"""
                {profile.Name}$ keyladder sign-up --server $SERVER --kit kit{(int)open}.txt
                exit 2
                err chmod 700
                """);
            Assert.Empty(profile.GetFileSystemInfos());
        }
    }

    private async Task RunAsync(string story)
    {
        var path = Path.Combine(_folder.FullName, "story.txt");
        await File.WriteAllTextAsync(path, story, TestContext.Current.CancellationToken);
        await _script.RunAsync(path);
    }
}
