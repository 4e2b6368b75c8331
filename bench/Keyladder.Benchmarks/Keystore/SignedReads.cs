using System.Diagnostics;
using System.Globalization;
using Keyladder.Client;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;

namespace Keyladder.Benchmarks.Keystore;

/// <summary>Signed reads of one key by wrk, against <see cref="BareEndpoint"/> in turns of a few seconds.</summary>
internal static class SignedReads
{
    private const int KeyCount = 100;
    private const int Requests = 500;
    private const int Turns = 5;
    private const int Seconds = 4;
    private const double Bound = 0.5;

    public static async Task<int> RunAsync(string engine)
    {
        await using var database = await MeasuredServer.CreateDatabaseAsync(engine);
        await using var server = await MeasuredServer.StartAsync(database);
        using var captured = new CapturedRequests();
        using var http = new HttpClient(captured, disposeHandler: false);
        using var client = new KeyladderClient(server.Address, new MemoryPinStore(), http);
        using var words = Words.Generate();
        using var secret = UnlockSecret.FromWords(words);
        await using var account = await client.SignUpAsync(secret);
        var keys = await account.Keys.GenerateManyAsync([.. Enumerable.Range(0, KeyCount).Select(_ => new NewKey(KeyPurpose.PersonalDek))]);
        var key = keys[0].Id;

        var script = Path.Combine(database.Folder.FullName, "requests.lua");
        using var bare = StartBare(database, captured, await CaptureAsync());
        var bareAddress = new Uri((await bare.StandardOutput.ReadLineAsync())!);
        var bareScript = Path.Combine(database.Folder.FullName, "bare.lua");
        await File.WriteAllTextAsync(bareScript, Wrk.Result);

        var ratios = new List<double>();
        for (var turn = -1; turn < Turns; turn++) // the first warms both up
        {
            var baseline = await Wrk.RunAsync(bareAddress, bareScript, Seconds);
            await CaptureAsync(); // signatures are good for a minute
            var signed = await Wrk.RunAsync(server.Address, script, Seconds);
            if (turn < 0)
                continue;
            ratios.Add(signed / baseline);
            Console.WriteLine(FormattableString.Invariant($"{engine}: bare {baseline,7:F0}/s  signed {signed,7:F0}/s  ratio {signed / baseline:F2}"));
        }

        bare.StandardInput.Close();
        await bare.WaitForExitAsync();
        var median = ratios.Order().ElementAt(Turns / 2);
        Console.WriteLine(FormattableString.Invariant($"{engine}: signed read of one key at {median:F2} of the bare endpoint's rate (bound {Bound})"));
        return median >= Bound ? 0 : 1;

        async Task<int> CaptureAsync()
        {
            captured.Clear();
            for (var request = 0; request < Requests; request++)
                await account.Keys.GetAsync(key);
            await File.WriteAllTextAsync(script, captured.ToScript());
            return captured.LastAnswer.Length;
        }

        Process StartBare(TestDatabase database, CapturedRequests captured, int length) => Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!,
            [
                "bare-endpoint", database.Postgres ?? $"Data Source={database.SqliteFile}", captured.LastKeyId, key.ToString(),
                length.ToString(CultureInfo.InvariantCulture),
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
    }
}
