using System.Diagnostics;

namespace Repository.Tests;

/// <summary>The unit file for systemd, read by systemd's own checker where there is one.</summary>
public sealed class ServiceUnitTests
{
    private const string Program = "/opt/keyladder/keyladder-server";

    [Fact]
    public async Task Systemd_finds_nothing_to_say_about_the_unit()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "there is no systemd-analyze");
        Assert.Empty(await VerifyAsync(Unit));
        Assert.NotEmpty(await VerifyAsync(Unit.Replace("ProtectSystem", "ProtectSystm", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("User=keyladder")]
    [InlineData("NoNewPrivileges=yes")]
    [InlineData("ProtectSystem=strict")]
    [InlineData("ProtectHome=yes")]
    [InlineData("StateDirectoryMode=0700")]
    [InlineData("UMask=0077")]
    [InlineData("CapabilityBoundingSet=CAP_NET_BIND_SERVICE")]
    [InlineData("SystemCallFilter=@system-service")]
    [InlineData("LimitCORE=0")]
    public void The_service_has_no_more_than_it_needs(string line) => Assert.Contains(line, Unit.Split('\n'));

    private static string Unit => File.ReadAllText(Path.Combine(Repository.Root, "deploy", "keyladder.service"));

    // It also looks whether the program is there, which is for who installs it: another one stands in its place.
    private static async Task<string> VerifyAsync(string unit)
    {
        var folder = Directory.CreateTempSubdirectory("keyladder-test-");
        try
        {
            var path = Path.Combine(folder.FullName, "keyladder.service");
            await File.WriteAllTextAsync(path, unit.Replace(Program, "/bin/true", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            using var process = Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", path]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return await output + await error + (process.ExitCode == 0 ? "" : $"exit code {process.ExitCode}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
