using Keyladder.Hosting.Authentication;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Keyladder.Hosting.OpenApi;

/// <summary>What the framework cannot see for the document at <c>/openapi/v1.json</c>: the texts of byte strings and ids, problems, and which calls are signed.</summary>
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
                    Description = "HTTP message signature of a session (RFC 9421, hmac-sha256), with Signature-Input and Content-Digest: docs/spec/sign-in.md section 4.",
                },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var signed = !context.Description.ActionDescriptor.EndpointMetadata.OfType<UnsignedEndpoint>().Any();
            if (signed)
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
            operation.Responses ??= [];
            operation.Responses["429"] = new OpenApiResponse
            {
                Description = "The problem too-many-requests: nothing was done.",
                Headers = new Dictionary<string, IOpenApiHeader>
                {
                    ["Retry-After"] = new OpenApiHeader { Description = "Seconds, as in retryAfter.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } },
                },
            };
            operation.Responses["default"] = new OpenApiResponse { Description = "A problem document (RFC 9457) of a type that docs/spec/keystore-api.md lists." };
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            var type = context.JsonTypeInfo.Type;
            if (type == typeof(byte[]))
                (schema.Type, schema.Items, schema.Format) = (JsonSchemaType.String, null, "base64url");
            else if (type == typeof(Guid))
                (schema.Type, schema.Format) = (JsonSchemaType.String, "uuid");
            return Task.CompletedTask;
        });
    });
}
