using System.Diagnostics;
using System.Security.Cryptography;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Soak.Runs;
using Keyladder.Testing;

namespace EndToEnd.Tests.Soak;

/// <summary>What a loss of power takes is what was not flushed. No test cuts the power; here strace, where there is one, tells what a Vault flushes before it acknowledges.</summary>
public sealed class PowerLossTests
{
    [Fact]
    public async Task H10_a_part_of_an_attachment_and_its_name_are_on_the_disk_before_the_database_names_it()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "vault");
        var folder = database.Folder;
        await using var keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        await using var vault = await FaultyVault.StartAsync(folder, null);
        using var device = DeviceSecret.Generate();
        using var secret = UnlockSecret.FromDevice(device);
        using var client = new KeyladderClient(keystore.Origin, new MemoryPinStore());
        await using var account = await client.SignUpAsync(secret, cancellation);
        await using var here = await account.Vaults.CreateAsync(vault.Address, cancellationToken: cancellation);

        var log = Path.Combine(folder.FullName, "flushed");
        using var strace = TryAttach(vault.Process.Id, log);
        Assert.SkipWhen(strace is null, "There is no strace, or it may not be used.");
        await using (var upload = here.Upload(new MemoryStream(RandomNumberGenerator.GetBytes(5 * 1024 * 1024))))
            await upload.RunAsync(cancellationToken: cancellation);
        strace.Kill(); // the one that this test started; what it looked at goes on
        await strace.WaitForExitAsync(cancellation);

        // Each line ends in the file that was flushed: 12345 fsync(201</tmp/…/attachments/0f/0f…>) = 0
        var flushed = (await File.ReadAllLinesAsync(log, cancellation)).Where(line => line.Contains("sync(", StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..].Split('>')[0]).ToList();
        var attachments = Path.Combine(folder.FullName, "attachments");
        var parts = Directory.GetFiles(attachments, "*", SearchOption.AllDirectories);
        Assert.Equal(2, parts.Length);
        foreach (var part in parts)
        {
            var order = flushed.SkipWhile(path => path != part).TakeWhile(path => !path.EndsWith("vault.db-wal", StringComparison.Ordinal)).ToList();
            Assert.Equal([part, Path.GetDirectoryName(part)!, attachments, folder.FullName], order);
            Assert.True(flushed.Count > flushed.IndexOf(part) + order.Count, "The database follows.");
        }
    }

    private static Process? TryAttach(int process, string log)
    {
        try
        {
            var strace = Process.Start(new ProcessStartInfo("strace", ["-f", "-y", "-e", "trace=fsync,fdatasync", "-o", log, "-p", $"{process}"]) { RedirectStandardError = true })!;
            return strace.StandardError.ReadLine()?.Contains("attached", StringComparison.Ordinal) == true ? strace : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
