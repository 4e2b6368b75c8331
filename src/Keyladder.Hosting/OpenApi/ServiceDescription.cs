using System.Globalization;
using Keyladder.Hosting.Authentication;
using Keyladder.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Keyladder.Hosting.OpenApi;

/// <summary>What the framework cannot see for the document at <c>/openapi/v1.json</c>: the texts of byte strings and ids, integers, problems, and which calls are signed.</summary>
internal static class ServiceDescription
{
    private const string Scheme = "signature";

    public static IServiceCollection AddServiceDescription(this IServiceCollection services, string title) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = $"Keyladder {title}", Version = "v1" };
            document.Servers = [];
            (document.Components ??= new OpenApiComponents()).SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Scheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.ApiKey,
                    In = ParameterLocation.Header,
                    Name = "Signature",
                    Description = "HTTP message signature (RFC 9421), with Signature-Input and Content-Digest: of a session (hmac-sha256), docs/spec/sign-in.md section 4; under /v1/channel, /v1/guardian and /v1/recovery of a guest (ed25519), section 7.",
                },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, cancellation) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            var signed = !metadata.OfType<UnsignedEndpoint>().Any();
            if (signed)
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
            context.Document!.AddComponent(nameof(ProblemMessage), await context.GetOrCreateSchemaAsync(typeof(ProblemMessage), null, cancellation));
            var types = EndpointProblems.OfAll
                .Concat(signed ? EndpointProblems.OfSigned : [])
                .Concat(metadata.OfType<UnsignedEndpoint>().Any(endpoint => !endpoint.IsLimited) ? [] : EndpointProblems.OfLimited)
                .Concat(operation.RequestBody is null ? [] : EndpointProblems.OfThoseWithBody)
                .Concat(metadata.OfType<EndpointProblems>().SelectMany(problems => problems.Types));
            foreach (var parameter in operation.Parameters ?? [])
                Describe(parameter);
            operation.Responses ??= [];
            foreach (var status in types.GroupBy(ProblemTypes.StatusOf))
                operation.Responses[status.Key.ToString(CultureInfo.InvariantCulture)] = Problems(status, context.Document);
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            var type = context.JsonTypeInfo.Type;
            if (type == typeof(byte[]))
                (schema.Type, schema.Items, schema.Format) = (JsonSchemaType.String, null, "base64url");
            else if (type == typeof(Guid))
                (schema.Type, schema.Format) = (JsonSchemaType.String, "uuid");
            else if (type == typeof(long))
                (schema.Type, schema.Format, schema.Minimum) = (JsonSchemaType.Integer, "int64", "0");
            return Task.CompletedTask;
        });
    });

    private static Dictionary<string, IOpenApiHeader> RetryAfter => new()
    {
        ["Retry-After"] = new OpenApiHeader { Description = "Seconds, as in retryAfter.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } },
    };

    // A type that parses itself is a text to the framework.
    private static void Describe(IOpenApiParameter parameter)
    {
        if (parameter.Schema is not OpenApiSchema schema)
            return;
        if (parameter.In == ParameterLocation.Path)
            schema.Format = "uuid";
        else
            (schema.Type, schema.Format, schema.Minimum) = (JsonSchemaType.Integer, "int64", "0");
    }

    /// <summary>The problems of one status; each has a type of its own.</summary>
    private static OpenApiResponse Problems(IGrouping<int, string> types, OpenApiDocument document) => new()
    {
        Headers = types.Key is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable ? RetryAfter : null,
        Description = $"A problem document (RFC 9457; docs/spec/keystore-api.md) of type {string.Join(" or ", types)}",
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/problem+json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(nameof(ProblemMessage), document) },
        },
    };
}
