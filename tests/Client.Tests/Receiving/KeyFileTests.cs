using System.Text;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Receiving;

/// <summary>What unlocks an application's account lies on a disk: for whom, and what is said where it does not lie as it should.</summary>
public sealed class KeyFileTests(Keystores keystores) : IClassFixture<Keystores>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-key-file-");

    private string PathOfFile => Path.Combine(_folder.FullName, "worker.key");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory, OnBothEngines]
    public async Task It_alone_unlocks_the_account_until_its_device_is_removed(Engine engine)
    {
        await using var person = new Person((await keystores.On(engine)).Origin);
        var account = await person.SignUpAsync();
        var device = await account.UnlockMethods.AddKeyFileAsync(PathOfFile, Cancellation);

        using (var file = KeyladderClient.ReadKeyFile(PathOfFile))
        using (var secret = file.ToUnlockSecret())
        using (var client = new KeyladderClient(file.Service.Address, new MemoryPinStore()))
        {
            await using (var opened = await client.Account(file.Account).UnlockAsync(secret, Cancellation))
                Assert.Equal(account.Id, opened.Id);
            await account.UnlockMethods.RemoveAsync(device.Id, Cancellation);
            var refused = await Assert.ThrowsAsync<KeyladderException>(() => client.Account(file.Account).UnlockAsync(secret, Cancellation));
            Assert.Equal(FailureReason.SignInFailed, refused.Reason);
        }
    }

    [Theory, OnBothEngines]
    public async Task There_is_none_where_the_service_did_not_take_it_and_none_is_overwritten(Engine engine)
    {
        await using var person = new Person((await keystores.On(engine)).Origin);
        var account = await person.SignUpAsync();
        await File.WriteAllTextAsync(PathOfFile, "mine", Cancellation);
        var refused = await Assert.ThrowsAsync<KeyladderException>(() => account.UnlockMethods.AddKeyFileAsync(PathOfFile, Cancellation));
        Assert.Equal(FailureReason.NotAllowed, refused.Reason);
        Assert.Equal("mine", await File.ReadAllTextAsync(PathOfFile, Cancellation));

        File.Delete(PathOfFile);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => account.UnlockMethods.AddKeyFileAsync(PathOfFile, new CancellationToken(canceled: true)));
        Assert.False(File.Exists(PathOfFile));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead), InlineData(UnixFileMode.OtherRead), InlineData(UnixFileMode.GroupWrite), InlineData(UnixFileMode.OtherExecute)]
    public async Task One_that_others_can_reach_is_refused(UnixFileMode more)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows keeps no such bits");
            return;
        }

        await MakeAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOfFile));
        KeyladderClient.ReadKeyFile(PathOfFile).Dispose();

        File.SetUnixFileMode(PathOfFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);
        Refuses($"Others can read the key file {PathOfFile}.");
    }

    [Fact]
    public async Task What_is_the_matter_with_it_is_said()
    {
        Refuses($"There is no key file {PathOfFile}.");
        await MakeAsync();
        var genuine = await File.ReadAllTextAsync(PathOfFile, Cancellation);

        Write(genuine[..^20]);
        Refuses($"The key file {PathOfFile} is not as it was written: it was cut or changed.");
        var lines = genuine.Split('\n');
        Write(genuine.Replace(lines[3], lines[3][1..] + lines[3][0], StringComparison.Ordinal));
        Refuses($"The key file {PathOfFile} is not as it was written: it was cut or changed.");
        Write(genuine.Replace("/v1", "/v2", StringComparison.Ordinal));
        Refuses($"The key file {PathOfFile} is of a version that this program does not know.");
        Write("KL1-0000000");
        Refuses($"{PathOfFile} is no key file.");
        Write(genuine + new string('x', 2_000));
        Refuses($"The key file {PathOfFile} is not as it was written: it was cut or changed.");
        Write(genuine);
        KeyladderClient.ReadKeyFile(PathOfFile).Dispose();
    }

    private async Task MakeAsync()
    {
        await using var person = new Person((await keystores.On(Engine.Sqlite)).Origin);
        await (await person.SignUpAsync()).UnlockMethods.AddKeyFileAsync(PathOfFile, Cancellation);
    }

    private void Write(string content) => File.WriteAllBytes(PathOfFile, Encoding.ASCII.GetBytes(content));

    private void Refuses(string what)
    {
        var refused = Assert.Throws<KeyladderException>(() => KeyladderClient.ReadKeyFile(PathOfFile));
        Assert.Equal((FailureReason.NotAllowed, what), (refused.Reason, refused.Message));
        Assert.NotEmpty(refused.NextStep);
    }
}
