using System.Globalization;
using System.Net;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.PassphraseStore;

/// <summary>docs/spec/passphrase-store.md section 3: a code by mail is good for ten minutes, one use, five tries and one purpose.</summary>
public sealed class CodeTests(PassphraseStores stores) : IClassFixture<PassphraseStores>
{
    [Theory, OnBothEngines]
    public async Task F04_a_code_alone_releases_a_share_and_nothing_that_opens(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var alice = await Registrant.RegisteredAsync(service);
        var answer = await alice.SendReleaseAsync((await alice.CodeAsync(CodePurposes.Reset))!);
        var release = answer.As<ReleaseResponse>();
        Assert.Equal((alice.Id, alice.Record.Handle, PassphraseStoreHost.Guardian, 1L), (release.Id, release.Handle, release.Guardian, release.Revision));
        Assert.Equal((alice.Record.Share, alice.Record.ResetSlot, alice.Record.Kit), (release.Share, release.ResetSlot, release.Kit));

        // No password slot and no key of it: what a mailbox gives cannot be tried against passwords.
        var text = System.Text.Encoding.UTF8.GetString(answer.Body);
        Assert.DoesNotContain("passwordSlot", text, StringComparison.Ordinal);
        Assert.DoesNotContain(System.Buffers.Text.Base64Url.EncodeToString(alice.Record.PasswordSlot), text, StringComparison.Ordinal);

        // She is told, and her devices are.
        Assert.Equal("A code was used to reset your password of recovery", (await alice.NextMailAsync()).Subject);
        Assert.Equal([RecoveryEventKinds.Registered, RecoveryEventKinds.CodeSent, RecoveryEventKinds.Released], (await alice.SucceedAsync()).Select(one => one.Kind));
    }

    [Theory, OnBothEngines]
    public async Task F18_G14_a_code_is_dead_after_its_use(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var alice = await Registrant.RegisteredAsync(service);
        var code = (await alice.CodeAsync(CodePurposes.Reset))!;
        (await alice.SendReleaseAsync(code)).Is(HttpStatusCode.OK);
        (await alice.SendReleaseAsync(code)).IsProblem(ProblemTypes.SignInFailed);
    }

