using System.Security.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Keys;

public sealed class SealedFileTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task A_file_opens_on_another_device_whichever_key_sealed_it(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var here = (await alice.SignUpAsync()).Keys;
        var there = (await alice.UnlockAsync()).Keys;
        var content = RandomNumberGenerator.GetBytes(100_000);
        DataEncryptionKey[] keys = [await here.GeneratePersonalAsync("photos", Cancellation), await here.GenerateSharingAsync("with Bob", Cancellation)];
        await here.GenerateSigningAsync("desk", Cancellation);

        foreach (var key in keys)
        {
            var file = await SealAsync(key, content);
            if (key.Purpose == KeyPurpose.PersonalDek)
                await here.SetStateAsync(key.Id, KeyState.Deactivated, Cancellation);

            await using var opened = await there.OpenFileAsync(file, Cancellation);
            using var copy = new MemoryStream();
            await opened.CopyToAsync(copy, Cancellation);
            Assert.Equal(content, copy.ToArray());
        }
    }

    [Theory, OnBothEngines]
    public async Task What_no_key_of_the_account_sealed_is_said_so(Engine engine)
    {
        var origin = (await keystores.On(engine)).Origin;
        await using var alice = new Person(origin);
        await using var bob = new Person(origin);
        var hers = (await alice.SignUpAsync()).Keys;
        var his = (await bob.SignUpAsync()).Keys;
        await his.GeneratePersonalAsync("photos", Cancellation);
        using var photos = await hers.GeneratePersonalAsync("photos", Cancellation);
        var file = await SealAsync(photos, [1, 2, 3]);

        await FailsAsync(FailureReason.NotFound, () => his.OpenFileAsync(file, Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => hers.OpenFileAsync(new MemoryStream([1, 2, 3]), Cancellation));
        file.Position = 0;
        file.SetLength(file.Length - 1);
        await using var cut = await hers.OpenFileAsync(file, Cancellation);
        await Assert.ThrowsAsync<OpenFailedException>(() => cut.CopyToAsync(Stream.Null, Cancellation));
    }

    private static async Task<MemoryStream> SealAsync(DataEncryptionKey key, byte[] content)
    {
        var file = new MemoryStream();
        await key.SealFileAsync(new MemoryStream(content), file, Cancellation);
        file.Position = 0;
        return file;
    }

    private static async Task FailsAsync(FailureReason reason, Func<Task> call) => Assert.Equal(reason, (await Assert.ThrowsAsync<KeyladderException>(call)).Reason);
}
