using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Accounts;

public sealed class UnlockMethodTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task A_changed_passphrase_opens_what_the_old_one_sealed_and_the_old_one_opens_nothing(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin) { Secret = NewWords() };
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        var other = await alice.UnlockAsync();
        var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        var id = DataId.Generate();
        var box = photos.Seal(id, "a photo"u8);
        using var next = NewWords();

        await me.ChangePassphraseAsync(next, next, Cancellation);

        await FailsAsync(FailureReason.SignInFailed, () => alice.UnlockAsync());
        await FailsAsync(FailureReason.SessionEnded, () => other.Keys.ListAsync(Cancellation));
        await FailsAsync(FailureReason.SessionEnded, () => other.Keys.GeneratePersonalAsync("more", Cancellation));
        await using var there = await alice.Device(pins).Account(me.Id).UnlockAsync(next, Cancellation);
        Assert.Equal("a photo"u8.ToArray(), (await there.Keys.GetPersonalAsync(photos.Id, Cancellation)).Open(id, box));
        await me.Keys.GeneratePersonalAsync("more", Cancellation);
        Assert.Equal(2, (await me.Sessions.ListAsync(Cancellation)).Count);
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task A_passphrase_can_be_changed_again_and_again(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var me = await alice.SignUpAsync();
        using var second = NewDevice();
        using var third = NewDevice();

        await me.ChangePassphraseAsync(second, second, Cancellation);
        await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        await me.ChangePassphraseAsync(third, third, Cancellation);
        await me.ChangePassphraseAsync(alice.Secret, alice.Secret, Cancellation);

        Assert.Single(await (await alice.UnlockAsync()).Keys.ListAsync(Cancellation));
        await FailsAsync(FailureReason.SignInFailed, () => alice.Device().Account().UnlockAsync(second, Cancellation));
        await FailsAsync(FailureReason.SignInFailed, () => alice.Device().Account().UnlockAsync(third, Cancellation));
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task A_secret_that_was_typed_otherwise_the_second_time_changes_nothing(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin) { Secret = NewWords() };
        var me = await alice.SignUpAsync();
        using var next = NewWords();
        using var slip = NewWords();

        await FailsAsync(FailureReason.SecretsDiffer, () => me.ChangePassphraseAsync(next, slip, Cancellation));
        await FailsAsync(FailureReason.SecretsDiffer, () => me.UnlockMethods.AddAsync(next, slip, Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => me.ChangePassphraseAsync(alice.Secret, alice.Secret, Cancellation));

        Assert.Single(await me.UnlockMethods.ListAsync(Cancellation));
        await alice.UnlockAsync();
        await FailsAsync(FailureReason.SignInFailed, () => alice.Device().Account().UnlockAsync(next, Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task A_recovery_key_opens_the_account_until_it_is_removed(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin) { Secret = NewWords() };
        var me = await alice.SignUpAsync();
        await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        using var recovery = NewWords();

        var added = await me.UnlockMethods.AddAsync(recovery, recovery, Cancellation);
        await using var there = await alice.Device().Account(me.Id).UnlockAsync(recovery, Cancellation);

        Assert.Single(await there.Keys.ListAsync(Cancellation));
        Assert.Equal([SlotKind.Words, SlotKind.Words], (await me.UnlockMethods.ListAsync(Cancellation)).Select(method => method.Kind));
        Assert.True((await there.UnlockMethods.ListAsync(Cancellation)).Single(method => method.Id == added.Id).Current);

        await me.UnlockMethods.RemoveAsync(added.Id, Cancellation);

        await FailsAsync(FailureReason.SessionEnded, () => there.Keys.ListAsync(Cancellation));
        await FailsAsync(FailureReason.SignInFailed, () => alice.Device().Account().UnlockAsync(recovery, Cancellation));
        await FailsAsync(FailureReason.NotFound, () => me.UnlockMethods.RemoveAsync(added.Id, Cancellation));
        Assert.Single(await me.UnlockMethods.ListAsync(Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task A_device_opens_the_account_by_its_own_secret_until_it_is_removed(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin) { Secret = NewWords() };
        var me = await alice.SignUpAsync();
        await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        using var secret = NewDevice();
        using var other = NewDevice();

        await FailsAsync(FailureReason.SecretsDiffer, () => me.UnlockMethods.AddAsync(secret, other, Cancellation));
        var added = await me.UnlockMethods.AddAsync(secret, secret, Cancellation);
        Assert.Equal(SlotKind.Device, added.Kind);
        await using var there = await alice.Device().Account(me.Id).UnlockAsync(secret, Cancellation);

        Assert.Single(await there.Keys.ListAsync(Cancellation));
        Assert.Equal(new UnlockMethod(added.Id, SlotKind.Device, Current: true), (await there.UnlockMethods.ListAsync(Cancellation)).Single(method => method.Current));
        Assert.Contains(await me.Sessions.ListAsync(Cancellation), session => session.UnlockMethod == added.Id);

        // A new passphrase leaves it alone; it can be removed and comes back no more.
        using var next = NewWords();
        await me.ChangePassphraseAsync(next, next, Cancellation);
        Assert.Single(await there.Keys.ListAsync(Cancellation));
        await FailsAsync(FailureReason.SignInFailed, () => alice.Device().Account().UnlockAsync(other, Cancellation));
        await me.UnlockMethods.RemoveAsync(added.Id, Cancellation);
        Assert.DoesNotContain(await me.Sessions.ListAsync(Cancellation), session => session.UnlockMethod == added.Id);
        await FailsAsync(FailureReason.SessionEnded, () => there.Keys.ListAsync(Cancellation));
        await FailsAsync(FailureReason.SignInFailed, () => alice.Device().Account().UnlockAsync(secret, Cancellation));
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task The_secret_in_use_is_replaced_and_not_removed(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var me = await alice.SignUpAsync();
        using var recovery = NewDevice();
        using var next = NewDevice();
        await me.UnlockMethods.AddAsync(recovery, recovery, Cancellation);
        var own = (await me.UnlockMethods.ListAsync(Cancellation)).Single(method => method.Current).Id;

        await FailsAsync(FailureReason.NotAllowed, () => me.UnlockMethods.RemoveAsync(own, Cancellation));
        await me.ChangePassphraseAsync(next, next, Cancellation);

        await using var there = await alice.Device().Account(me.Id).UnlockAsync(recovery, Cancellation);
        Assert.Equal(2, (await there.UnlockMethods.ListAsync(Cancellation)).Count);
        await FailsAsync(FailureReason.NotFound, () => there.UnlockMethods.RemoveAsync(own, Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task Calls_that_run_while_the_passphrase_is_changed_go_on(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin) { Secret = NewWords() };
        var me = await alice.SignUpAsync();
        using var next = NewWords();
        using var done = new CancellationTokenSource();

        var busy = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
                await me.Keys.ListAsync(Cancellation);
        }, Cancellation)).ToList();
        var writes = Task.Run(async () =>
        {
            for (var key = 0; key < 10; key++)
                await me.Keys.GeneratePersonalAsync($"key {key}", Cancellation);
        }, Cancellation);
        await me.ChangePassphraseAsync(next, next, Cancellation);
        await writes;
        await done.CancelAsync();
        await Task.WhenAll(busy);

        Assert.Equal(10, (await me.Keys.ListAsync(Cancellation)).Count);
    }

    private static async Task FailsAsync(FailureReason reason, Func<Task> call) => Assert.Equal(reason, (await Assert.ThrowsAsync<KeyladderException>(call)).Reason);
}
