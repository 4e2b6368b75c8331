using System.Reflection;
using System.Text.Json.Nodes;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

public sealed class OpenApiTests(Keystores keystores) : IClassFixture<Keystores>
{
    private static readonly string[] Open = ["GET /health/live", "GET /health/ready", "POST /v1/accounts", "POST /v1/nonces", "POST /v1/sessions"];

    [Fact]
    public async Task G03_H07_every_endpoint_but_the_open_ones_asks_for_a_signature_and_the_document_says_so()
    {
        await using var service = await RunningService.BeforeAsync(keystores, Engine.Sqlite);
        var document = await DocumentAsync(service);
        var open = new List<string>();
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                var request = new Request(method.ToUpperInvariant(), path.Replace("{id}", "0b1e0f0e-5d0c-4c6e-9d5b-3f4a1c2b3d4e", StringComparison.Ordinal));
                if (operation!["security"] is null)
                {
                    open.Add($"{request.Method} {path}");
                    continue;
                }

                (await request.SendAsync(service.Http)).IsProblem(ProblemTypes.SignInRequired);
                (await (request with { Body = "{}"u8.ToArray(), ContentType = "application/json" }).SendAsync(service.Http)).IsProblem(ProblemTypes.SignInRequired);
            }
        }

        Assert.Equal(Open, open.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_document_has_every_route_and_the_texts_of_bytes_and_ids()
    {
        await using var service = await RunningService.BeforeAsync(keystores, Engine.Sqlite);
        var document = await DocumentAsync(service);
        var routes = typeof(KeystoreRoutes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.FieldType == typeof(string)).Select(field => (string)field.GetValue(null)!);
        Assert.Empty(routes.Except(document["paths"]!.AsObject().Select(path => path.Key)));

        var key = document["components"]!["schemas"]!["KeyMessage"]!["properties"]!;
        Assert.Equal("uuid", (string)key["id"]!["format"]!);
        Assert.Equal("base64url", (string)key["wrapped"]!["format"]!);
        Assert.Equal("string", (string)key["wrapped"]!["type"]!);
        Assert.Equal("integer", (string)key["revision"]!["type"]!);
        Assert.Equal(["id", "kek", "overview", "revision", "wrapped"], document["components"]!["schemas"]!["KeyMessage"]!["required"]!.AsArray().Select(name => (string)name!).Order(StringComparer.Ordinal));
    }

    private static async Task<JsonNode> DocumentAsync(RunningService service) =>
        JsonNode.Parse((await Request.Get("/openapi/v1.json").SendAsync(service.Http)).Is(System.Net.HttpStatusCode.OK).Body)!;
}
