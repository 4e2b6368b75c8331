using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Recovery;

/// <summary>A person with a username and a password, through both services.</summary>
public sealed class RecoveryTests
{
    [Theory, OnBothEngines]
    public async Task An_empty_device_gets_the_words_with_username_and_password_and_the_account_opens(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var registered = await scene.RegisterAsync(scene.Device());

        var fetched = await scene.FetchAsync(scene.Device());
        Assert.Equal(RecoveryScene.Write(registered.Words), RecoveryScene.Write(fetched.Words));
        Assert.Equal((registered.Account, registered.Identity, registered.Keystore), (fetched.Account, fetched.Identity, fetched.Keystore));
        Assert.Contains(fetched.Events, each => each.Kind == RecoveryEventKinds.Registered);
        var account = scene.Keep(await fetched.UnlockAsync(scene.Client(), Cancellation));
        Assert.Equal(fetched.Account, account.Id);
        Assert.Equal(DateOnly.FromDateTime(DateTime.UtcNow), account.Created);
    }

    [Theory, OnBothEngines]
    public async Task The_words_that_an_account_has_are_enrolled_and_others_are_not(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        using var words = Words.Generate();
        using var others = Words.Generate();
        using var secret = UnlockSecret.FromWords(words);
        var account = scene.Keep(await scene.Client().SignUpAsync(secret, Cancellation));
        var device = scene.Device();

        using (var wrong = await device.RegisterAsync(scene.Username, scene.Typed(RecoveryScene.Password), others, Cancellation))
        using (var typed = wrong.RecoveryCode.Copy())
            Assert.Equal(FailureReason.NotAllowed, (await Assert.ThrowsAsync<KeyladderException>(() => wrong.CompleteAsync(account, "12345678", typed, Cancellation))).Reason);

        var code = await scene.CodeAsync(device, CodePurposes.Register);
        using var registration = await device.RegisterAsync(scene.Username, scene.Typed(RecoveryScene.Password), words, Cancellation);
        using var typedAgain = registration.RecoveryCode.Copy();
        scene.Keep(await registration.CompleteAsync(account, code, typedAgain, Cancellation));
        Assert.Equal(RecoveryScene.Write(words), RecoveryScene.Write((await scene.FetchAsync(scene.Device())).Words));
    }

