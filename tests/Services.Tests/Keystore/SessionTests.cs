using System.Globalization;
using System.Net;
using Keyladder.Cryptography;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

public sealed class SessionTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task A_person_sees_own_sessions_and_which_one_asks(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        var phone = await alice.AtAnotherDeviceAsync();

        var sessions = (await phone.SendAsync(Request.Get(ServiceRoutes.Sessions))).As<SessionsResponse>().Sessions;
        Assert.Equal(
            new[] { alice.Session.KeyId.Session.Value, phone.Session.KeyId.Session.Value }.Order(),
            sessions.Select(session => session.Id).Order());
        Assert.Equal(phone.Session.KeyId.Session.Value, Assert.Single(sessions, session => session.Current).Id);
        Assert.All(sessions, session =>
        {
            Assert.Equal(alice.Slot.Id.Value, session.Slot);
            Assert.Equal(alice.Now.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), session.Created);
        });
        Assert.Single((await bob.SendAsync(Request.Get(ServiceRoutes.Sessions))).As<SessionsResponse>().Sessions);
    }

    [Theory, OnBothEngines]
    public async Task G12_a_revoked_session_is_dead_at_the_next_request_at_every_instance(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = await Person.SignedUpAsync(service);
        var phone = await alice.AtAnotherDeviceAsync();
        using var otherInstance = await service.StartAnotherInstanceAsync();
        var anyRead = Request.Get(KeystoreRoutes.Account);
        (await phone.SendAsync(anyRead)).As<AccountResponse>();
        (await phone.SendAsync(anyRead, otherInstance)).As<AccountResponse>();

        (await alice.SendAsync(Revoke(phone))).Is(HttpStatusCode.NoContent);
        (await phone.SendAsync(anyRead)).IsProblem(ProblemTypes.SignInRequired);
        (await phone.SendAsync(anyRead, otherInstance)).IsProblem(ProblemTypes.SignInRequired);
        (await phone.SendWriteAsync(phone.Write([phone.NewKey()], []))).IsProblem(ProblemTypes.SignInRequired);
        (await alice.SendAsync(anyRead)).As<AccountResponse>();
    }

    [Theory, OnBothEngines]
    public async Task G12_a_session_can_end_itself(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        (await alice.SendAsync(Request.Delete(ServiceRoutes.CurrentSession))).Is(HttpStatusCode.NoContent);
        (await alice.SendAsync(Request.Get(ServiceRoutes.Sessions))).IsProblem(ProblemTypes.SignInRequired);
    }

    [Theory, OnBothEngines]
    public async Task G17_a_foreign_session_and_one_that_is_not_there_look_the_same(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));

        var before = await service.Database.DumpAsync();
        var foreign = await bob.SendAsync(Revoke(alice));
        var missing = await bob.SendAsync(Request.Delete($"/v1/sessions/{SessionId.Generate()}"));
        foreign.IsProblem(ProblemTypes.NotFound);
        Assert.Equal(missing.Body, foreign.Body);
        Assert.Equal(before, await service.Database.DumpAsync());
        (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).As<AccountResponse>();
    }

    [Theory, OnBothEngines]
    public async Task A_session_ends_after_its_time_and_its_row_goes(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = await Person.SignedUpAsync(service);
        service.Time.Move(TimeSpan.FromHours(10.9));
        (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).As<AccountResponse>();
        service.Time.Move(TimeSpan.FromHours(1.2));
        (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).IsProblem(ProblemTypes.SignInRequired);

        // The sweep runs when an instance starts and now and then.
        using var otherInstance = await service.StartAnotherInstanceAsync();
        for (var dump = "sessions:"; dump.Contains("sessions:", StringComparison.Ordinal) || dump.Contains("spent_nonces:", StringComparison.Ordinal);)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            dump = await service.Database.DumpAsync();
        }
    }

    [Theory, OnBothEngines]
    public async Task The_database_holds_no_time_finer_than_an_hour(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = await Person.SignedUpAsync(service);
        await alice.PutAsync(alice.NewKey());

        var now = alice.Now.ToUnixTimeMilliseconds();
        var dump = await service.Database.DumpAsync("schema_versions");
        var times = dump.Split(['|', '\n', ' ']).Where(text => long.TryParse(text, out var number) && Math.Abs(number - now) < TimeSpan.FromDays(2).TotalMilliseconds);
        Assert.NotEmpty(times);
        Assert.All(times, text => Assert.Equal(0, long.Parse(text, CultureInfo.InvariantCulture) % 3_600_000));
    }

    private static Request Revoke(Person person) => Request.Delete($"/v1/sessions/{person.Session.KeyId.Session}");
}
