using System.Net;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore.Admissions;

public sealed class AdmissionTests : IDisposable
{
    private readonly Ed25519PrivateKey app = Ed25519PrivateKey.Generate();
    private readonly Ed25519PrivateKey otherApp = Ed25519PrivateKey.Generate();

    public void Dispose()
    {
        app.Dispose();
        otherApp.Dispose();
    }

    [Theory, OnBothEngines]
    public async Task Each_registered_app_lets_people_in(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, Newcomer.By(app, otherApp));
        (await Newcomer.KnockAsync(service, admission: Now(service).Sign(app))).IsLetIn();
        (await Newcomer.KnockAsync(service, admission: Now(service).Sign(otherApp))).IsLetIn();
    }

    [Theory, OnBothEngines]
    public async Task G05_an_admission_that_is_sent_again_lets_nobody_in(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, Newcomer.By(app));
        using var otherInstance = await service.StartAnotherInstanceAsync();
        var admission = Now(service);
        (await Newcomer.KnockAsync(service, admission: admission.Sign(app))).IsLetIn();

        var before = await service.Database.DumpAsync("limits");
        (await Newcomer.KnockAsync(service, admission: admission.Sign(app))).IsProblem(ProblemTypes.SignUpClosed);
        (await Newcomer.KnockAsync(service, otherInstance, admission: (admission with { Expires = admission.Expires - 1 }).Sign(app))).IsProblem(ProblemTypes.SignUpClosed);
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
    }

    [Theory, OnBothEngines]
    public async Task G05_of_many_uses_of_one_admission_at_two_instances_one_succeeds(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, Newcomer.By(app));
        using var otherInstance = await service.StartAnotherInstanceAsync();
        for (var round = 0; round < 3; round++)
        {
            var admission = Now(service).Sign(app);
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(number =>
                Newcomer.KnockAsync(service, number % 2 == 0 ? service.Http : otherInstance, admission: admission)));
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
            Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.Created), answer => answer.IsProblem(ProblemTypes.SignUpClosed));
        }
    }

    [Theory, OnBothEngines]
    public async Task One_app_cannot_spend_what_another_one_signs(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, Newcomer.By(app, otherApp));
        var admission = Now(service);
        (await Newcomer.KnockAsync(service, admission: admission.Sign(otherApp))).IsLetIn();
        (await Newcomer.KnockAsync(service, admission: admission.Sign(app))).IsLetIn();
    }

    [Theory, OnBothEngines]
    public async Task A_sign_up_that_fails_for_another_reason_does_not_spend_the_admission(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, Newcomer.By(app));
        var alice = new Person(service);
        (await Newcomer.KnockAsync(service, admission: Now(service).Sign(app), person: alice)).IsLetIn();
        var admission = Now(service).Sign(app);

        (await Newcomer.KnockAsync(service, admission: admission, person: new Person(service) { Slot = alice.Slot })).IsProblem(ProblemTypes.AccountExists);
        (await Newcomer.KnockAsync(service, admission: admission)).IsLetIn();
    }

    public static TheoryData<Engine, string> Spoiled() => new MatrixTheoryData<Engine, string>(
        [Engine.Sqlite, Engine.Postgres],
        ["none", "empty", "another app", "another service", "expired", "expires now", "issued in two minutes", "too long", "another kind", "flipped signature", "an invitation"]);

    [Theory, MemberData(nameof(Spoiled))]
    public async Task What_is_not_exactly_right_lets_nobody_in_and_all_of_it_looks_the_same(Engine engine, string what)
    {
        await using var service = await RunningService.StartAsync(engine, Newcomer.By(app));
        var right = Now(service);
        var jws = right.Sign(app);
        Assert.True(Origin.TryParse("https://keys.example.org", out var elsewhere));
        var admission = what switch
        {
            "none" or "an invitation" => null,
            "empty" => "",
            "another app" => right.Sign(otherApp),
            "another service" => (right with { Audience = elsewhere }).Sign(app),
            "expired" => (right with { IssuedAt = right.IssuedAt - 601, Expires = right.IssuedAt - 1 }).Sign(app),
            "expires now" => (right with { IssuedAt = right.IssuedAt - 600, Expires = right.IssuedAt }).Sign(app),
            "issued in two minutes" => (right with { IssuedAt = right.IssuedAt + 120 }).Sign(app),
            "too long" => (right with { Expires = right.Expires + 1 }).Sign(app),
            "another kind" => jws.Replace(jws.Split('.')[0], new LoginProof(service.Origin, "n", new byte[32], 1, new byte[32]).Sign(app).Split('.')[0], StringComparison.Ordinal),
            _ => jws[..^10] + (jws[^10] == 'A' ? 'B' : 'A') + jws[^9..],
        };

        var before = await service.Database.DumpAsync("limits");
        var answer = await Newcomer.KnockAsync(service, invitation: what == "an invitation" ? new byte[16] : null, admission: admission);
        answer.IsProblem(ProblemTypes.SignUpClosed);
        Assert.Equal((await Newcomer.KnockAsync(service)).Body, answer.Body);
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
        (await Newcomer.KnockAsync(service, admission: jws)).IsLetIn();
    }

    private static Admission Now(RunningService service) => Admission.Create(service.Origin, service.Time.GetUtcNow());
}
