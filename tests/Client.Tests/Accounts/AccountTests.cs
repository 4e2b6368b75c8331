using System.Text;
using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Accounts;

public sealed class AccountTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task A_key_made_on_one_device_opens_on_another_from_the_words_alone(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin) { Secret = NewWords() };
        var here = await alice.SignUpAsync();
        var photos = await here.Keys.GeneratePersonalAsync("photos", Cancellation);
        var id = DataId.Generate();
        var box = photos.Seal(id, "a photo"u8);

        var there = await alice.UnlockAsync();
        var listed = Assert.Single(await there.Keys.ListAsync(Cancellation));

        Assert.Equal(here.Id, there.Id);
        Assert.Equal((photos.Id, KeyPurpose.PersonalDek, KeyState.Active, "photos"), (listed.Id, listed.Purpose, listed.State, listed.Label));
        Assert.Equal("a photo", Encoding.UTF8.GetString(there.Keys.UnwrapPersonal(listed).Open(id, box)));
        Assert.Equal("a photo", Encoding.UTF8.GetString((await there.Keys.GetPersonalAsync(photos.Id, Cancellation)).Open(id, box)));
    }

    [Theory, OnBothEngines]
    public async Task A_passphrase_unlocks_with_its_Secret_Key_and_with_no_other(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        using var code = SecretKey.Generate();
        using var otherCode = SecretKey.Generate();
        using var secret = Typed("correct horse battery", code);
        await using var me = await alice.Device().SignUpAsync(secret, Cancellation);

        await using var there = await alice.Device().Account(me.Id).UnlockAsync(secret, Cancellation);
        Assert.Equal(SlotKindOf(await there.UnlockMethods.ListAsync(Cancellation)), secret.SlotKind);

        using var wrongCode = Typed("correct horse battery", otherCode);
        using var wrongPassphrase = Typed("correct horse batterz", code);
        await FailsAsync(FailureReason.SignInFailed, () => alice.Device().Account().UnlockAsync(wrongCode, Cancellation));
        await FailsAsync(FailureReason.SignInFailed, () => alice.Device().Account().UnlockAsync(wrongPassphrase, Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task Two_people_have_nothing_of_each_other(Engine engine)
    {
        var origin = (await keystores.On(engine)).Origin;
        await using var alice = new Person(origin);
        await using var bob = new Person(origin);
        var hers = await alice.SignUpAsync();
        var his = await bob.SignUpAsync();
        var photos = await hers.Keys.GeneratePersonalAsync("photos", Cancellation);

        Assert.Empty(await his.Keys.ListAsync(Cancellation));
        await FailsAsync(FailureReason.NotFound, () => his.Keys.GetAsync(photos.Id, Cancellation));
        await FailsAsync(FailureReason.NotFound, () => his.Keys.DeleteAsync(photos.Id, Cancellation));
        await FailsAsync(FailureReason.NotFound, () => his.Keys.RenameAsync(photos.Id, "mine", Cancellation));
        await FailsAsync(FailureReason.NotFound, async () => await his.Sessions.RevokeAsync((await hers.Sessions.ListAsync(Cancellation)).Single().Id, Cancellation));
        await FailsAsync(FailureReason.OtherAccount, () => bob.Device().Account(hers.Id).UnlockAsync(bob.Secret, Cancellation));
        Assert.Equal("photos", (await hers.Keys.GetAsync(photos.Id, Cancellation)).Label);
    }

    [Theory, OnBothEngines]
    public async Task Words_make_one_account_and_unknown_words_open_none(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin) { Secret = NewWords() };
        await FailsAsync(FailureReason.SignInFailed, () => alice.UnlockAsync());
        var me = await alice.SignUpAsync();

        await FailsAsync(FailureReason.AccountExists, () => alice.SignUpAsync());

        Assert.Equal(me.Id, (await alice.UnlockAsync()).Id);
    }

    [Theory, OnBothEngines]
    public async Task Locking_erases_every_key_and_ends_the_session(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var me = await alice.SignUpAsync();
        var other = await alice.UnlockAsync();
        var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        var desk = await me.Keys.GenerateSigningAsync("desk", Cancellation);
        var listed = await me.Keys.ListAsync(Cancellation);

        var locked = await me.LockAsync(Cancellation);

        Assert.Throws<ObjectDisposedException>(() => photos.Seal(DataId.Generate(), "a photo"u8));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => desk.SignAsync(new MemoryStream(), DateTimeOffset.UnixEpoch, Cancellation));
        Assert.Throws<ObjectDisposedException>(() => me.Keys.UnwrapPersonal(listed.Single(key => key.Id == photos.Id)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => me.Keys.ListAsync(Cancellation));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => me.Keys.GeneratePersonalAsync("more", Cancellation));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => me.Sessions.ListAsync(Cancellation));
        Assert.True(Assert.Single(await other.Sessions.ListAsync(Cancellation)).Current);
        await using var again = await locked.UnlockAsync(alice.Secret, Cancellation);
        Assert.Equal(2, (await again.Keys.ListAsync(Cancellation)).Count);
    }

    [Theory, OnBothEngines]
    public async Task A_session_that_was_ended_elsewhere_is_opened_again_by_the_next_call(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var me = await alice.SignUpAsync();
        var other = await alice.UnlockAsync();
        foreach (var session in await other.Sessions.ListAsync(Cancellation))
        {
            if (!session.Current)
                await other.Sessions.RevokeAsync(session.Id, Cancellation);
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => me.Keys.ListAsync(Cancellation)));
        await me.Keys.GeneratePersonalAsync("photos", Cancellation);

        Assert.Equal(2, (await other.Sessions.ListAsync(Cancellation)).Count);
        Assert.Single(await other.Keys.ListAsync(Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task A_session_that_has_expired_is_opened_again(Engine engine)
    {
        await using var host = await KeystoreHost.StartAsync(engine);
        await using var alice = new Person(host.Origin);
        var me = await alice.SignUpAsync();

        host.Time.Move(TimeSpan.FromHours(13));

        await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        Assert.Single(await me.Sessions.ListAsync(Cancellation), session => session.Current);
    }

    [Theory, OnBothEngines]
    public async Task A_wrong_clock_on_the_device_does_not_matter(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var clock = new MovableTime();
        clock.Move(TimeSpan.FromDays(-400));
        var client = alice.Device(time: clock);

        var me = await alice.SignUpAsync(client);
        await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        clock.Move(TimeSpan.FromDays(800));

        Assert.Single(await me.Keys.ListAsync(Cancellation));
        await me.Keys.GeneratePersonalAsync("letters", Cancellation);
    }

    [Theory, OnBothEngines]
    public async Task Everything_that_an_account_owns_is_found_to_open(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var me = await alice.SignUpAsync();
        var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        await me.Keys.GenerateSigningAsync(cancellationToken: Cancellation);
        await me.Keys.SetStateAsync(photos.Id, KeyState.Compromised, Cancellation);

        var findings = await (await alice.UnlockAsync()).ExamineAsync(Cancellation);

        Assert.All(findings, finding => Assert.True(finding.IsGood, finding.Problem));
        Assert.Equal(6, findings.Count);
        Assert.Contains(findings, finding => finding.What == $"key {photos.Id} (photos)");
    }

    [Theory, OnBothEngines]
    public async Task A_signed_request_by_hand_is_answered_as_it_is(Engine engine)
    {
        await using var alice = new Person((await keystores.On(engine)).Origin);
        var me = await alice.SignUpAsync();

        var (status, body) = await me.SendAsync(HttpMethod.Get, "/v1/changes?since=0", cancellationToken: Cancellation);
        Assert.Equal(200, status);
        Assert.StartsWith("{\"changes\":", Encoding.UTF8.GetString(body.Span), StringComparison.Ordinal);
        (status, body) = await me.SendAsync(HttpMethod.Post, "/v1/keys/fetch", "{}"u8.ToArray(), Cancellation);
        Assert.Equal(400, status);
        Assert.Contains("malformed-request", Encoding.UTF8.GetString(body.Span), StringComparison.Ordinal);
    }

    private static UnlockSecret Typed(string passphrase, SecretKey code) =>
        UnlockSecret.TryParse(passphrase, code, out var secret, out var error) ? secret : throw new InvalidOperationException(error.ToString());

    private static string SlotKindOf(IReadOnlyList<UnlockMethod> methods) => Assert.Single(methods).Kind;

    private static async Task FailsAsync(FailureReason reason, Func<Task> call) => Assert.Equal(reason, (await Assert.ThrowsAsync<KeyladderException>(call)).Reason);
}
