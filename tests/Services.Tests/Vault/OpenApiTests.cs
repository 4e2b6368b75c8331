using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Vault;

public sealed class OpenApiTests(Vaults vaults) : IClassFixture<Vaults>
{
    private static readonly string[] Open = ["GET /health/live", "GET /health/ready", "POST /v1/accounts", "POST /v1/nonces", "POST /v1/sessions"];

    [Fact]
    public async Task G03_H07_every_endpoint_but_the_open_ones_asks_for_a_signature_and_the_document_says_so()
    {
        await using var service = await RunningService.BeforeAsync(vaults, Engine.Sqlite);
        var paths = (await DocumentAsync(service))["paths"]!.AsObject();
        var open = new List<string>();
        foreach (var (path, method, operation) in paths.SelectMany(path => path.Value!.AsObject().Select(operation => (path.Key, operation.Key.ToUpperInvariant(), operation.Value!))))
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

    [Fact]
    public async Task The_document_has_every_route_of_a_vault_and_none_of_the_keystore()
    {
        await using var service = await RunningService.BeforeAsync(vaults, Engine.Sqlite);
        var document = await DocumentAsync(service);
        var routes = new[] { typeof(ServiceRoutes), typeof(VaultRoutes) }.SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Where(field => field.FieldType == typeof(string)).Select(field => (string)field.GetValue(null)!);
        Assert.Equal(routes.Concat(["/health/live", "/health/ready"]).Order(StringComparer.Ordinal), document["paths"]!.AsObject().Select(path => path.Key).Order(StringComparer.Ordinal));
        var one = document["components"]!["schemas"]!["ObjectMessage"]!["properties"]!;
        Assert.Equal(("uuid", "base64url", "integer"), ((string)one["id"]!["format"]!, (string)one["sealed"]!["format"]!, (string)one["revision"]!["type"]!));
        Assert.Equal("Keyladder vault", (string)document["info"]!["title"]!);
    }

    private static async Task<JsonNode> DocumentAsync(RunningService service) =>
        JsonNode.Parse((await Request.Get("/openapi/v1.json").SendAsync(service.Http)).Is(HttpStatusCode.OK).Body)!;
}
