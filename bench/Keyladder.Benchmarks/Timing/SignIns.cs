using System.Diagnostics;
using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Keystore;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;

namespace Keyladder.Benchmarks.Timing;

/// <summary>
/// Refusals of a real Keystore over HTTP on loopback, on SQLite: of a locator that no slot has, and of a slot's locator under a wrong
/// signature. Who asks must not learn which it was. For a session that does not exist there is no key to check a signature with: that this
/// takes less is shown, and is no leak, because nobody meets one of 2^122 session ids by asking.
/// </summary>
internal sealed class SignIns : IAsyncDisposable
{
    private const int Samples = 10_000;
    private const int WarmUp = 2_000;
    private const int PerNonce = 200;

    private readonly DirectoryInfo folder;
    private readonly WebApplication service;
    private readonly HttpClient http;
    private readonly Origin origin;
    private readonly List<SampleAccount> accounts = [];

    private SignIns(WebApplication service, DirectoryInfo folder)
    {
        (this.service, this.folder) = (service, folder);
        http = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };
        origin = Origin.TryCreate(http.BaseAddress, out var created) ? created : throw new InvalidOperationException();
    }

    public static async Task<SignIns> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("keyladder-timing-");
        var service = KeystoreService.Build(new KeystoreOptions { Urls = "http://127.0.0.1:0", Data = folder.FullName });
        await service.StartAsync();
        var started = new SignIns(service, folder);
        for (var number = 0; number < 32; number++)
            started.accounts.Add(await SampleAccount.SignUpAsync(started.http, started.origin));
        return started;
    }

    public async Task<bool> RunAsync()
    {
        using var stranger = Ed25519PrivateKey.Generate();
        var known = new Refused(nonce => SignIn(Of(accounts).Locator, nonce, stranger));
        var unknown = new Refused(nonce => SignIn(RandomNumberGenerator.GetBytes(32), nonce, stranger));
        // Refused at its nonce: neither looked up nor verified, as a service would that skips both for a locator it does not know.
        var skipped = new Refused(_ => SignIn(RandomNumberGenerator.GetBytes(32), "AAAA", stranger));
        var wrongMac = new Refused(_ => ListSessions(Of(accounts).Session));
        var noSession = new Refused(_ => ListSessions(new SessionKeyId(1, AccountId.Generate(), SessionId.Generate())));

        return Verdict.Real("sign-in: unknown locator, wrong signature", await MeasureAsync(unknown, known))
            & Verdict.Planted("sign-in: unknown locator, wrong signature", await MeasureAsync(skipped, known))
            & Verdict.Shown("request: unknown session, wrong signature", await MeasureAsync(noSession, wrongMac));
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await service.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private async Task<WelchTest> MeasureAsync(Refused first, Refused second)
    {
        var test = new WelchTest(Samples);
        var order = RandomNumberGenerator.GetBytes(Samples + WarmUp);
        var nonce = "";
        for (var number = 0; number < order.Length; number++)
        {
            if (number % PerNonce == 0)
                nonce = await SampleAccount.NonceAsync(http);
            var isSecond = (order[number] & 1) != 0;
            using var request = (isSecond ? second : first).Make(nonce);
            var start = Stopwatch.GetTimestamp();
            using var response = await http.SendAsync(request);
            var time = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            if ((int)response.StatusCode != 401)
                throw new InvalidOperationException($"It was not refused but answered with {response.StatusCode}.");
            if (number >= WarmUp)
                test.Add(isSecond, time);
        }

        return test;
    }

    private HttpRequestMessage SignIn(byte[] locator, string nonce, Ed25519PrivateKey signer) => new(HttpMethod.Post, ServiceRoutes.Sessions)
    {
        Content = SampleAccount.Json(new SignInRequest(SampleAccount.Assertion(origin, locator, nonce, signer)), ProtocolJson.Default.SignInRequest),
    };

    private HttpRequestMessage ListSessions(SessionKeyId session)
    {
        using var client = X25519PrivateKey.Generate();
        using var key = SessionKey.DeriveForClient(client, client.PublicKey, origin, session);
        var signature = HttpMessageSignature.Sign(
            new CoveredComponents("GET", origin, ServiceRoutes.Sessions, ContentDigest.OfNothing), key, session, TimeProvider.System.GetUtcNow());
        var request = new HttpRequestMessage(HttpMethod.Get, ServiceRoutes.Sessions);
        request.Headers.Add("Content-Digest", ContentDigest.OfNothing.ToString());
        request.Headers.Add("Signature-Input", signature.SignatureInput);
        request.Headers.Add("Signature", signature.Signature);
        return request;
    }

    private static T Of<T>(List<T> list) => list[RandomNumberGenerator.GetInt32(list.Count)];

    private sealed record Refused(Func<string, HttpRequestMessage> Make);
}
