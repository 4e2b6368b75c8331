using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Signing;
using Keyladder.Keystore;
using Keyladder.PassphraseStore;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using MimeKit;

namespace Keyladder.Benchmarks.Timing;

/// <summary>
/// Guesses at a real Passphrase Store and at a real Guardian over HTTP on loopback, on SQLite: at a username (a handle) that nobody has, a new one each time, and at one that somebody
/// has, with a wrong password. Who asks must not learn which it was. Beside each the leak that is planted: a refusal before anything is counted and looked up.
/// </summary>
internal sealed class RecoveryAttempts : IAsyncDisposable
{
    private const int Samples = 10_000;
    private const int WarmUp = 2_000;
    private const int Known = 32;

    // Ten guesses are free, and the tenth tells the person: none gets so far.
    private const int PerReset = 8;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keyladder-timing-");
    private readonly List<string> usernames = [];
    private readonly List<Guid> handles = [];
    private readonly byte[] blinded;
    private readonly byte[] publicKey;
    private WebApplication store = null!;
    private WebApplication guardian = null!;
    private HttpClient atStore = null!;
    private HttpClient atGuardian = null!;

    private RecoveryAttempts()
    {
        using var blinding = OprfBlinding.Blind("a wrong password"u8);
        blinded = blinding.BlindedElement.ToArray();
        using var signer = Ed25519PrivateKey.Generate();
        publicKey = signer.PublicKey.Bytes.ToArray();
    }

    private string Mails => Path.Combine(folder.FullName, "mails");

    public static async Task<RecoveryAttempts> StartAsync()
    {
        const int many = int.MaxValue;
        var started = new RecoveryAttempts();
        started.guardian = KeystoreService.Build(new KeystoreOptions
        {
            Urls = "http://127.0.0.1:0",
            Data = started.folder.FullName,
            Limits = new() { Unsigned = many, RecoveryRecords = many },
        });
        await started.guardian.StartAsync();
        started.store = PassphraseStoreService.Build(new PassphraseStoreOptions
        {
            Urls = "http://127.0.0.1:0",
            Data = started.folder.FullName,
            Guardian = started.guardian.Urls.Single(),
            Mail = new() { Folder = started.Mails, From = "recovery@example.org" },
            MailsPerAddress = many,
            AttemptsPerAddress = many,
            Limits = new() { Unsigned = many },
        });
        await started.store.StartAsync();
        started.atStore = new HttpClient { BaseAddress = new Uri(started.store.Urls.Single()) };
        started.atGuardian = new HttpClient { BaseAddress = new Uri(started.guardian.Urls.Single()) };
        for (var number = 0; number < Known; number++)
            await started.RegisterAsync();
        return started;
    }

    public async Task<bool> RunAsync()
    {
        var strangers = Enumerable.Range(0, Known).Select(_ => NewUsername()).ToList();
        var known = new Guess(atStore, () => AtStore(Of(usernames)));
        var unknown = new Guess(atStore, () => AtStore(NewUsername()));
        var askedBefore = new Guess(atStore, () => AtStore(Of(strangers)));
        var refused = new Guess(atStore, () => AtStore(NewUsername().ToUpperInvariant()), HttpStatusCode.BadRequest);
        var knownHandle = new Guess(atGuardian, () => AtGuardian(Of(handles), blinded));
        var unknownHandle = new Guess(atGuardian, () => AtGuardian(GuardianHandle.Generate().Value, blinded));
        var noElement = new Guess(atGuardian, () => AtGuardian(GuardianHandle.Generate().Value, new byte[32]), HttpStatusCode.BadRequest);

        const string username = "recovery attempt: unknown username, wrong password";
        const string handle = "recovery attempt: unknown handle, wrong password";
        return Verdict.Real(username, await MeasureAsync(unknown, known))
            & Verdict.Real("the same, an unknown username asked before", await MeasureAsync(askedBefore, known))
            & Verdict.Planted(username, await MeasureAsync(refused, known))
            & Verdict.Real(handle, await MeasureAsync(unknownHandle, knownHandle))
            & Verdict.Planted(handle, await MeasureAsync(noElement, knownHandle));
    }

