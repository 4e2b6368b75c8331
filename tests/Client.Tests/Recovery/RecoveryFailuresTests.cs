using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Recovery;

/// <summary>Lost connections, answers that are none, two devices at once: what has happened is found out, and nothing is lost.</summary>
public sealed class RecoveryFailuresTests
{
    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task What_breaks_off_before_the_record_is_replaced_has_changed_nothing_and_a_lost_answer_is_found_out(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        await scene.RegisterAsync(scene.Device());
        var opened = await scene.FetchAsync(scene.Device());

        scene.StoreProxy.Block = call => call == "PUT /v1/recovery/record";
        using (var change = await opened.ChangePasswordAsync(scene.Typed(RecoveryScene.OtherPassword), Cancellation))
        using (var typed = change.RecoveryCode.Copy())
            Assert.Equal(FailureReason.Unreachable, (await Assert.ThrowsAsync<KeyladderException>(() => change.CompleteAsync(typed, Cancellation))).Reason);
        scene.StoreProxy.Block = null;
        await scene.FetchAsync(scene.Device());

        scene.StoreProxy.Lie = answer => answer.Lost = answer is { Method: "PUT", Path: "/v1/recovery/record" };
        using (var change = await opened.ChangePasswordAsync(scene.Typed(RecoveryScene.OtherPassword), Cancellation))
        using (var typed = change.RecoveryCode.Copy())
            scene.Keep(await change.CompleteAsync(typed, Cancellation));
        scene.StoreProxy.Lie = null;
        await scene.FetchAsync(scene.Device(), RecoveryScene.OtherPassword);
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task An_answer_that_is_none_takes_no_record_back_that_has_landed(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        await scene.RegisterAsync(scene.Device());
        var opened = await scene.FetchAsync(scene.Device());
        scene.StoreProxy.Lie = answer =>
        {
            if (answer is { Method: "PUT", Path: "/v1/recovery/record" })
                answer.Body = "<html>"u8.ToArray();
        };
        using (var change = await opened.ChangePasswordAsync(scene.Typed(RecoveryScene.OtherPassword), Cancellation))
        using (var typed = change.RecoveryCode.Copy())
            scene.Keep(await change.CompleteAsync(typed, Cancellation));
        scene.StoreProxy.Lie = null;
        await scene.FetchAsync(scene.Device(), RecoveryScene.OtherPassword);
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task Of_two_devices_that_change_the_password_the_second_is_told_and_what_the_first_has_set_opens(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        await scene.RegisterAsync(scene.Device());
        var (first, second) = (await scene.FetchAsync(scene.Device()), await scene.FetchAsync(scene.Device()));
        using var late = await second.ChangePasswordAsync(scene.Typed(RecoveryScene.ThirdPassword), Cancellation);
        using (var change = await first.ChangePasswordAsync(scene.Typed(RecoveryScene.OtherPassword), Cancellation))
        using (var typed = change.RecoveryCode.Copy())
            scene.Keep(await change.CompleteAsync(typed, Cancellation));
        using (var typed = late.RecoveryCode.Copy())
            Assert.Equal(FailureReason.SessionEnded, (await Assert.ThrowsAsync<RefusedException>(() => late.CompleteAsync(typed, Cancellation))).Reason);
        await scene.FetchAsync(scene.Device(), RecoveryScene.OtherPassword);
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task A_service_that_does_not_answer_is_named(Engine engine)
    {
        await using var scene = await RecoveryScene.BeginAsync(engine);
        await scene.RegisterAsync(scene.Device());
        scene.GuardianProxy.Block = call => call.Contains("/v1/guardian/", StringComparison.Ordinal);
        Assert.StartsWith("The Guardian at", (await Assert.ThrowsAsync<KeyladderException>(() => scene.FetchAsync(scene.Device()))).Message, StringComparison.Ordinal);
        scene.StoreProxy.Block = _ => true;
        Assert.StartsWith("The Passphrase Store at", (await Assert.ThrowsAsync<KeyladderException>(() => scene.FetchAsync(scene.Device()))).Message, StringComparison.Ordinal);
    }
}
