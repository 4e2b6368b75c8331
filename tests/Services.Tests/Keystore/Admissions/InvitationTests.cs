using System.Net;
using Keyladder.Cryptography.Secrets;
using Keyladder.Hosting.Admissions;
using Keyladder.Keystore;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore.Admissions;

public sealed class InvitationTests
{
    [Theory, OnBothEngines]
    public async Task F18_an_invitation_lets_one_person_in_and_is_dead_afterwards(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, ByInvitation);
        var invitation = await InviteAsync(service);
        (await Newcomer.KnockAsync(service, invitation)).IsLetIn();

        var before = await service.Database.DumpAsync("limits");
        (await Newcomer.KnockAsync(service, invitation)).IsProblem(ProblemTypes.SignUpClosed);
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
        Assert.DoesNotContain("invitations:", before, StringComparison.Ordinal);
    }

    [Theory, OnBothEngines]
    public async Task F18_of_many_who_bring_one_invitation_to_two_instances_one_gets_in(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, ByInvitation);
        using var otherInstance = await service.StartAnotherInstanceAsync();
        for (var round = 0; round < 3; round++)
        {
            var invitation = await InviteAsync(service);
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Newcomer.KnockAsync(service, number % 2 == 0 ? service.Http : otherInstance, invitation)));
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
            Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.Created), answer => answer.IsProblem(ProblemTypes.SignUpClosed));
        }
    }

    [Theory, OnBothEngines]
    public async Task F18_without_one_with_a_wrong_one_and_with_one_that_has_expired_it_looks_the_same(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, ByInvitation);
        var invitation = await InviteAsync(service, days: 2);
        var none = await Newcomer.KnockAsync(service);
        none.IsProblem(ProblemTypes.SignUpClosed);
        Assert.Equal(none.Body, (await Newcomer.KnockAsync(service, new byte[16])).Body);
        Assert.Equal(none.Body, (await Newcomer.KnockAsync(service, [.. invitation[..15], (byte)(invitation[15] ^ 1)])).Body);
        Assert.Equal(none.Body, (await Newcomer.KnockAsync(service, admission: "a.b.c")).Body);

        service.Time.Move(TimeSpan.FromDays(2) + TimeSpan.FromHours(1));
        Assert.Equal(none.Body, (await Newcomer.KnockAsync(service, invitation)).Body);
    }

    [Theory, OnBothEngines]
    public async Task F18_guesses_from_one_address_come_to_an_end_over_all_instances(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, options => ByInvitation(options) with { Limits = options.Limits with { SignUps = 4 } });
        using var otherInstance = await service.StartAnotherInstanceAsync();
        var invitation = await InviteAsync(service);
        for (var guess = 0; guess < 4; guess++)
            (await Newcomer.KnockAsync(service, guess % 2 == 0 ? service.Http : otherInstance, new byte[16])).IsProblem(ProblemTypes.SignUpClosed);

        foreach (var http in new[] { service.Http, otherInstance })
        {
            var answer = await Newcomer.KnockAsync(service, http, invitation);
            Assert.InRange(answer.IsProblem(ProblemTypes.TooManyRequests).RetryAfter!.Value, 1, 3600);
        }

        service.Time.Move(TimeSpan.FromHours(1));
        (await Newcomer.KnockAsync(service, invitation)).IsLetIn();
    }

    [Theory, OnBothEngines]
    public async Task A_sign_up_that_fails_for_another_reason_does_not_spend_the_invitation(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, ByInvitation);
        var alice = new Person(service);
        (await Newcomer.KnockAsync(service, await InviteAsync(service), person: alice)).IsLetIn();
        var invitation = await InviteAsync(service);

        var before = await service.Database.DumpAsync("limits");
        (await Newcomer.KnockAsync(service, invitation, person: new Person(service) { Account = alice.Account })).IsProblem(ProblemTypes.AccountExists);
        (await Newcomer.KnockAsync(service, invitation, person: new Person(service) { Slot = alice.Slot })).IsProblem(ProblemTypes.AccountExists);
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
        (await Newcomer.KnockAsync(service, invitation)).IsLetIn();
    }

    [Theory, OnBothEngines]
    public async Task The_database_holds_a_hash_of_the_code_and_the_hour_of_its_end(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, ByInvitation);
        var invitation = await InviteAsync(service);

        var row = (await service.Database.DumpAsync()).Split('\n').Single(line => line.StartsWith("invitations:", StringComparison.Ordinal));
        Assert.StartsWith($"invitations: {Convert.ToHexStringLower(InvitationCode.HashOf(invitation))} | ", row, StringComparison.Ordinal);
        Assert.EndsWith("00000", row.Trim(), StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower(invitation), await service.Database.DumpAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    public async Task An_invitation_of_another_length_is_no_invitation(int length)
    {
        await using var service = await RunningService.StartAsync(Engine.Sqlite, ByInvitation);
        (await Newcomer.KnockAsync(service, new byte[length])).IsProblem(ProblemTypes.MalformedRequest);
    }

    private static KeystoreOptions ByInvitation(KeystoreOptions options) => options with { SignUp = SignUpRule.Invitation };

    private static async Task<byte[]> InviteAsync(RunningService service, int days = 7)
    {
        var options = new KeystoreOptions { Data = service.Database.Folder.FullName, Database = service.Database.Postgres };
        var (code, _) = await Invitations.CreateAsync(options, days, service.Time, TestContext.Current.CancellationToken);
        using (code)
            return code.DangerousSpan.ToArray();
    }
}
