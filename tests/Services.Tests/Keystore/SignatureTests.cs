using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

/// <summary>docs/spec/sign-in.md section 4: every part of a request is covered, and nothing is let through on the word of the request.</summary>
public sealed class SignatureTests(Keystores keystores) : IClassFixture<Keystores>
{
    public static TheoryData<Engine, string> Tampered() => Engines.With(
        "nothing", "no signature", "no input", "no digest", "method", "path", "encoded path", "query", "added query", "body", "body with its digest", "digest",
        "signature", "nonce", "created", "key id: session", "key id: account", "key id: generation", "another origin", "another person's key", "another session's key", "doubled input");

    [Theory, MemberData(nameof(Tampered))]
    public async Task G03_G10_what_was_changed_after_signing_is_refused_and_changes_nothing(Engine engine, string what)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        var phone = await alice.AtAnotherDeviceAsync();
        var write = Request.Post($"{KeystoreRoutes.KeysFetch}?a=1", new FetchKeysRequest([alice.IdentityId.Value], 0));
        var signed = write.SignedBy(alice.Session, alice.Now);
        byte[] otherBody = [.. signed.Body[..^1], (byte)' ', (byte)'}'];
        var input = signed.SignatureInput!;
        var keyId = alice.Session.KeyId;
        var tampered = what switch
        {
            "nothing" => signed,
            "no signature" => signed with { Signature = null },
            "no input" => signed with { SignatureInput = null },
            "no digest" => signed with { Digest = null },
            "method" => signed with { Method = "PUT" },
            "path" => Request.Get(KeystoreRoutes.Account).SignedBy(alice.Session, alice.Now) with { Target = ServiceRoutes.Sessions },
            "encoded path" => signed with { Target = signed.Target.Replace("keys", "%6Beys", StringComparison.Ordinal) },
            "query" => signed with { Target = signed.Target.Replace("a=1", "a=2", StringComparison.Ordinal) },
            "added query" => signed with { Target = $"{signed.Target}&since=1" },
            "body" => signed with { Body = otherBody },
            "body with its digest" => signed with { Body = otherBody, Digest = ContentDigest.Of(otherBody).ToString() },
            "digest" => signed with { Digest = ContentDigest.Of(otherBody).ToString() },
            "signature" => signed with { Signature = $"sig=:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}:" },
            "nonce" => signed with { SignatureInput = input.Replace("nonce=\"", "nonce=\"AAAA", StringComparison.Ordinal).Remove(input.IndexOf("nonce=\"", StringComparison.Ordinal) + 11, 4) },
            "created" => signed with { SignatureInput = Replace(input, $"created={alice.Now.ToUnixTimeSeconds()}", $"created={alice.Now.ToUnixTimeSeconds() + 7}", "created=") },
            "key id: session" => signed with { SignatureInput = input.Replace(keyId.ToString(), (keyId with { Session = SessionId.Generate() }).ToString(), StringComparison.Ordinal) },
            "key id: account" => signed with { SignatureInput = input.Replace(keyId.ToString(), (keyId with { Account = bob.Account }).ToString(), StringComparison.Ordinal) },
            "key id: generation" => signed with { SignatureInput = input.Replace(keyId.ToString(), (keyId with { Generation = 9 }).ToString(), StringComparison.Ordinal) },
            "another origin" => write.SignedBy(alice.Session with { Origin = OtherOrigin }, alice.Now),
            "another person's key" => write.SignedBy(alice.Session with { Key = bob.Session.Key }, alice.Now),
            "another session's key" => write.SignedBy(alice.Session with { Key = phone.Session.Key }, alice.Now),
            _ => signed with { SignatureInput = $"{input}, {input}" },
        };

        var before = await service.Database.DumpAsync();
        var answer = await tampered.SendAsync(service.Http);
        switch (what)
        {
            case "nothing":
                answer.As<KeysResponse>();
                break;
            case "method":
                answer.IsProblem(ProblemTypes.MethodNotAllowed);
                break;
            default:
                answer.IsProblem(ProblemTypes.SignInRequired);
                break;
        }

