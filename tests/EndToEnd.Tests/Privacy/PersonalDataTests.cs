using System.Text.Json;
using System.Text.RegularExpressions;
using Keyladder.Testing;
using Keyladder.Vectors;

namespace EndToEnd.Tests.Privacy;

/// <summary>What a run of real processes leaves at the service, joined: nothing but what docs/threat-model.md lists, and nothing that leads from a log or a metric to a row.</summary>
public sealed partial class PersonalDataTests : IDisposable
{
    private const string Many = "1000000";

    // What this run has no rows of: no app admits anybody, nobody restores or asks the Guardian, and where all may sign up nobody is the first.
    private static readonly string[] Empty = ["witnesses", "spent_admissions", "restores", "guesses", "guess_total", "guardian_records", "guardian_devices", "first_account"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keyladder-run-");

    private static string Document => File.ReadAllText(Path.Combine(Clone.Root, "docs", "threat-model.md"));

    public void Dispose() => folder.Delete(recursive: true);

    [Theory, OnBothEngines]
    public async Task I10_databases_logs_and_metrics_joined_hold_no_personal_data_that_is_not_listed(Engine engine)
    {
        await using var collector = await TelemetryCollector.StartAsync();
        await using var database = await TestDatabase.CreateAsync(engine);
        string[] settings =
        [
            .. database.Settings, "--keystore:signup", "open", "--keystore:limits:signups", Many, "--keystore:limits:unsigned", Many,
            "--telemetry:endpoint", collector.Address, "--logging:format", "json", "--logging:loglevel:default", "Trace",
        ];
        await using (var invite = ServerProcess.Start(["invite", .. settings]))
            Assert.Equal(0, (await invite.EndAsync()).Code);
        await using var server = await ServerProcess.ListenAsync(settings, new Dictionary<string, string> { ["OTEL_METRIC_EXPORT_INTERVAL"] = "200" });
        var scripts = new List<Script>();
        foreach (var story in (string[])["keys.txt", "devices.txt", "failed-unlock.txt"])
        {
            scripts.Add(new Script(folder.CreateSubdirectory(story).FullName, new() { ["SERVER"] = server.Address.GetLeftPart(UriPartial.Authority) }));
            await scripts[^1].RunAsync(Path.Combine(AppContext.BaseDirectory, "Scripts", story));
        }

        await scripts[0].TellAsync("another$ keyladder sign-up --server $SERVER --kit another.txt"); // its session is alive when the rest have ended
        Assert.Empty(await StoredPersonalData.UnlistedAsync(database, Document));
        Assert.Equal(Empty, (await database.TablesAsync()).Where(table => table.Rows.Count == 0).Select(table => table.Table).OrderDescending());
        var dump = await database.DumpAsync("schema_versions"); // the names in it are ours
        foreach (var script in scripts)
            await script.CloseAsync();
        await collector.HasMetricsAsync();
        var (code, _, log) = await server.EndAsync(terminate: true);
        Assert.Equal(0, code);

        var lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, line => line.Contains("\"PutChanges\"", StringComparison.Ordinal));
        Assert.Empty(lines.SelectMany(Unlisted));
        Assert.Empty(Common(dump, log + string.Concat(collector.Received.Select(message => message.Body))));
    }

    [Fact]
    public async Task What_is_not_listed_is_found()
    {
        (string Planted, string Found)[] plants =
        [
            ("ALTER TABLE slots ADD COLUMN email TEXT", "slots.email: not listed"),
            ("CREATE TABLE visitors (address TEXT)", "visitors.address: not listed"),
            ("UPDATE audit_events SET hour = hour + 1", "audit_events.hour: "),
            ("UPDATE sessions SET created = created || ' 10:43'", "sessions.created: "),
            ("UPDATE slots SET kind = '192.0.2.77'", "slots.kind: "),
            ("UPDATE slots SET locator = CAST('someone@example.org' AS BLOB)", "slots.locator: "),
            ("UPDATE heads SET audited = 1764067422000", "heads.audited: "),
            ("DROP TABLE limits", "limits: listed, and not there"),
        ];
        await using var service = await KeystoreHost.StartAsync(Engine.Sqlite);
        var script = new Script(folder.FullName, new() { ["SERVER"] = service.Origin.GetLeftPart(UriPartial.Authority) });
        await script.TellAsync("a$ keyladder sign-up --server $SERVER --kit kit.txt");
        var dump = await service.Database.DumpAsync();
        Assert.Empty(await StoredPersonalData.UnlistedAsync(service.Database, Document));

        foreach (var (index, (planted, found)) in plants.Index())
        {
            await service.Database.ExecuteAsync(planted);
            var findings = await StoredPersonalData.UnlistedAsync(service.Database, Document);
            Assert.Equal(index + 1, findings.Count);
            Assert.Contains(findings, finding => finding.StartsWith(found, StringComparison.Ordinal));
        }

        var account = (await service.Database.TablesAsync()).Single(table => table.Table == "heads").Rows[0][0];
        Assert.Equal([account], Common(dump, $"PutChanges of {account} answered 200"));
        Assert.NotEmpty(Unlisted("""{"State":{"Endpoint":"GetKey","Address":"192.0.2.77"}}"""));
        await script.CloseAsync();
    }

    /// <returns>What a line says beside what every line may say.</returns>
    private static IEnumerable<string> Unlisted(string line) => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("State").EnumerateObject()
        .Where(member => !Listed().IsMatch(member.Name)).Select(member => member.Name);

    /// <returns>Each word of eight characters or more that stands in both, but for days and names of tables.</returns>
    private static IEnumerable<string> Common(string database, string told) => Words().Matches(database).Select(word => word.Value).ToHashSet()
        .Intersect(Words().Matches(told).Select(word => word.Value)).Where(word => !Shared().IsMatch(word));

    [GeneratedRegex(@"^(Endpoint|Status|Milliseconds|ExceptionType|StackTrace|Diagnosis|Rows|Table|ValidUntil|Seconds|\{OriginalFormat\}|Message)\z")]
    private static partial Regex Listed();

    [GeneratedRegex("[A-Za-z0-9_-]{8,}")]
    private static partial Regex Words();

    [GeneratedRegex(@"^(20[0-9]{2}-[0-9]{2}-[0-9]{2}|[a-z_]+)\z")]
    private static partial Regex Shared();
}
