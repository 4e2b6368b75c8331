using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

public sealed class OpenApiTests(Keystores keystores) : IClassFixture<Keystores>
{
    private static readonly string[] Open = ["GET /health/live", "GET /health/ready", "POST /v1/accounts", "POST /v1/guardian/attempts", "POST /v1/guardian/records", "POST /v1/nonces", "POST /v1/sessions"];

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

    [Fact]
    public async Task The_document_names_the_problems_of_each_endpoint_with_their_statuses_and_their_form()
    {
        await using var service = await RunningService.BeforeAsync(keystores, Engine.Sqlite);
        var document = await DocumentAsync(service);
        var types = typeof(ProblemTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetValue(null)!).Where(type => type != ProblemTypes.Prefix).ToList();
        var told = new HashSet<string>();
        foreach (var operation in document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!))
        {
            foreach (var (status, response) in operation["responses"]!.AsObject().Where(response => response.Key[0] is '4' or '5'))
            {
                Assert.Equal("#/components/schemas/ProblemMessage", (string)response!["content"]!["application/problem+json"]!["schema"]!["$ref"]!);
                var named = types.Where(type => ((string)response["description"]!).Split(' ', ',').Contains(type)).ToList();
                Assert.NotEmpty(named);
                Assert.All(named, type => Assert.Equal(status, ProblemTypes.StatusOf(type).ToString(CultureInfo.InvariantCulture)));
                told.UnionWith(named);
            }
        }

        // The router's own answer belongs to no endpoint, attachments to a Vault, revisions to a Passphrase Store.
        Assert.Equal(types.Except([ProblemTypes.MethodNotAllowed, ProblemTypes.AttachmentMissing, ProblemTypes.RevisionConflict]).Order(), told.Order());
        var problem = document["components"]!["schemas"]!["ProblemMessage"]!["properties"]!.AsObject().Select(member => member.Key);
        Assert.Subset(problem.ToHashSet(), new HashSet<string> { "type", "status", "time", "head", "chain", "keys", "proof" });
        var since = document["paths"]!["/v1/changes"]!["get"]!["parameters"]![0]!["schema"]!;
        Assert.Equal("integer", (string)since["type"]!);
        Assert.Equal("uuid", (string)document["paths"]!["/v1/keys/{id}"]!["get"]!["parameters"]!.AsArray().Single(parameter => (string)parameter!["in"]! == "path")!["schema"]!["format"]!);
    }

    private static async Task<JsonNode> DocumentAsync(RunningService service) =>
        JsonNode.Parse((await Request.Get("/openapi/v1.json").SendAsync(service.Http)).Is(System.Net.HttpStatusCode.OK).Body)!;
}
