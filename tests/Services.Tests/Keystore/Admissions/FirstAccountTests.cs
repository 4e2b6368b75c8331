using System.Net;
using Keyladder.Hosting.Admissions;
using Keyladder.Keystore;
using Keyladder.Protocol;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore.Admissions;

public sealed class FirstAccountTests
{
    [Theory, OnBothEngines]
    public async Task The_first_person_gets_in_and_the_second_does_not(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, First);
        var alice = await Person.SignedUpAsync(service);

        var before = await service.Database.DumpAsync("limits");
        (await Newcomer.KnockAsync(service)).IsProblem(ProblemTypes.SignUpClosed);
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
        await alice.PutAsync(alice.NewKey());
        await alice.SignInAsync();
    }

    [Theory, OnBothEngines]
    public async Task Closed_looks_the_same_to_everyone_whatever_they_name_or_bring(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, First);
        var alice = await Person.SignedUpAsync(service);
        var closed = (await Newcomer.KnockAsync(service)).Body;

        foreach (var probe in new[]
        {
            new Person(service) { Account = alice.Account },
            new Person(service) { Slot = alice.Slot },
            new Person(service) { Slot = Slot.Generate() with { Locator = alice.Slot.Locator } },
        })
            Assert.Equal(closed, (await Newcomer.KnockAsync(service, person: probe)).Body);
        Assert.Equal(closed, (await Newcomer.KnockAsync(service, invitation: new byte[16])).Body);
        Assert.Equal(closed, (await Newcomer.KnockAsync(service, admission: "")).Body);
    }

    [Theory, OnBothEngines]
    public async Task Of_many_who_are_first_at_two_instances_one_is(Engine engine)
    {
        for (var round = 0; round < 3; round++)
        {
            await using var service = await RunningService.StartAsync(engine, First);
            using var otherInstance = await service.StartAnotherInstanceAsync();

            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Newcomer.KnockAsync(service, number % 2 == 0 ? service.Http : otherInstance)));

            Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
            Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.Created), answer => answer.IsProblem(ProblemTypes.SignUpClosed));
            Assert.Equal(1, (await service.Database.DumpAsync()).Split('\n').Count(line => line.StartsWith("heads:", StringComparison.Ordinal)));
        }
    }

    [Theory, OnBothEngines]
    public async Task Who_was_let_in_and_lost_the_answer_is_answered_again(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, First);
        var alice = new Person(service);
        using var clientKey = Keyladder.Cryptography.Signing.X25519PrivateKey.Generate();
        var request = await alice.SignUpRequestAsync(clientKey);
        (await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, request))).IsLetIn();

        request = request with { Assertion = await alice.AssertionAsync(clientKey) };
        (await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, request))).IsLetIn();
    }

    [Theory, OnBothEngines]
    public async Task A_service_that_was_open_has_had_its_first(Engine engine)
    {
        var rule = SignUpRule.Open;
        await using var service = await RunningService.StartAsync(engine, options => options with { SignUp = rule });
        await Person.SignedUpAsync(service);

        rule = SignUpRule.First;
        using var closed = await service.StartAnotherInstanceAsync();
        (await Newcomer.KnockAsync(service, closed)).IsProblem(ProblemTypes.SignUpClosed);
    }

    [Fact]
    public void Without_a_word_of_the_operator_sign_up_is_for_the_first() => Assert.Equal(SignUpRule.First, new KeystoreOptions().SignUp);

    private static KeystoreOptions First(KeystoreOptions options) => options with { SignUp = SignUpRule.First };
}