        Assert.Equal(before, await service.Database.DumpAsync());
    }

    [Theory, OnBothEngines]
    public async Task H04_refusals_of_a_signature_tell_nothing_apart(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var ended = await alice.AtAnotherDeviceAsync();
        await ended.SendAsync(Request.Delete(ServiceRoutes.CurrentSession));
        var read = Request.Get(KeystoreRoutes.Account);

        Answer[] answers =
        [
            await read.SendAsync(service.Http),
            await ended.SendAsync(read),
            await read.SignedBy(alice.Session with { Key = ended.Session.Key }, alice.Now).SendAsync(service.Http),
            await read.SignedBy(alice.Session with { KeyId = alice.Session.KeyId with { Account = AccountId.Generate() } }, alice.Now).SendAsync(service.Http),
        ];
        Assert.All(answers, answer => Assert.Equal(answers[0].Body, answer.Body));
        answers[0].IsProblem(ProblemTypes.SignInRequired);
    }

    [Theory, OnBothEngines]
    public async Task A_clock_that_is_too_far_off_is_told_the_time(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        foreach (var offset in new[] { -55, 55 })
            (await Request.Get(KeystoreRoutes.Account).SignedBy(alice.Session, alice.Now.AddSeconds(offset)).SendAsync(service.Http)).As<AccountResponse>();
        foreach (var offset in new[] { -65, 65, -1_000_000_000 })
        {
            var problem = (await Request.Get(KeystoreRoutes.Account).SignedBy(alice.Session, alice.Now.AddSeconds(offset)).SendAsync(service.Http)).IsProblem(ProblemTypes.ClockSkew);
            Assert.InRange(problem.Time!.Value, alice.Now.AddMinutes(-1).ToUnixTimeMilliseconds(), alice.Now.AddMinutes(1).ToUnixTimeMilliseconds());
        }
    }

    [Theory, OnBothEngines]
    public async Task The_host_header_says_nothing_about_the_origin(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        using var proxied = new HttpClient { BaseAddress = service.Http.BaseAddress };
        proxied.DefaultRequestHeaders.Host = OtherOrigin.Authority;

        (await alice.SendAsync(Request.Get(KeystoreRoutes.Account), proxied)).As<AccountResponse>();
        (await Request.Get(KeystoreRoutes.Account).SignedBy(alice.Session with { Origin = OtherOrigin }, alice.Now).SendAsync(proxied)).IsProblem(ProblemTypes.SignInRequired);
    }

    [Theory, OnBothEngines]
    public async Task A_replayed_read_answers_the_same_and_a_replayed_write_lands_once(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var read = Request.Get(KeystoreRoutes.Account).SignedBy(alice.Session, alice.Now);
        Assert.Equal((await read.SendAsync(service.Http)).Body, (await read.SendAsync(service.Http)).Body);

        var write = Request.Post(ServiceRoutes.Changes, alice.Write([alice.NewKey()], [])).SignedBy(alice.Session, alice.Now);
        (await write.SendAsync(service.Http)).As<WriteResponse>();
        var landed = await service.Database.DumpAsync();
        (await write.SendAsync(service.Http)).As<WriteResponse>();
        Assert.Equal(landed, await service.Database.DumpAsync());
    }

    private static Origin OtherOrigin => Origin.TryParse("https://keys.example.org", out var origin) ? origin : throw new InvalidOperationException();

    // The second that the signature was made in may have passed: replaced by its place.
    private static string Replace(string input, string exact, string replacement, string fallback)
    {
        if (input.Contains(exact, StringComparison.Ordinal))
            return input.Replace(exact, replacement, StringComparison.Ordinal);
        var start = input.IndexOf(fallback, StringComparison.Ordinal);
        return input.Remove(start, exact.Length).Insert(start, replacement);
    }
}
