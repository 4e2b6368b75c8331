using System.Diagnostics;
using Keyladder.Client;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;

namespace Keyladder.Benchmarks.Keystore;

/// <summary>A key added by a running client, end to end: to an account of 100,000 keys against one of 100, in turns.</summary>
internal static class AddKey
{
    private const int Small = 100;
    private const int Large = 100_000;
    private const int Batch = 1_000;
    private const int WarmUp = 50;
    private const int Turns = 300;
    private const double Bound = 2;

    public static async Task<int> RunAsync(string engine)
    {
        await using var database = await MeasuredServer.CreateDatabaseAsync(engine);
        await using var server = await MeasuredServer.StartAsync(database);
        using var client = new KeyladderClient(server.Address, new MemoryPinStore());
        await using var small = await SignUpAsync(client, Small);
        await using var large = await SignUpAsync(client, Large);
        var (smallTimes, largeTimes) = (new List<double>(), new List<double>());
        for (var turn = -WarmUp; turn < Turns; turn++)
        {
            var (first, second) = (await MillisecondsAsync(small), await MillisecondsAsync(large));
            if (turn < 0)
                continue;
            smallTimes.Add(first);
            largeTimes.Add(second);
        }

        var (smallMedian, largeMedian) = (smallTimes.Order().ElementAt(Turns / 2), largeTimes.Order().ElementAt(Turns / 2));
        var ratio = largeMedian / smallMedian;
        Console.WriteLine(FormattableString.Invariant(
            $"{engine}: add a key to {Small}: {smallMedian:F2} ms, to {Large}: {largeMedian:F2} ms, ratio {ratio:F2} (bound {Bound:F0})"));
        return ratio <= Bound ? 0 : 1;
    }

    private static async Task<UnlockedAccount> SignUpAsync(KeyladderClient client, int keys)
    {
        using var words = Words.Generate();
        using var secret = UnlockSecret.FromWords(words);
        var account = await client.SignUpAsync(secret);
        for (var made = 0; made < keys; made += Batch)
        {
            var batch = await account.Keys.GenerateManyAsync([.. Enumerable.Repeat(new NewKey(KeyPurpose.PersonalDek), Math.Min(Batch, keys))]);
            foreach (var key in batch)
                key.Dispose();
        }

        await account.Keys.ListAsync(); // a running client has a copy, which it keeps up to date
        return account;
    }

    private static async Task<double> MillisecondsAsync(UnlockedAccount account)
    {
        var start = Stopwatch.GetTimestamp();
        using var key = await account.Keys.GeneratePersonalAsync();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
