using Keyladder.Hosting;
using Keyladder.Hosting.Admissions;
using Keyladder.Hosting.Authentication;
using Keyladder.Keystore;
using Keyladder.Vault;

namespace Services.Tests.Hosting;

/// <summary>What an operator can get wrong is said before anything starts: what it is, and what to do.</summary>
public sealed class StartupTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keyladder-test-");

    public void Dispose() => folder.Delete(recursive: true);

    public static TheoryData<string, KeystoreOptions> WrongSettings() => new()
    {
        { "keystore:urls", new() { Urls = "planted" } },
        { "keystore:certificate", new() { Urls = "https://127.0.0.1:0" } },
        { "keystore:certificate", new() { Certificate = "planted", CertificateKey = "planted" } },
        { "keystore:certificate", new() { Urls = "https://127.0.0.1:0", Certificate = "planted" } },
        { "keystore:drain", new() { Drain = -1 } },
        { "keystore:urls", new() { Urls = "http://127.0.0.1:0/path" } },
        { "keystore:urls", new() { Urls = "http://127.0.0.1:0;http://127.0.0.1:1" } },
        { "keystore:data", new() { Data = " " } },
        { "keystore:database", new() { Database = "planted" } },
        { "keystore:database", new() { Database = "Host" } },
        { "keystore:database", new() { Database = "Hots=planted" } },
        { "keystore:database", new() { Database = "Host=localhost;Planted=secret" } },
        { "keystore:origin", new() { Urls = "http://0.0.0.0:0" } },
        { "keystore:origin", new() { Origin = "keys.example.org" } },
        { "keystore:origin", new() { Origin = "https://keys.example.org/path" } },
        { "keystore:origin", new() { Origin = "http://keys.example.org" } },
        { "keystore:origin", new() { Origin = "ftp://keys.example.org" } },
        { "keystore:proxies", new() { Proxies = "planted" } },
        { "keystore:proxies", new() { Proxies = "10.0.0.1, planted" } },
        { "keystore:proxies", new() { Proxies = "10.0.0.0/33" } },
        { "keystore:limits:signed", new() { Limits = new() { Signed = 0 } } },
        { "keystore:limits:signups", new() { Limits = new() { SignUps = -1 } } },
        { "keystore:maxkeys", new() { MaxKeys = 0 } },
        { "keystore:maxheads", new() { MaxHeads = 0 } },
        { "keystore:signup", new() { SignUp = (SignUpRule)7 } },
        { "keystore:admissionkeys", new() { AdmissionKeys = "did:key:planted" } },
        { "keystore:admissionkeys", new() { SignUp = SignUpRule.Admission } },
    };

    [Theory, MemberData(nameof(WrongSettings))]
    public void A_wrong_setting_is_named_with_its_remedy_and_without_its_value(string setting, KeystoreOptions options)
    {
        var refusal = Assert.Throws<StartupException>(() => KeystoreService.Build(options with { Data = options.Data == " " ? " " : folder.FullName }));
        Assert.Contains(setting, refusal.What, StringComparison.Ordinal);
        Assert.NotEmpty(refusal.Remedy);
        Assert.DoesNotContain("planted", refusal.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    public static TheoryData<string, VaultOptions> WrongSettingsOfAVault() => new()
    {
        { "vault:maxchannels", new() { MaxChannels = 0 } },
        { "vault:maxgivenbytes", new() { MaxGivenBytes = 0 } },
        { "vault:maxwaitingletters", new() { MaxWaitingLetters = 0 } },
        { "vault:limits:guest", new() { Limits = new() { Guest = 0 } } },
    };

    [Theory, MemberData(nameof(WrongSettingsOfAVault))]
    public void So_is_a_wrong_setting_of_a_vault(string setting, VaultOptions options) =>
        Assert.Contains(setting, Assert.Throws<StartupException>(() => VaultService.Build(options with { Data = folder.FullName })).What, StringComparison.Ordinal);

    [Fact]
    public async Task A_database_that_does_not_answer_stops_the_start()
    {
        var service = KeystoreService.Build(new() { Urls = "http://127.0.0.1:0", Data = folder.FullName, Database = "Host=127.0.0.1;Port=1;Password=planted;Timeout=3" });
        var refusal = await Assert.ThrowsAsync<StartupException>(() => service.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("database", refusal.What, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_secret_is_made_for_its_owner_alone_and_stays()
    {
        ServiceSecret.LoadOrCreate(SecretPath);
        var first = File.ReadAllBytes(SecretPath);
        Assert.Equal(33, first.Length);
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no mode bits.");
            return;
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SecretPath));
        ServiceSecret.LoadOrCreate(SecretPath);
        Assert.Equal(first, File.ReadAllBytes(SecretPath));
    }

    [Fact]
    public async Task What_the_first_start_makes_is_for_its_owner_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no mode bits.");
            return;
        }

        var data = Path.Combine(folder.FullName, "new");
        await using var service = KeystoreService.Build(new() { Urls = "http://127.0.0.1:0", Data = data });
        await service.StartAsync(TestContext.Current.CancellationToken);
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        Assert.Contains(Directory.GetFiles(data), path => path.EndsWith(".db", StringComparison.Ordinal));
        foreach (var path in (string[])[data, .. Directory.GetFiles(data)])
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & others);
    }

    [Fact]
    public void A_secret_that_is_open_to_others_or_damaged_stops_the_start()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no mode bits.");
            return;
        }

        ServiceSecret.LoadOrCreate(SecretPath);
        foreach (var open in new[] { UnixFileMode.GroupRead, UnixFileMode.OtherRead, UnixFileMode.GroupWrite })
        {
            File.SetUnixFileMode(SecretPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | open);
            Assert.Contains("chmod 600", Assert.Throws<StartupException>(() => ServiceSecret.LoadOrCreate(SecretPath)).Remedy, StringComparison.Ordinal);
        }

        File.SetUnixFileMode(SecretPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (var content in new[] { Array.Empty<byte>(), new byte[32], new byte[34], new byte[66], new byte[99] })
        {
            File.WriteAllBytes(SecretPath, content);
            Assert.Throws<StartupException>(() => ServiceSecret.LoadOrCreate(SecretPath));
        }

        Assert.Throws<StartupException>(() => ServiceSecret.LoadOrCreate(Path.Combine(folder.FullName, "absent", "secret")));
    }

    private string SecretPath => Path.Combine(folder.FullName, "secret");
}
