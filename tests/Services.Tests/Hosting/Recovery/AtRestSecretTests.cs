using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Hosting;
using Keyladder.Hosting.Recovery;
using Keyladder.Testing;

namespace Services.Tests.Hosting.Recovery;

public sealed class AtRestSecretTests : IDisposable
{
    private static readonly byte[] Plain = [1, 2, 3];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keyladder-test-");

    private string SecretPath => Path.Combine(folder.FullName, "at-rest");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void The_file_is_for_its_owner_alone_and_a_rotation_keeps_every_generation()
    {
        AtRestSecret.LoadOrCreate(SecretPath);
        var first = File.ReadAllBytes(SecretPath);
        Assert.Equal((33, 1), (first.Length, first[0]));
        for (var generation = 2; generation <= 5; generation++)
        {
            var before = File.ReadAllBytes(SecretPath);
            AtRestSecret.Rotate(SecretPath);
            var after = File.ReadAllBytes(SecretPath);
            Assert.Equal(generation, after[0]);
            Assert.Equal(before, after[33..]);
        }

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SecretPath));
        Assert.Equal(["at-rest"], folder.GetFiles().Select(file => file.Name));
    }

    [Fact]
    public void What_is_sealed_opens_for_its_label_and_owner_alone_and_after_every_rotation()
    {
        var secret = AtRestSecret.LoadOrCreate(SecretPath);
        var sealedBefore = secret.Seal(Plain, "test/v1/share", "alice");
        Assert.Equal(1, sealedBefore[0]);
        AtRestSecret.Rotate(SecretPath);
        var rotated = AtRestSecret.LoadOrCreate(SecretPath);
        var sealedAfter = rotated.Seal(Plain, "test/v1/share", "alice");
        Assert.Equal(2, sealedAfter[0]);

        // The one that has not been started anew meets what the other has sealed, and reads the file again.
        foreach (var (one, bytes) in from one in new[] { secret, rotated } from bytes in new[] { sealedBefore, sealedAfter } select (one, bytes))
        {
            using var opened = one.Open(bytes, "test/v1/share", "alice");
            Assert.Equal(Plain, opened.DangerousSpan.ToArray());
            Assert.Throws<OpenFailedException>(() => one.Open(bytes, "test/v1/share", "bob"));
            Assert.Throws<OpenFailedException>(() => one.Open(bytes, "test/v1/key", "alice"));
            Assert.Throws<OpenFailedException>(() => one.Open([3, .. bytes[1..]], "test/v1/share", "alice"));
            Assert.Throws<OpenFailedException>(() => one.Open([], "test/v1/share", "alice"));
            for (var at = 0; at < bytes.Length; at++)
            {
                var changed = bytes.ToArray();
                changed[at] ^= 1;
                Assert.Throws<OpenFailedException>(() => one.Open(changed, "test/v1/share", "alice"));
            }
        }
    }

    [Fact]
    public void What_is_derived_is_of_the_oldest_generation_and_of_its_label_and_subject()
    {
        var secret = AtRestSecret.LoadOrCreate(SecretPath);
        var derived = secret.Derive("test/v1/index", [7], 300);
        Assert.Equal(300, derived.Length);
        AtRestSecret.Rotate(SecretPath);
        var rotated = AtRestSecret.LoadOrCreate(SecretPath);
        Assert.Equal(derived, rotated.Derive("test/v1/index", [7], 300));
        Assert.Equal(derived[..32], rotated.Derive("test/v1/index", [7], 32));
        Assert.NotEqual(derived, rotated.Derive("test/v1/index", [8], 300));
        Assert.NotEqual(derived, rotated.Derive("test/v1/other", [7], 300));
    }

    [Fact]
    public void A_file_that_is_damaged_or_open_to_others_is_refused_and_not_replaced()
    {
        AtRestSecret.LoadOrCreate(SecretPath);
        AtRestSecret.Rotate(SecretPath);
        var good = File.ReadAllBytes(SecretPath);
        foreach (var content in new byte[][] { [], good[1..], [.. good, 1], good[..40], [.. good, .. good] })
        {
            File.WriteAllBytes(SecretPath, content);
            Assert.Contains("backup", Assert.Throws<StartupException>(() => AtRestSecret.LoadOrCreate(SecretPath)).Remedy, StringComparison.Ordinal);
            Assert.Throws<StartupException>(() => AtRestSecret.Rotate(SecretPath));
            Assert.Equal(content, File.ReadAllBytes(SecretPath));
        }

        if (OperatingSystem.IsWindows())
            return;
        File.WriteAllBytes(SecretPath, good);
        File.SetUnixFileMode(SecretPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<StartupException>(() => AtRestSecret.LoadOrCreate(SecretPath)).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_as_many_generations_as_a_byte_tells_apart()
    {
        AtRestSecret.LoadOrCreate(SecretPath);
        for (var generation = 2; generation <= 255; generation++)
            AtRestSecret.Rotate(SecretPath);
        var full = File.ReadAllBytes(SecretPath);
        Assert.Throws<StartupException>(() => AtRestSecret.Rotate(SecretPath));
        Assert.Equal(full, File.ReadAllBytes(SecretPath));
    }

    [Theory, OnBothEngines]
    public async Task A_service_whose_secret_is_lost_or_another_one_does_not_start_and_writes_nothing(Engine engine)
    {
        await using var host = await KeystoreHost.StartAsync(engine);
        await host.StopAsync();
        var path = Path.Combine(host.Database.Folder.FullName, "keystore.at-rest");
        var good = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var before = await host.Database.DumpAsync();

        File.Delete(path);
        var refusal = await Assert.ThrowsAsync<StartupException>(host.RestartAsync);
        Assert.Contains(path, refusal.What, StringComparison.Ordinal);
        Assert.False(File.Exists(path), "A new secret has been made.");

        AtRestSecret.LoadOrCreate(path);
        await Assert.ThrowsAsync<StartupException>(host.RestartAsync);
        AtRestSecret.Rotate(path);
        await Assert.ThrowsAsync<StartupException>(host.RestartAsync);
        Assert.Equal(before, await host.Database.DumpAsync());

        await File.WriteAllBytesAsync(path, good, TestContext.Current.CancellationToken);
        AtRestSecret.Rotate(path);
        await host.RestartAsync();
        await host.StopAsync();

        // Now rows may be sealed with the second generation: the file from before the rotation is not enough any more.
        await File.WriteAllBytesAsync(path, good, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<StartupException>(host.RestartAsync);
    }

    [Theory, OnBothEngines]
    public async Task Of_two_instances_with_secrets_of_their_own_one_does_not_start(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        await using (var first = Build(database, "first"))
            await first.StartAsync(TestContext.Current.CancellationToken);
        await using var second = Build(database, "second");
        await Assert.ThrowsAsync<StartupException>(() => second.StartAsync(TestContext.Current.CancellationToken));
    }

    private Microsoft.AspNetCore.Builder.WebApplication Build(TestDatabase database, string name) => Keyladder.Keystore.KeystoreService.Build(new()
    {
        Urls = "http://127.0.0.1:0",
        Data = Path.Combine(folder.FullName, name),
        Database = database.Postgres ?? $"Data Source={database.SqliteFile}",
    });
}
