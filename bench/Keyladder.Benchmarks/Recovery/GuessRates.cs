using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Benchmarks.Keystore;
using Keyladder.Benchmarks.Timing;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;

namespace Keyladder.Benchmarks.Recovery;

/// <summary>
/// Guesses by wrk at a Guardian and at a Passphrase Store, each counted, looked up and evaluated, against <see cref="BareCount"/> in turns of a few seconds. Ten are free for each
/// record: they are spread over many, and what was counted is set to none between turns.
/// </summary>
internal static class GuessRates
{
    private const int Subjects = 4_000;
    private const int Turns = 5;
    private const int Seconds = 4;
    private const int Connections = 32;
    private const double Bound = 0.5;

    public static async Task<int> RunAsync(string engine) => await AtGuardianAsync(engine) & await AtStoreAsync(engine) ? 0 : 1;

    private static async Task<bool> AtGuardianAsync(string engine)
    {
        await using var database = await MeasuredServer.CreateDatabaseAsync(engine);
        await using var server = await MeasuredServer.StartAsync(database);
        using var http = new HttpClient { BaseAddress = server.Address };
        using var blinding = OprfBlinding.Blind("password"u8);
        using var signer = Ed25519PrivateKey.Generate();
        var (blinded, publicKey) = (blinding.BlindedElement.ToArray(), signer.PublicKey.Bytes.ToArray());
        var length = 0;
        var bodies = new string[Subjects];
        await EachAsync(async number =>
        {
            var seed = RandomNumberGenerator.GetBytes(RecoveryLimits.SeedBytes);
            var handle = GuardianHandle.FromSeed(seed).Value;
            var made = await PostAsync(
                http, GuardianRoutes.Records, new CreateGuardianRecordRequest(seed, blinded, RandomNumberGenerator.GetBytes(32), publicKey, publicKey),
                ProtocolJson.Default.CreateGuardianRecordRequest, HttpStatusCode.Created);
            var attempt = new GuardianAttemptRequest(handle, blinded);
            var answer = await PostAsync(http, GuardianRoutes.Attempts, attempt, ProtocolJson.Default.GuardianAttemptRequest, HttpStatusCode.OK);
            if (!answer.SequenceEqual(made))
                throw new InvalidOperationException("A guess was not evaluated under the record's key.");
            length = answer.Length;
            bodies[number] = JsonSerializer.Serialize(attempt, ProtocolJson.Default.GuardianAttemptRequest);
        });
        return await MeasureAsync("Guardian", engine, database, server, GuardianRoutes.Attempts, bodies, BareCount.Guardian, length);
    }

