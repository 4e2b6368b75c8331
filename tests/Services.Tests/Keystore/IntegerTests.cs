using System.Text;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

/// <summary>docs/spec/README.md: an integer is written in digits alone, so that every reader takes it for the same number.</summary>
public sealed class IntegerTests(Keystores keystores) : IClassFixture<Keystores>
{
    public static TheoryData<Engine, string> OtherForms() => new MatrixTheoryData<Engine, string>(
        [Engine.Sqlite, Engine.Postgres],
        ["-0", "-1", "+0", "00", "01", "0.0", "-0.0", "0e0", "0E1", "1e0", "9007199254740992", "9223372036854775807", "9223372036854775808", "\"0\"", "NaN", ".0", "0x0"]);

    [Theory, MemberData(nameof(OtherForms))]
    public async Task A_number_that_is_not_digits_alone_is_refused_in_a_body(Engine engine, string number)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var before = await service.Database.DumpAsync();

        (await FetchAsync(alice, number)).IsProblem(ProblemTypes.MalformedRequest);
        var write = Encoding.UTF8.GetString(Request.Post(ServiceRoutes.Changes, alice.Write([alice.NewKey()], [])).Body);
        Assert.Contains("\"revision\":1,", write, StringComparison.Ordinal);
        (await SendAsync(alice, ServiceRoutes.Changes, write.Replace("\"revision\":1,", $"\"revision\":{number},", StringComparison.Ordinal))).IsProblem(ProblemTypes.MalformedRequest);
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    [Theory, OnBothEngines]
    public async Task Digits_alone_are_a_number(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        foreach (var number in new[] { "0", "1" })
            (await FetchAsync(alice, number)).As<KeysResponse>();
    }

    private static Task<Answer> FetchAsync(Person person, string since) =>
        SendAsync(person, KeystoreRoutes.KeysFetch, $$"""{"ids":["{{person.IdentityId}}"],"since":{{since}}}""");

    private static Task<Answer> SendAsync(Person person, string target, string body) =>
        person.SendAsync(Request.Post(target) with { Body = Encoding.UTF8.GetBytes(body), ContentType = "application/json" });
}
