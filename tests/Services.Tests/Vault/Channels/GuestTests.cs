using System.Net;
using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Vault.Channels;

/// <summary>docs/spec/sign-in.md section 7: nothing is let through on the word of a request, and what is refused is refused alike.</summary>
public sealed class GuestTests(Vaults vaults) : IClassFixture<Vaults>
{
    public static TheoryData<Engine, string> Tampered() => Engines.With(
        "nothing", "no signature", "no input", "no digest", "query", "body", "body with its digest", "digest", "signature", "nonce", "created", "another channel", "unknown channel",
        "removed channel", "replaced key", "another origin", "another guest's key", "the account's session", "doubled input");

    [Theory, MemberData(nameof(Tampered))]
    public async Task G03_G10_I14_what_is_not_signed_by_the_guest_is_refused_alike_and_changes_nothing(Engine engine, string what)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var (guest, other, removed, renewed) = (await alice.InviteAsync(), await alice.InviteAsync(), await alice.InviteAsync(), await alice.InviteAsync());
        using var newKey = Ed25519PrivateKey.Generate();
        await alice.LandAsync(alice.WriteChannels([new(removed.Channel), (renewed with { Key = newKey }).InWrite]));
        var leave = Request.Post($"{VaultRoutes.Channel}?a=1", new LeaveLetterRequest(Guid.NewGuid(), [1, 2, 3]));
        var signed = leave.SignedBy(guest, alice.Now);
        var otherBody = Request.Post("", new LeaveLetterRequest(Guid.NewGuid(), [1, 2, 3])).Body;
        var input = signed.SignatureInput!;
        var tampered = what switch
        {
            "nothing" => signed,
            "no signature" => signed with { Signature = null },
            "no input" => signed with { SignatureInput = null },
            "no digest" => signed with { Digest = null },
            "query" => signed with { Target = $"{VaultRoutes.Channel}?a=2" },
            "body" => signed with { Body = otherBody },
            "body with its digest" => signed with { Body = otherBody, Digest = ContentDigest.Of(otherBody).ToString() },
            "digest" => signed with { Digest = ContentDigest.Of(otherBody).ToString() },
            "signature" => signed with { Signature = $"sig=:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(64))}:" },
            "nonce" => signed with { SignatureInput = leave.SignedBy(guest, alice.Now).SignatureInput },
            "created" => signed with { SignatureInput = input.Replace(Created(input), $"created={alice.Now.ToUnixTimeSeconds() + 7}", StringComparison.Ordinal) },
            "another channel" => signed with { SignatureInput = input.Replace(guest.Channel.ToString(), other.Channel.ToString(), StringComparison.Ordinal) },
            "unknown channel" => leave.SignedBy(guest with { Channel = Guid.NewGuid() }, alice.Now),
            "removed channel" => leave.SignedBy(removed, alice.Now),
            "replaced key" => leave.SignedBy(renewed, alice.Now),
            "another origin" => leave.SignedBy(guest with { Origin = OtherOrigin }, alice.Now),
            "another guest's key" => leave.SignedBy(guest with { Key = other.Key }, alice.Now),
            "the account's session" => leave.SignedBy(alice.Session, alice.Now),
            _ => signed with { SignatureInput = $"{input}, {input}" },
        };

        var before = await service.Database.DumpAsync();
        var answer = await tampered.SendAsync(service.Http);
        if (what == "nothing")
        {
            answer.Is(HttpStatusCode.Created);
            return;
        }

        answer.IsProblem(ProblemTypes.SignInRequired);
        Assert.Equal((await Request.Get(VaultRoutes.Channel).SendAsync(service.Http)).Body, answer.Body);
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    [Theory, OnBothEngines]
    public async Task A_guest_is_no_session(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        foreach (var target in new[] { VaultRoutes.Letters, ServiceRoutes.Changes, ServiceRoutes.AccountData, ServiceRoutes.Sessions })
            (await guest.SendAsync(Request.Get(target))).IsProblem(ProblemTypes.SignInRequired);
        (await guest.SendAsync(Request.Post(ServiceRoutes.Changes, alice.WriteChannels()))).IsProblem(ProblemTypes.SignInRequired);
        (await alice.SendAsync(Request.Get(VaultRoutes.Channel))).IsProblem(ProblemTypes.SignInRequired);
    }

