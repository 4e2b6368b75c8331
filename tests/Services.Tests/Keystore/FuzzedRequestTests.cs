using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Fuzz.Engine;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

/// <summary>
/// Random and mutated requests to a real Keystore over Kestrel: a problem document of a stable type, never a failure, and nothing has changed.
/// A sample of what docs/fuzzing.md describes.
/// </summary>
public sealed class FuzzedRequestTests
{
    private const int Batches = 12;
    private const int BatchSize = 150;
    private const ulong Seed = 1;

    // What Kestrel refuses before the service sees a request: no HTTP, or not in its limits. It says so without a body and hangs up.
    private static readonly int[] BelowTheService = [400, 408, 411, 413, 414, 431, 505];

    [Fact]
    public async Task J03_any_bytes_get_a_problem_and_change_nothing()
    {
        await using var service = await RunningService.StartAsync(Engine.Sqlite);
        var alice = await Person.SignedUpAsync(service);
        await alice.PutAsync(alice.NewKey());
        var requests = await RequestsAsync(service, alice);
        var written = requests.Select(request => RawExchange.Write(request, service.Origin.Authority)).ToList();
        // But what counts requests: a nonce that was used, and what came from the address.
        var before = await service.Database.DumpAsync("spent_nonces", "limits");

        var refused = 0;
        for (var batch = 0; batch < Batches; batch++)
        {
            var inputs = Enumerable.Range(batch * BatchSize, BatchSize).Select(number => Make(service, alice, requests, written, number)).ToList();
            var answers = await Task.WhenAll(inputs.Select(input => RawExchange.SendAsync(service.Http.BaseAddress!, input)));
            foreach (var (input, answer) in inputs.Zip(answers).SelectMany(pair => pair.Second.Select(answer => (pair.First, answer))))
                refused += Check(input, answer) ? 1 : 0;
        }

        Assert.Equal(before, await service.Database.DumpAsync("spent_nonces", "limits"));
        Assert.True(refused > Batches * BatchSize / 3, $"{refused} refusals: most of the inputs did not get an answer.");
        var errors = service.Logs.Lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal)).ToList();
        Assert.True(errors.Count == 0, string.Join('\n', errors));
    }

    public static TheoryData<string> OddTargets => ["/v1/account?\u0001", "/v1/account?a\tb", "/v1/sessions?\u007f", "/v1/keys/\u0002"];

    [Theory, MemberData(nameof(OddTargets))]
    public async Task A_target_that_no_signature_base_can_hold_is_refused(string target)
    {
        await using var service = await RunningService.StartAsync(Engine.Sqlite);
        var alice = await Person.SignedUpAsync(service);
        var signed = Request.Get(KeystoreRoutes.Account).SignedBy(alice.Session, alice.Now);

        var answers = await RawExchange.SendAsync(service.Http.BaseAddress!, RawExchange.Write(signed with { Target = target }, service.Origin.Authority));
        Assert.Single(answers).IsProblem(ProblemTypes.SignInRequired);
    }

    [Fact]
    public async Task An_audience_that_is_no_host_is_refused_as_any_other()
    {
        await using var service = await RunningService.StartAsync(Engine.Sqlite);
        var alice = await Person.SignedUpAsync(service);
        using var clientKey = X25519PrivateKey.Generate();
        foreach (var host in new[] { "https://\u2028.example", "https://keys.exam\u00a0ple.org" })
        {
            Assert.True(Jws.TryReadUnverified(JwsKind.KeystoreLogin, await alice.AssertionAsync(clientKey), out var payload));
            var other = Encoding.UTF8.GetString(payload).Replace(service.Origin.ToString(), host, StringComparison.Ordinal);
            var assertion = Jws.Sign(JwsKind.KeystoreLogin, Encoding.UTF8.GetBytes(other), alice.Slot.Login);
            (await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Sessions, new SignInRequest(assertion)))).IsProblem(ProblemTypes.SignInFailed);
        }
    }

    // Each is right in every part but one that a signature covers and only the last check sees: no change to it can make it land.
    private static async Task<List<Request>> RequestsAsync(RunningService service, Person alice)
    {
        using var clientKey = X25519PrivateKey.Generate();
        var newcomer = new Person(service);
        var signUp = await newcomer.SignUpRequestAsync(clientKey);
        var change = await alice.SlotChangeAsync(Slot.Generate(), null);
        var changeHead = Spoil(change.Head, alice.Identity);
        var signIn = new LoginAssertion(service.Origin, await alice.NonceAsync(), alice.Slot.Locator, alice.Now.ToUnixTimeSeconds(), clientKey.PublicKey.ToArray());
        var write = alice.Write([alice.NewKey(), alice.NextRevision(alice.IdentityId.Value)], []);
        List<Request> requests =
        [
            Request.Post(ServiceRoutes.Accounts, signUp with { Head = Spoil(signUp.Head, newcomer.Identity) }),
            Request.Post(ServiceRoutes.Sessions, new SignInRequest(signIn.Sign(newcomer.Slot.Login))),
            Request.Post(KeystoreRoutes.Slots, change with { Head = changeHead, Proof = await alice.ProofAsync(changeHead) }),
            Request.Post(KeystoreRoutes.KeysFetch, new FetchKeysRequest([alice.IdentityId.Value, KeyId.Generate().Value], 1)),
            Request.Post(ServiceRoutes.Changes, write with { Head = Spoil(write.Head, alice.Identity) }),
            Request.Get($"{KeystoreRoutes.Account}?since=1"), Request.Get($"{ServiceRoutes.Changes}?since=0"), Request.Get($"/v1/keys/{alice.IdentityId}?since=2"),
            Request.Get(ServiceRoutes.Sessions), Request.Delete($"/v1/sessions/{SessionId.Generate()}"), Request.Get("/health/ready"), Request.Get("/openapi/v1.json"),
        ];
        foreach (var request in requests.Take(5).Where(request => request.Target != KeystoreRoutes.KeysFetch))
        {
            var answer = await alice.SendAsync(request);
            Assert.Contains(answer.Problem().Type, (string[])[ProblemTypes.HeadRejected, ProblemTypes.SignInFailed]);
        }

        return [.. requests.Select(request => request.SignedBy(alice.Session, alice.Now))];
    }

    private static string Spoil(string head, Ed25519PrivateKey key) => (Person.Read(head).Head with { Root = Hash256.Zero }).Sign(key).Jws;

    // One in three changes the bytes on the wire; the others body or target, which are then signed as they are.
    private static byte[] Make(RunningService service, Person alice, List<Request> requests, List<byte[]> written, int number)
    {
        var random = new PseudoRandom(Seed, "request", number);
        if (random.OneIn(3))
            return new Mutator(written, Tokens.All).Make(random);
        var request = random.Of(requests);
        if (request.Body.Length > 0)
            request = request with { Body = new Mutator([request.Body], Tokens.All).Make(random) };
        else
            request = request with { Target = "/" + Visible(new Mutator([Encoding.ASCII.GetBytes(request.Target)], Tokens.All).Make(random)) };
        return RawExchange.Write(request.SignedBy(alice.Session, alice.Now), service.Origin.Authority);
    }

    private static string Visible(byte[] target) => string.Concat(target.Take(2000).Where(b => b is >= (byte)'!' and <= (byte)'~').Select(b => (char)b)).TrimStart('/');

    /// <returns>Whether the request was refused.</returns>
    private static bool Check(byte[] input, Answer answer)
    {
        var (status, shown) = ((int)answer.Status, $"{(int)answer.Status} {Encoding.UTF8.GetString(answer.Body)} to {Convert.ToBase64String(input)}");
        if (status < 400)
            return false;
        if (answer.Body.Length == 0 && BelowTheService.Contains(status))
            return true;
        Assert.True(status < 500, shown);
        Assert.True(answer.ContentType == "application/problem+json", shown);
        answer.IsProblem(answer.Problem().Type);
        Assert.StartsWith(ProblemTypes.Prefix, answer.Problem().Type, StringComparison.Ordinal);
        return true;
    }
}
