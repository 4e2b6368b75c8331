using Keyladder.Keys.Passphrases;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Recovery;

/// <summary>What registering, retrieving and resetting cost in requests, at the Passphrase Store and at the Keystore, which is the Guardian and has the account.</summary>
public sealed class RecoveryCallCountTests(ITestOutputHelper output)
{
    private const int Most = 10;

    [Theory, OnBothEngines]
    public async Task To_register_to_retrieve_and_to_reset_takes_ten_requests_at_most(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        using var words = Words.Generate();
        using var secret = UnlockSecret.FromWords(words);
        var account = scene.Keep(await scene.Client().SignUpAsync(secret, Cancellation));
        OpenedRecovery registered = null!;
        await TakesAsync(
            scene,
            "register an account that there is",
            ["POST /v1/recovery/codes", "POST /v1/recovery/evaluations", "POST /v1/recovery/records"],
            ["POST /v1/guardian/records"],
            async () =>
            {
                var device = scene.Device();
                var code = await scene.CodeAsync(device, CodePurposes.Register);
                using var registration = await device.RegisterAsync(scene.Username, scene.Typed(RecoveryScene.Password), words, Cancellation);
                using var typed = registration.RecoveryCode.Copy();
                registered = scene.Keep(await registration.CompleteAsync(account, code, typed, Cancellation));
            });
        var known = scene.Keep(await registered.AddDeviceAsync(cancellationToken: Cancellation));

        OpenedRecovery fetched = null!;
        var retrieved = await TakesAsync(
            scene,
            "retrieve the words on an empty device",
            ["POST /v1/recovery/attempts", "POST /v1/recovery/successes"],
            ["POST /v1/guardian/attempts", "POST /v1/guardian/successes"],
            async () => fetched = await scene.FetchAsync(scene.Device()));
        Assert.Equal(RecoveryScene.Write(words), RecoveryScene.Write(fetched.Words));
        var opened = await TakesAsync(
            scene,
            "open the account with them and list its keys",
            [],
            ["POST /v1/nonces", "POST /v1/sessions", "GET /v1/account", "GET /v1/changes"],
            async () => await scene.Keep(await fetched.UnlockAsync(scene.Client(), Cancellation)).Keys.ListAsync(Cancellation));
        Assert.InRange(retrieved + opened, 1, Most);

        await TakesAsync(
            scene,
            "reset the password",
            ["POST /v1/recovery/codes", "POST /v1/recovery/releases", "POST /v1/recovery/evaluations", "PUT /v1/recovery/record"],
            ["POST /v1/guardian/releases", "POST /v1/guardian/records", "DELETE /v1/guardian/record"],
            async () =>
            {
                var device = scene.Device();
                var code = await scene.CodeAsync(device, CodePurposes.Reset);
                var released = scene.Keep(await device.ReleaseAsync(scene.Username, code, known.RecoveryCode, Cancellation));
                using var change = await released.ChangePasswordAsync(scene.Typed(RecoveryScene.OtherPassword), Cancellation);
                using var typed = change.RecoveryCode.Copy();
                scene.Keep(await change.CompleteAsync(typed, Cancellation));
            });
    }

    /// <returns>How many there were at both.</returns>
    private async Task<int> TakesAsync(RecoveryScene scene, string what, string[] atStore, string[] atKeystore, Func<Task> something)
    {
        Recording? store = null;
        var keystore = await scene.GuardianProxy.RecordAsync(async () => store = await scene.StoreProxy.RecordAsync(something));
        Assert.Equal(atStore, store!.Calls);
        Assert.Equal(atKeystore, keystore.Calls);
        var count = store.Calls.Count + keystore.Calls.Count;
        output.WriteLine($"{what}: {count} requests, {store.Calls.Count} at the Passphrase Store, {keystore.Calls.Count} at the Keystore");
        Assert.InRange(count, 1, Most);
        return count;
    }
}