    [Theory, OnBothEngines]
    public async Task F18_G14_of_many_uses_at_once_one_counts(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var alice = await Registrant.RegisteredAsync(service);
        var code = (await alice.CodeAsync(CodePurposes.Reset))!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => alice.SendReleaseAsync(code)));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => answer.IsProblem(ProblemTypes.SignInFailed));
    }

    [Theory, OnBothEngines]
    public async Task F18_G14_after_five_tries_the_right_code_is_refused_too(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var alice = await Registrant.RegisteredAsync(service);
        var code = (await alice.CodeAsync(CodePurposes.Reset))!;
        var tries = await Task.WhenAll(Enumerable.Range(1, 20).Select(number => alice.SendReleaseAsync(Other(code, number))));
        Assert.All(tries, answer => answer.IsProblem(ProblemTypes.SignInFailed));
        (await alice.SendReleaseAsync(code)).IsProblem(ProblemTypes.SignInFailed);

        // A new one has tries of its own.
        code = (await alice.CodeAsync(CodePurposes.Reset))!;
        for (var number = 1; number < 5; number++)
            (await alice.SendReleaseAsync(Other(code, number))).IsProblem(ProblemTypes.SignInFailed);
        (await alice.SendReleaseAsync(code)).Is(HttpStatusCode.OK);
    }

    [Theory, OnBothEngines]
    public async Task F18_whoever_guesses_on_is_told_to_wait(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine, options => options with { Limits = options.Limits with { FailuresPerSlot = 3 } });
        var alice = await Registrant.RegisteredAsync(service);
        for (var number = 1; number <= 3; number++)
            (await alice.SendReleaseAsync("00000000")).IsProblem(ProblemTypes.SignInFailed);
        (await alice.SendReleaseAsync("00000000")).IsProblem(ProblemTypes.TooManyRequests);
        (await alice.SendCreateAsync(await alice.Copy().CreateRequestAsync("00000000"))).IsProblem(ProblemTypes.TooManyRequests);
    }

    [Theory, OnBothEngines]
    public async Task G14_a_code_for_one_purpose_is_none_for_the_other(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var alice = await Registrant.RegisteredAsync(service);
        var reset = (await alice.CodeAsync(CodePurposes.Reset))!;
        (await alice.SendCreateAsync(await alice.Copy().CreateRequestAsync(reset))).IsProblem(ProblemTypes.SignInFailed);
        var bob = new Registrant(service);
        var register = (await bob.CodeAsync(CodePurposes.Register))!;
        (await bob.SendReleaseAsync(register)).IsProblem(ProblemTypes.SignInFailed);
        (await alice.SendReleaseAsync(register)).IsProblem(ProblemTypes.SignInFailed);
        (await bob.SendCreateAsync(await bob.CreateRequestAsync(register))).Is(HttpStatusCode.Created);
        (await alice.SendReleaseAsync(reset)).Is(HttpStatusCode.OK);
    }

    [Theory, OnBothEngines]
    public async Task F18_a_code_ends_after_ten_minutes_and_with_the_next_one(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var alice = await Registrant.RegisteredAsync(service);
        var first = (await alice.CodeAsync(CodePurposes.Reset))!;
        var second = (await alice.CodeAsync(CodePurposes.Reset))!;
        (await alice.SendReleaseAsync(first)).IsProblem(ProblemTypes.SignInFailed);
        service.Time.Move(TimeSpan.FromMinutes(8));
        (await alice.SendReleaseAsync(second)).Is(HttpStatusCode.OK);
        await alice.NextMailAsync(); // that something was released
        var third = (await alice.CodeAsync(CodePurposes.Reset))!;
        service.Time.Move(TimeSpan.FromMinutes(10));
        (await alice.SendReleaseAsync(third)).IsProblem(ProblemTypes.SignInFailed);
    }

    [Theory, OnBothEngines]
    public async Task G02_mails_to_a_username_and_of_an_address_are_limited_known_or_not(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine, options => options with { MailsPerUsername = 3, MailsPerAddress = 8 });
        var alice = await Registrant.RegisteredAsync(service);
        var nobody = new Registrant(service);
        for (var number = 0; number < 2; number++)
            (await alice.AskForCodeAsync(CodePurposes.Reset)).Is(HttpStatusCode.Accepted);
        for (var number = 0; number < 3; number++)
            (await nobody.AskForCodeAsync(CodePurposes.Reset)).Is(HttpStatusCode.Accepted);
        Assert.InRange((await alice.AskForCodeAsync(CodePurposes.Reset)).IsProblem(ProblemTypes.TooManyRequests).RetryAfter!.Value, 1, 3600);
        (await nobody.AskForCodeAsync(CodePurposes.Register)).IsProblem(ProblemTypes.TooManyRequests);
        (await new Registrant(service).AskForCodeAsync(CodePurposes.Register)).IsProblem(ProblemTypes.TooManyRequests);
        service.Time.Move(TimeSpan.FromHours(1));
        (await alice.AskForCodeAsync(CodePurposes.Reset)).Is(HttpStatusCode.Accepted);
    }

    [Theory, OnBothEngines]
    public async Task A_code_is_asked_for_by_a_username_and_a_purpose_that_there_are(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        foreach (var (username, purpose) in new[]
        {
            ("alice@example.org", "release"), ("Alice@example.org", "reset"), ("alice", "reset"), ("@example.org", "reset"), ("alice@", "reset"), ("a@b@example.org", "reset"),
            (" alice@example.org", "reset"), ("alice@example.org\r\nBcc: bob@example.org", "reset"), ($"{new string('a', 250)}@example.org", "reset"), ("ａlice@example.org", "reset"), ("", "reset"),
        })
            (await Request.Post(PassphraseStoreRoutes.Codes, new SendCodeRequest(username, purpose)).SendAsync(service.Http)).IsProblem(ProblemTypes.MalformedRequest);
    }

    private static string Other(string code, int number) => ((int.Parse(code, CultureInfo.InvariantCulture) + number) % 100_000_000).ToString("D8", CultureInfo.InvariantCulture);
}
