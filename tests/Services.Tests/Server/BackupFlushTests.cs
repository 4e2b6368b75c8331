using System.Diagnostics;
using Keyladder.Testing;

namespace Services.Tests.Server;

/// <summary>What a loss of power takes is what was not flushed: strace, where there is one, tells what a command flushes, and in which order.</summary>
public sealed class BackupFlushTests
{
    [Fact]
    public async Task H10_a_backup_is_on_the_disk_before_it_has_its_name_and_the_name_before_it_is_said_to_be_made()
    {
        Assert.SkipUnless(Traces(), "There is no strace, or it may not be used.");
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite);
        string[] settings = [.. database.Settings, "--keystore:origin", "http://localhost:1", .. ServerProcess.Silent];
        await (await ServerProcess.ListenAsync(settings)).DisposeAsync();
        var folder = Directory.CreateDirectory(Path.Combine(database.Folder.FullName, "backups")).FullName;
        var (file, log) = (Path.Combine(folder, "yesterday"), Path.Combine(database.Folder.FullName, "calls"));

        await using var command = ServerProcess.Start(["backup", file, .. settings], before: ["strace", "-f", "-y", "-e", "trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat,write,pwrite64,ftruncate", "-o", log]);
        var (code, output, error) = await command.EndAsync();
        Assert.True(code == 0, error);

        var calls = (await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken)).Where(line => !line.Contains("resumed>", StringComparison.Ordinal)).ToList();
        var named = calls.FindIndex(line => (line.Contains("rename", StringComparison.Ordinal) || line.Contains("link", StringComparison.Ordinal)) && line.Contains($"\"{file}\"", StringComparison.Ordinal));
        var said = calls.FindLastIndex(line => line.Contains(" write(", StringComparison.Ordinal) && line.Contains("<pipe:", StringComparison.Ordinal) && line.Contains(output[..10], StringComparison.Ordinal));
        var flushed = calls.FindLastIndex(named, line => line.Contains("sync(", StringComparison.Ordinal) && line.Contains($"<{file}.", StringComparison.Ordinal));
        var written = calls.FindLastIndex(named, line => (line.Contains(" pwrite64(", StringComparison.Ordinal) || line.Contains(" ftruncate(", StringComparison.Ordinal)) && line.Contains($"<{file}.", StringComparison.Ordinal));
        var nameFlushed = calls.FindIndex(named, line => line.Contains("sync(", StringComparison.Ordinal) && line.Contains($"<{folder}>", StringComparison.Ordinal));
        Assert.True(0 <= written && written < flushed && flushed < named && named < nameFlushed && nameFlushed < said, $"{written} {flushed} {named} {nameFlushed} {said}");
    }

    private static bool Traces()
    {
        try
        {
            using var strace = Process.Start(new ProcessStartInfo("strace", ["-o", "/dev/null", "true"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            strace.WaitForExit();
            return strace.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