    [Theory, OnBothEngines]
    public async Task A_replay_after_60_seconds_is_refused_and_a_clock_that_is_too_far_off_is_told_the_time(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        foreach (var offset in new[] { -55, 55 })
            (await Request.Get(VaultRoutes.Channel).SignedBy(guest, alice.Now.AddSeconds(offset)).SendAsync(service.Http)).As<LettersResponse>();
        foreach (var (key, offset) in new[] { (guest.Key, -65), (guest.Key, 65), (guest.Key, -1_000_000_000), (Ed25519PrivateKey.Generate(), -65) })
        {
            var problem = (await Request.Get(VaultRoutes.Channel).SignedBy(guest with { Key = key }, alice.Now.AddSeconds(offset)).SendAsync(service.Http)).IsProblem(ProblemTypes.ClockSkew);
            Assert.InRange(problem.Time!.Value, alice.Now.AddMinutes(-1).ToUnixTimeMilliseconds(), alice.Now.AddMinutes(1).ToUnixTimeMilliseconds());
        }
    }

    [Theory, OnBothEngines]
    public async Task G02_a_guest_that_asks_too_often_is_told_when_to_come_back_and_no_other_guest_is(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { Limits = options.Limits with { Guest = 4 } });
        var alice = await VaultPerson.SignedUpAsync(service);
        var (guest, other) = (await alice.InviteAsync(), await alice.InviteAsync());
        for (var call = 0; call < 3; call++)
            await guest.ReadAsync();
        await guest.LeaveAsync();
        Assert.InRange((await guest.SendReadAsync()).IsProblem(ProblemTypes.TooManyRequests).RetryAfter!.Value, 1, 15);
        var before = await service.Database.DumpAsync();
        (await guest.LeaveAsync(Guid.NewGuid(), [1])).IsProblem(ProblemTypes.TooManyRequests);
        Assert.Equal(before, await service.Database.DumpAsync());
        await other.ReadAsync();
        await alice.ReceivedAsync();
        service.Time.Move(TimeSpan.FromMinutes(1));
        await guest.ReadAsync();
    }

    [Theory, OnBothEngines]
    public async Task G02_what_is_refused_counts_by_address_and_never_against_what_is_signed_right(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { Limits = options.Limits with { Unsigned = 12, Guest = 4 } });
        var alice = await VaultPerson.SignedUpAsync(service); // a nonce and a sign-up
        var guest = await alice.InviteAsync();
        Func<Task<Answer>>[] wrong =
        [
            () => (guest with { Key = alice.SignInKey }).SendReadAsync(),
            () => (guest with { Channel = ChannelId.Generate().Value }).SendReadAsync(),
            () => Request.Get(VaultRoutes.Channel).SendAsync(service.Http),
            () => (guest with { Key = alice.SignInKey }).LeaveAsync(Guid.NewGuid(), [1]),
            () => (Request.Get(VaultRoutes.Channel).SignedBy(guest, alice.Now) with { Digest = ContentDigest.Of([1]).ToString() }).SendAsync(service.Http),
        ];
        foreach (var send in wrong.Concat(wrong))
            (await send()).IsProblem(ProblemTypes.SignInRequired);
        foreach (var send in wrong)
            (await send()).IsProblem(ProblemTypes.TooManyRequests);
        (await Request.Get(VaultRoutes.Channel).SignedBy(guest, alice.Now.AddHours(1)).SendAsync(service.Http)).IsProblem(ProblemTypes.TooManyRequests);
        (await Request.Post(ServiceRoutes.Nonces).SendAsync(service.Http)).IsProblem(ProblemTypes.TooManyRequests);
        await guest.ReadAsync();
        await guest.LeaveAsync();
    }

    [Theory, OnBothEngines]
    public async Task H03_no_line_of_the_log_names_a_channel_a_letter_or_a_key(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        var given = await alice.GiveAsync(guest);
        var left = await guest.LeaveAsync();
        await guest.ReadAsync();
        await alice.ReceivedAsync();
        (await (guest with { Key = alice.SignInKey }).SendReadAsync()).IsProblem(ProblemTypes.SignInRequired);
        Assert.Contains(service.Logs.Lines, line => line.Contains("GetChannel answered 200", StringComparison.Ordinal));
        Assert.Contains(service.Logs.Lines, line => line.Contains("GetChannel answered 401", StringComparison.Ordinal));
        var everything = string.Join('\n', service.Logs.Lines);
        foreach (var secret in new[]
        {
            guest.Channel.ToString(), given.Id.ToString(), left.ToString(), Base64UrlText.Encode(guest.Key.PublicKey.Bytes), Base64UrlText.Encode(given.Sealed), alice.Account.ToString(),
            "127.0.0.1", "/v1/",
        })
            Assert.DoesNotContain(secret, everything, StringComparison.OrdinalIgnoreCase);
    }

    private static Origin OtherOrigin => Origin.TryParse("https://keys.example.org", out var origin) ? origin : throw new InvalidOperationException();

    private static string Created(string input) => input[input.IndexOf("created=", StringComparison.Ordinal)..input.IndexOf(";nonce", StringComparison.Ordinal)];
}
