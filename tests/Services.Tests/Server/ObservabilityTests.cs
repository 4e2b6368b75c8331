using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Keyladder.Cryptography;
using Keyladder.Hosting.Observability;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Server;

/// <summary>What leaves a process for its operators' tools: what they need, and nothing of a person.</summary>
public sealed class ObservabilityTests
{
    [Theory, OnBothEngines]
    public async Task I10_metrics_and_spans_name_routes_and_no_person_key_address_or_text_of_a_client(Engine engine)
    {
        await using var collector = await TelemetryCollector.StartAsync();
        await using var database = await TestDatabase.CreateAsync(engine);
        var (code, secrets, _) = await RunAsync(database, collector.HasMetricsAsync, "--telemetry:endpoint", collector.Address, "--logging:loglevel:default", "None");
        Assert.Equal(0, code);

        Assert.Equal(["/v1/metrics", "/v1/traces"], collector.Received.Select(message => message.Path).Distinct().Order());
        var metrics = string.Concat(collector.Received.Where(message => message.Path == "/v1/metrics").Select(message => message.Body));
        var traces = string.Concat(collector.Received.Where(message => message.Path == "/v1/traces").Select(message => message.Body));
        string[] expected = ["http.server.request.duration", "kestrel.active_connections", "dotnet.gc.collections", "http.route", "/v1/keys/{id}", "http.response.status_code", "keyladder-server"];
        Assert.All(engine == Engine.Postgres ? [.. expected, "db.client.connection.count"] : expected, name => Assert.Contains(name, metrics, StringComparison.Ordinal));
        Assert.All(
            ["GET /v1/keys/{id}", "POST /v1/nonces", "http.request.method", "http.route", "http.response.status_code", "url.scheme", "_OTHER"],
            name => Assert.Contains(name, traces, StringComparison.Ordinal));
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, metrics + traces, StringComparison.OrdinalIgnoreCase));
    }

    [Theory, OnBothEngines]
    public async Task I10_log_lines_in_JSON_name_endpoints_and_no_person_key_address_or_text_of_a_client(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        var (code, secrets, log) = await RunAsync(database, () => Task.CompletedTask, "--logging:format", "json", "--logging:loglevel:default", "Trace");
        Assert.Equal(0, code);

        var lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        Assert.Contains(lines, line => line.GetProperty("State").TryGetProperty("Endpoint", out var endpoint) && endpoint.GetString() == "GetKey"
            && line.GetProperty("State").GetProperty("Status").GetInt32() == 404 && line.GetProperty("Timestamp").GetString()!.EndsWith('Z'));
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, log, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task I10_attributes_that_a_later_version_of_the_platform_adds_do_not_leave()
    {
        await using var collector = await TelemetryCollector.StartAsync();
        using var source = new ActivitySource("Microsoft.AspNetCore");
        using var meter = new Meter("Microsoft.AspNetCore.Hosting");
        var counter = meter.CreateCounter<long>("added.later");
        using (Telemetry.Start(new Uri(collector.Address)))
        {
            counter.Add(1, new("http.route", "/known"), new("url.path", "/planted"));
            using var span = source.StartActivity("added.later");
            span!.SetTag("http.route", "/known").SetTag("url.path", "/planted").SetTag("client.address", "planted");
        }

        foreach (var signal in collector.Received.GroupBy(message => message.Path, message => message.Body))
        {
            var body = string.Concat(signal);
            Assert.Contains("added.later", body, StringComparison.Ordinal);
            Assert.Contains("/known", body, StringComparison.Ordinal);
            Assert.DoesNotContain("planted", body, StringComparison.Ordinal);
        }

        Assert.Equal(2, collector.Received.Select(message => message.Path).Distinct().Count());
    }

    /// <summary>A process that serves requests full of what must not be told, and is ended.</summary>
    /// <returns>Its exit code, what must not be told, and its standard error.</returns>
    private static async Task<(int Code, string[] Secrets, string Log)> RunAsync(TestDatabase database, Func<Task> beforeItsEnd, params string[] settings)
    {
        await using var server = await ServerProcess.ListenAsync(
            [.. database.Settings, .. settings], new Dictionary<string, string> { ["OTEL_METRIC_EXPORT_INTERVAL"] = "100" });
        await using var service = RunningService.At(server.Address, server.Address.GetLeftPart(UriPartial.Authority));
        service.Http.DefaultRequestHeaders.Add("User-Agent", "planted");
        service.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.77");
        service.Http.DefaultRequestHeaders.Add("traceparent", "00-feedfacefeedfacefeedfacefeedface-feedfacefeedface-01");
        service.Http.DefaultRequestHeaders.Add("tracestate", "planted=planted");
        service.Http.DefaultRequestHeaders.Add("baggage", "planted=planted");
        service.Http.DefaultRequestHeaders.Host = "planted.example.org";
        var alice = await Person.SignedUpAsync(service);
        var key = alice.NewKey();
        await alice.PutAsync(key);
        (await alice.SendAsync(Request.Get($"/v1/keys/{key.Id}?since=1"))).Is(HttpStatusCode.OK);
        (await alice.SendAsync(Request.Get($"/v1/keys/{KeyId.Generate()}?planted=planted"))).Is(HttpStatusCode.NotFound);
        (await Request.Get("/planted").SendAsync(service.Http)).Is(HttpStatusCode.NotFound);
        await new Request("PLANTED", "/v1/account").SendAsync(service.Http);

        string[] secrets =
        [
            $"{alice.Account}", $"{alice.Slot.Id}", $"{alice.Session.KeyId}", $"{alice.Session.KeyId.Session}", $"{key.Id}", $"{key.Kek}",
            "planted", "127.0.0.1", "192.0.2.77", "tracestate", server.Address.Port.ToString(CultureInfo.InvariantCulture),
            Encoding.Latin1.GetString(Convert.FromHexString("feedfacefeedface")), "feedfacefeedface",
            .. database.Postgres is null ? Array.Empty<string>() : [new Npgsql.NpgsqlConnectionStringBuilder(database.Postgres).Database!, "Username"],
        ];
        await beforeItsEnd();
        var (code, _, log) = await server.EndAsync(terminate: true);
        return (code, secrets, log);
    }
}