    // Usernames that are not registered, whose answers are made by the same work and more: a decoy each.
    public static async Task<bool> AtStoreAsync(string engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine == "postgres" ? Engine.Postgres : Engine.Sqlite, "passphrase-store");
        await using var server = await ServerProcess.ListenAsync(
        [
            .. database.Settings,
            "--services", "passphrase-store",
            "--passphrase-store:urls=http://127.0.0.1:0",
            "--passphrase-store:guardian=https://guardian.example.org",
            $"--passphrase-store:mail:folder={Path.Combine(database.Folder.FullName, "mails")}",
            "--passphrase-store:mail:from=recovery@example.org",
            "--passphrase-store:attemptsperaddress=100000000",
            "--passphrase-store:limits:unsigned=100000000",
            .. ServerProcess.Silent,
        ]);
        using var http = new HttpClient { BaseAddress = server.Address };
        using var blinding = OprfBlinding.Blind("password"u8);
        var blinded = blinding.BlindedElement.ToArray();
        var length = 0;
        var bodies = new string[Subjects];
        await EachAsync(async number =>
        {
            var attempt = new AttemptRequest($"{RandomNumberGenerator.GetHexString(16, lowercase: true)}@example.org", blinded);
            var first = await PostAsync(http, PassphraseStoreRoutes.Attempts, attempt, ProtocolJson.Default.AttemptRequest, HttpStatusCode.OK);
            length = first.Length;
            bodies[number] = JsonSerializer.Serialize(attempt, ProtocolJson.Default.AttemptRequest);
        });
        return await MeasureAsync("Passphrase Store", engine, database, server, PassphraseStoreRoutes.Attempts, bodies, BareCount.Store, length);
    }

    private static async Task<bool> MeasureAsync(
        string what, string engine, TestDatabase database, ServerProcess server, string route, string[] bodies, string kind, int length)
    {
        var address = server.Address;
        await using var bareDatabase = await MeasuredServer.CreateDatabaseAsync(engine);
        await (await MeasuredServer.StartAsync(bareDatabase)).DisposeAsync(); // makes the tables
        using var bare = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!,
            [
                "bare-count", bareDatabase.Postgres ?? $"Data Source={bareDatabase.SqliteFile}", Path.Combine(bareDatabase.Folder.FullName, "bare.guesses"), kind,
                length.ToString(CultureInfo.InvariantCulture),
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        var bareAddress = new Uri((await bare.StandardOutput.ReadLineAsync())!);
        var (script, bareScript) = (Path.Combine(database.Folder.FullName, "guesses.lua"), Path.Combine(bareDatabase.Folder.FullName, "guesses.lua"));
        await File.WriteAllTextAsync(script, Script(address, route, bodies));
        await File.WriteAllTextAsync(bareScript, Script(bareAddress, route, bodies));

        var ratios = new List<double>();
        for (var turn = -1; turn < Turns; turn++) // the first warms both up
        {
            var (baseline, bareWork) = await GuessAsync(bareDatabase, bare.Id, bareAddress, bareScript);
            var (real, work) = await GuessAsync(database, server.Id, address, script);
            if (turn < 0)
                continue;
            ratios.Add(real / baseline);
            Console.WriteLine(FormattableString.Invariant($"{engine}: bare {baseline,7:F0}/s, {bareWork,4:F0} µs of processor each  {what} {real,7:F0}/s, {work,4:F0} µs  ratio {real / baseline:F2}"));
        }

        bare.StandardInput.Close();
        await bare.WaitForExitAsync();
        var median = ratios.Order().ElementAt(Turns / 2);
        Console.WriteLine(FormattableString.Invariant($"{engine}: evaluations at the {what} at {median:F2} of the rate of a bare endpoint that counts alike (bound {Bound})"));
        return median >= Bound;
    }

    /// <returns>Guesses in a second, of which each was answered with 200 and stands in the total of the database; and the processor time of the process for each, in microseconds.</returns>
    private static async Task<(double Rate, double Work)> GuessAsync(TestDatabase database, int process, Uri address, string script)
    {
        await database.ExecuteAsync("UPDATE guesses SET used = 0, until = 0");
        var (before, worked) = (await TotalAsync(database), ProcessorTime(process));
        var (requests, rate) = await Wrk.MeasureAsync(address, script, Seconds, Connections);
        // Those that were on their way when wrk ended are counted too.
        var counted = await TotalAsync(database) - before;
        return counted >= requests && counted <= requests + Connections
            ? (rate, (ProcessorTime(process) - worked).TotalMicroseconds / counted)
            : throw new InvalidOperationException($"{requests} guesses were answered and {counted} counted.");
    }

    private static TimeSpan ProcessorTime(int id)
    {
        using var process = Process.GetProcessById(id);
        return process.TotalProcessorTime;
    }

    private static Task<long> TotalAsync(TestDatabase database) => database.ScalarAsync<long>("SELECT coalesce(max(total), 0) FROM guess_total");

    private static string Script(Uri address, string route, string[] bodies) => $$"""
        local bodies = {
        {{string.Join(",\n", bodies.Select(body => $"[=[{body}]=]"))}}
        }
        local at = 0
        function request()
          at = at % #bodies + 1
          return "POST {{route}} HTTP/1.1\r\nHost: {{address.Authority}}\r\nContent-Type: application/json\r\nContent-Length: " .. #bodies[at] .. "\r\n\r\n" .. bodies[at]
        end
        {{Wrk.Result}}
        """;

    private static Task EachAsync(Func<int, Task> work) =>
        Parallel.ForEachAsync(Enumerable.Range(0, Subjects), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) => await work(number));

    private static async Task<byte[]> PostAsync<T>(HttpClient http, string route, T message, JsonTypeInfo<T> type, HttpStatusCode expected)
    {
        using var content = SampleAccount.Json(message, type);
        using var answer = await http.PostAsync(route, content);
        return answer.StatusCode == expected
            ? await answer.Content.ReadAsByteArrayAsync()
            : throw new InvalidOperationException($"{route} was answered with {answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }
}