    public async ValueTask DisposeAsync()
    {
        atStore.Dispose();
        atGuardian.Dispose();
        await store.DisposeAsync();
        await guardian.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private async Task<WelchTest> MeasureAsync(Guess first, Guess second)
    {
        var test = new WelchTest(Samples);
        var order = RandomNumberGenerator.GetBytes(Samples + WarmUp);
        for (var number = 0; number < order.Length; number++)
        {
            if (number % PerReset == 0)
                ForgetGuesses();
            var isSecond = (order[number] & 1) != 0;
            var guess = isSecond ? second : first;
            using var request = guess.Make();
            var start = Stopwatch.GetTimestamp();
            using var response = await guess.Http.SendAsync(request);
            var time = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            if (response.StatusCode != guess.Expected)
                throw new InvalidOperationException($"It was answered with {response.StatusCode}.");
            if (number >= WarmUp)
                test.Add(isSecond, time);
        }

        return test;
    }

    private void ForgetGuesses()
    {
        foreach (var name in (string[])["keystore", "passphrase-store"])
        {
            using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.FullName, name)}.db");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE guesses SET used = 0 WHERE used > 0;";
            command.ExecuteNonQuery();
        }
    }

    // As a client does it, with bytes that open nothing: for the services envelopes have a length and a first byte.
    private async Task RegisterAsync()
    {
        var (username, seed) = (NewUsername(), RandomNumberGenerator.GetBytes(RecoveryLimits.SeedBytes));
        var handle = GuardianHandle.FromSeed(seed).Value;
        await PostAsync(
            atGuardian, GuardianRoutes.Records, new CreateGuardianRecordRequest(seed, blinded, RandomNumberGenerator.GetBytes(32), publicKey, publicKey),
            ProtocolJson.Default.CreateGuardianRecordRequest);
        await PostAsync(atStore, PassphraseStoreRoutes.Codes, new SendCodeRequest(username, CodePurposes.Register), ProtocolJson.Default.SendCodeRequest);
        var evaluated = JsonSerializer.Deserialize(
            await PostAsync(atStore, PassphraseStoreRoutes.Evaluations, new EvaluateRequest(blinded), ProtocolJson.Default.EvaluateRequest), ProtocolJson.Default.EvaluateResponse)!;
        var record = new RecordMessage(evaluated.Key, Envelope(201), Envelope(201), Envelope(585), RandomNumberGenerator.GetBytes(32), handle, publicKey);
        await PostAsync(
            atStore, PassphraseStoreRoutes.Records, new CreateRecordRequest(username, await CodeAsync(username), RandomNumberGenerator.GetBytes(RecoveryLimits.SeedBytes), record), ProtocolJson.Default.CreateRecordRequest);
        usernames.Add(username);
        handles.Add(handle);
    }

    private async Task<string> CodeAsync(string username)
    {
        for (var wait = 0; wait < 1_000; wait++)
        {
            var mails = Directory.Exists(Mails) ? Directory.GetFiles(Mails, "*.eml").Select(file => MimeMessage.Load(file)) : [];
            if (mails.FirstOrDefault(mail => mail.To.Mailboxes.Any(to => to.Address == username)) is { } found && PassphraseStoreHost.CodeIn(found) is { } code)
                return code;
            await Task.Delay(20);
        }

        throw new InvalidOperationException("No mail came.");
    }

    private HttpRequestMessage AtStore(string username) => new(HttpMethod.Post, PassphraseStoreRoutes.Attempts)
    {
        Content = SampleAccount.Json(new AttemptRequest(username, blinded), ProtocolJson.Default.AttemptRequest),
    };

    private static HttpRequestMessage AtGuardian(Guid handle, byte[] element) => new(HttpMethod.Post, GuardianRoutes.Attempts)
    {
        Content = SampleAccount.Json(new GuardianAttemptRequest(handle, element), ProtocolJson.Default.GuardianAttemptRequest),
    };

    private static async Task<byte[]> PostAsync<T>(HttpClient http, string route, T message, JsonTypeInfo<T> type)
    {
        using var content = SampleAccount.Json(message, type);
        using var answer = await http.PostAsync(route, content);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsByteArrayAsync() : throw new InvalidOperationException($"{route} was answered with {answer.StatusCode}.");
    }

    private static string NewUsername() => $"{RandomNumberGenerator.GetHexString(16, lowercase: true)}@example.org";

    private static byte[] Envelope(int size) => [1, .. RandomNumberGenerator.GetBytes(size - 1)];

    private static T Of<T>(List<T> list) => list[RandomNumberGenerator.GetInt32(list.Count)];

    private sealed record Guess(HttpClient Http, Func<HttpRequestMessage> Make, HttpStatusCode Expected = HttpStatusCode.OK);
}
