using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.PassphraseStore;

public sealed class OpenApiTests(PassphraseStores stores) : IClassFixture<PassphraseStores>
{
    private static readonly string[] Open =
    [
        "GET /health/live", "GET /health/ready", "POST /v1/recovery/attempts", "POST /v1/recovery/codes", "POST /v1/recovery/evaluations", "POST /v1/recovery/records",
        "POST /v1/recovery/releases",
    ];

    [Fact]
    public async Task G03_H07_every_endpoint_but_the_open_ones_asks_for_a_signature_and_the_document_has_each_route()
    {
        await using var service = await RunningService.BeforeAsync(stores, Engine.Sqlite);
        var document = JsonNode.Parse((await Request.Get("/openapi/v1.json").SendAsync(service.Http)).Is(HttpStatusCode.OK).Body)!;
        Assert.Equal("Keyladder passphrase-store", (string)document["info"]!["title"]!);
        var routes = typeof(PassphraseStoreRoutes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.FieldType == typeof(string)).Select(field => (string)field.GetValue(null)!);
        Assert.Equal(routes.Concat(["/health/live", "/health/ready"]).Order(StringComparer.Ordinal), document["paths"]!.AsObject().Select(path => path.Key).Order(StringComparer.Ordinal));

        var open = new List<string>();
        foreach (var (path, method, operation) in document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(one => (path.Key, one.Key.ToUpperInvariant(), one.Value!))))
        {
            if (operation["security"] is null)
            {
                open.Add($"{method} {path}");
                continue;
            }

            var request = new Request(method, path.Replace("{id}", Guid.NewGuid().ToString(), StringComparison.Ordinal));
            (await request.SendAsync(service.Http)).IsProblem(ProblemTypes.SignInRequired);
            (await (request with { Body = "{}"u8.ToArray(), ContentType = "application/json" }).SendAsync(service.Http)).IsProblem(ProblemTypes.SignInRequired);
        }

        Assert.Equal(Open, open.Order(StringComparer.Ordinal));
    }
}
