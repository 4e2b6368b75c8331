using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Keyladder.Testing;
using Microsoft.Extensions.Logging;

namespace Keyladder.EndToEnd.Tests;

/// <summary>After the main job, done by real processes, nobody but the person holds anything that a person would call theirs.</summary>
public sealed partial class NothingReadableTests(NothingReadableTests.Searches searches) : IClassFixture<NothingReadableTests.Searches>
{
    private const string WithWords = "two-devices.txt";
    private const string WithPassphrase = "passphrase.txt";

    private static readonly string[] Ladder = ["PDK", "PRK", "login seed", "MEK", "KEK", "identity seed", "PersonalDek", "SharingDek", "Signing", "session key", "what a session key follows from"];
    private static readonly string[] Content = ["text", "label", "label of a DEK", "DID"];
    private static readonly string[] SecretKey = ["Secret Key", "Secret Key, its code", "Secret Key, its code without hyphens"];

    public static TheoryData<Engine, string> Stories() => Engines.With(WithWords, WithPassphrase);

    [Theory, MemberData(nameof(Stories))]
    public async Task G11_H01_H03_no_secret_stands_in_any_database_file_log_profile_or_captured_body(Engine engine, string story)
    {
        var (job, _, found, addresses) = await searches.OfAsync(engine, story);

        Assert.NotEmpty(addresses);
        Assert.Contains(job.ProfileFiles, file => file.Name == "account.export");
        var keptOnPurpose = found.Where(line => SecretKey.Any(kind => line.EndsWith($"{Path.DirectorySeparatorChar}secret-key: {kind}", StringComparison.Ordinal))).ToList();
        Assert.Equal(story == WithPassphrase ? 2 : 0, keptOnPurpose.Count(line => line.EndsWith(": Secret Key, its code", StringComparison.Ordinal))); // two devices
        Assert.Empty(found.Except(keptOnPurpose));
    }

    /// <summary>An address goes into logs, histories and proxies of others: beside the routes it holds ids and numbers.</summary>
    [Theory, MemberData(nameof(Stories))]
    public async Task I12_no_address_that_the_client_asks_for_holds_more_than_ids_and_numbers(Engine engine, string story)
    {
        var addresses = (await searches.OfAsync(engine, story)).Addresses;

        Assert.True(addresses.Count >= 8, string.Join('\n', addresses));
        Assert.All(addresses, address => Assert.Matches(Address(), address));
    }

    [Theory, InlineData("GET /v1/keys/photos"), InlineData("GET /v1/account?since=1&secret=KL1-0000000"), InlineData("POST /v1/sessions?locator=AAAA"), InlineData("GET /v1/account#1")]
    public void Anything_else_is_seen(string address) => Assert.DoesNotMatch(Address(), address);

    /// <summary>The control: each kind of secret, put on purpose into a file of the service, is found there, and each place is looked at.</summary>
    [Theory, MemberData(nameof(Stories))]
    public async Task The_same_search_finds_each_of_these_secrets_and_looks_in_each_of_these_places(Engine engine, string story)
    {
        var (job, secrets, _, _) = await searches.OfAsync(engine, story);
        foreach (var secret in secrets)
            await File.WriteAllBytesAsync(Path.Combine(job.Service.Database.Folder.FullName, $"control {secret.Kind}"), secret.Bytes, TestContext.Current.CancellationToken);
        var anywhere = secrets.First(secret => secret.Kind == "KEK");
        var text = Convert.ToHexString(anywhere.Bytes);
        var profile = job.ProfileFiles[0].DirectoryName!;
        await File.WriteAllTextAsync(Path.Combine(profile, "control profile"), text, TestContext.Current.CancellationToken);
        job.Service.Logs.CreateLogger("control").Log(LogLevel.Trace, default, text, null, (state, _) => state);
        using var http = new HttpClient { BaseAddress = job.Service.Origin };
        await http.GetAsync(new Uri($"/control/{text}", UriKind.Relative), TestContext.Current.CancellationToken);
        await using (var connection = await job.Service.Database.OpenAsync())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"CREATE TABLE control (note TEXT); INSERT INTO control VALUES ('{text}')";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            if (engine == Engine.Postgres)
            {
                command.CommandText = $"SELECT '{text}'::int"; // the server writes down what it could not do
                await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
            }
        }

        var found = await job.FindAsync(secrets);

        Assert.All(secrets, secret => Assert.Contains(found, line => line.EndsWith($"control {secret.Kind}: {secret.Kind}", StringComparison.Ordinal)));
        string[] places = ["control profile: KEK", "logs: KEK", $"GET /control/{text}: KEK", "tables: KEK", .. engine == Engine.Sqlite ? [".db"] : (string[])["/pg_wal/", "/base/", "/log: KEK"]];
        Assert.All(places, place => Assert.Contains(found, line => line.Contains(place, StringComparison.Ordinal) && line.EndsWith(": KEK", StringComparison.Ordinal)));
    }

    private static async Task<IReadOnlyList<Secret>> SecretsAsync(MainJob job, string story)
    {
        var secrets = await EverySecret.OfAsync(job, story == WithPassphrase);
        string[] typed = story == WithPassphrase ? ["passphrase", .. SecretKey] : ["words"];
        Assert.Equal(Ladder.Concat(Content).Concat(typed).Order(StringComparer.Ordinal), secrets.Select(secret => secret.Kind).Distinct().Order(StringComparer.Ordinal));
        return secrets;
    }

    /// <summary>Each story is told and searched once; whoever puts something in afterwards changes nothing of what was found.</summary>
    public sealed class Searches : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<(Engine Engine, string Story), Lazy<Task<Search>>> _searches = new();

        internal Task<Search> OfAsync(Engine engine, string story) => _searches.GetOrAdd((engine, story), _ => new(() => RunAsync(engine, story))).Value;

        public async ValueTask DisposeAsync()
        {
            foreach (var search in _searches.Values)
                await (await search.Value).Job.DisposeAsync();
        }

        private static async Task<Search> RunAsync(Engine engine, string story)
        {
            var job = await MainJob.RunAsync(engine, story);
            var addresses = job.Service.Proxy!.Exchanges.Select(exchange => exchange.Request.Split('\n')[0]).ToHashSet();
            var secrets = await SecretsAsync(job, story);
            return new Search(job, secrets, await job.FindAsync(secrets), addresses);
        }
    }

    internal sealed record Search(MainJob Job, IReadOnlyList<Secret> Secrets, IReadOnlyList<string> Found, IReadOnlySet<string> Addresses);

    [GeneratedRegex(@"^(GET|POST|DELETE) /v1/[a-z]+(/fetch|/current|/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?(\?(since|after)=[0-9]{1,16})?\z")]
    private static partial Regex Address();
}