    [Theory, OnBothEngines]
    public async Task F06_a_wrong_password_costs_a_guess_and_after_ten_there_is_a_wait_until_the_reset(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var registered = await scene.RegisterAsync(scene.Device());
        var known = scene.Keep(await registered.AddDeviceAsync(cancellationToken: Cancellation));
        var device = scene.Device();
        for (var guess = 0; guess < RecoveryLimits.FreeGuesses; guess++)
            Assert.Equal(FailureReason.SignInFailed, (await Assert.ThrowsAsync<KeyladderException>(() => scene.FetchAsync(device, RecoveryScene.OtherPassword))).Reason);

        KeyladderException? wait = null;
        for (var more = 0; more < 2 && wait is null; more++)
        {
            var failure = await Assert.ThrowsAsync<KeyladderException>(() => scene.FetchAsync(device));
            wait = failure.Reason == FailureReason.TooManyRequests ? failure : null;
        }

        Assert.NotNull(wait);
        Assert.InRange(wait.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        scene.Keep(await scene.Device().FetchAsync(known, scene.Typed(RecoveryScene.Password), Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task F20_after_a_change_the_new_password_opens_and_neither_the_old_one_nor_the_old_code_does(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var device = scene.Device();
        var before = await scene.RegisterAsync(device);
        var known = scene.Keep(await before.AddDeviceAsync(cancellationToken: Cancellation));
        using var oldCode = known.RecoveryCode.Copy();

        var opened = await scene.FetchAsync(scene.Device());
        using (var change = await opened.ChangePasswordAsync(scene.Typed(RecoveryScene.OtherPassword), Cancellation))
        using (var typed = change.RecoveryCode.Copy())
            scene.Keep(await change.CompleteAsync(typed, Cancellation));

        Assert.Equal(RecoveryScene.Write(before.Words), RecoveryScene.Write((await scene.FetchAsync(scene.Device(), RecoveryScene.OtherPassword)).Words));
        Assert.Equal(FailureReason.SignInFailed, (await Assert.ThrowsAsync<KeyladderException>(() => scene.FetchAsync(scene.Device()))).Reason);
        var code = await scene.CodeAsync(device, CodePurposes.Reset);
        Assert.Equal(
            FailureReason.SignInFailed,
            (await Assert.ThrowsAsync<KeyladderException>(() => device.ReleaseAsync(scene.Username, code, oldCode, Cancellation))).Reason);
        Assert.Equal(
            FailureReason.SessionEnded,
            (await Assert.ThrowsAnyAsync<KeyladderException>(() => device.FetchAsync(known, scene.Typed(RecoveryScene.OtherPassword), Cancellation))).Reason);
    }

    [Theory, OnBothEngines]
    public async Task A_forgotten_password_is_reset_by_mail_and_recovery_code_and_the_words_stay(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var registered = await scene.RegisterAsync(scene.Device());
        var known = scene.Keep(await registered.AddDeviceAsync(cancellationToken: Cancellation));
        var device = scene.Device();

        var code = await scene.CodeAsync(device, CodePurposes.Reset);
        var released = scene.Keep(await device.ReleaseAsync(scene.Username, code, known.RecoveryCode, Cancellation));
        using (var change = await released.ChangePasswordAsync(scene.Typed(RecoveryScene.OtherPassword), Cancellation))
        using (var typed = change.RecoveryCode.Copy())
            scene.Keep(await change.CompleteAsync(typed, Cancellation));

        Assert.Equal(RecoveryScene.Write(registered.Words), RecoveryScene.Write((await scene.FetchAsync(scene.Device(), RecoveryScene.OtherPassword)).Words));
        Assert.Equal(
            FailureReason.SignInFailed,
            (await Assert.ThrowsAsync<KeyladderException>(() => device.ReleaseAsync(scene.Username, code, known.RecoveryCode, Cancellation))).Reason);
    }

    [Theory, OnBothEngines]
    public async Task F04_F05_who_has_the_mailbox_and_no_recovery_code_gets_nothing(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        await scene.RegisterAsync(scene.Device());
        var thief = scene.Device();
        using var guessed = RecoveryCode.Generate();
        var code = await scene.CodeAsync(thief, CodePurposes.Reset);
        var failure = await Assert.ThrowsAsync<KeyladderException>(() => thief.ReleaseAsync(scene.Username, code, guessed, Cancellation));
        Assert.Equal(FailureReason.SignInFailed, failure.Reason);
        Assert.Contains("recovery code", failure.Message, StringComparison.Ordinal);
        var opened = await scene.FetchAsync(scene.Device());
        Assert.Contains(opened.Events, each => each.Kind == RecoveryEventKinds.Released);
    }

    [Theory, OnBothEngines]
    public async Task A_rehearsal_proves_the_recovery_code_and_a_known_device_comes_back_from_its_file(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        var device = scene.Device();
        var registered = await scene.RegisterAsync(device);
        using var made = await registered.AddDeviceAsync(cancellationToken: Cancellation);
        var bytes = made.DangerousExport();
        Assert.InRange(bytes.Length, 1, RecoveryDevice.MaxSize);
        Assert.True(RecoveryDevice.TryImport(bytes, out var known));
        scene.Keep(known);

        await device.RehearseAsync(known, known.RecoveryCode, Cancellation);
        await device.RehearseAsync(known, known.RecoveryCode, Cancellation);
        using var other = RecoveryCode.Generate();
        Assert.Equal(FailureReason.SignInFailed, (await Assert.ThrowsAsync<KeyladderException>(() => device.RehearseAsync(known, other, Cancellation))).Reason);
        Assert.Contains(await device.ReadEventsAsync(known, Cancellation), each => each.Kind == RecoveryEventKinds.DeviceAdded);

        var opened = scene.Keep(await device.FetchAsync(known, scene.Typed(RecoveryScene.Password), Cancellation));
        await opened.RemoveDeviceAsync(known, Cancellation);
        await Assert.ThrowsAnyAsync<KeyladderException>(() => device.FetchAsync(known, scene.Typed(RecoveryScene.Password), Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task After_a_withdrawal_nothing_opens_and_the_words_still_do(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        await scene.RegisterAsync(scene.Device());
        var opened = await scene.FetchAsync(scene.Device());
        await opened.WithdrawAsync(Cancellation);

        Assert.Equal(FailureReason.SignInFailed, (await Assert.ThrowsAsync<KeyladderException>(() => scene.FetchAsync(scene.Device()))).Reason);
        scene.Keep(await opened.UnlockAsync(scene.Client(), Cancellation));
    }
}
