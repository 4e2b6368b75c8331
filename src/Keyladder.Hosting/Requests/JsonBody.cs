using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Keyladder.Hosting.Problems;
using Keyladder.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace Keyladder.Hosting.Requests;

/// <summary>A body as docs/spec/README.md has JSON. The framework's own reading is more lenient: other encodings, a byte order mark, and texts that quote the input.</summary>
public sealed class JsonBody<T> : IEndpointParameterMetadataProvider
    where T : class
{
    private static readonly JsonTypeInfo<T> Type = (JsonTypeInfo<T>)ProtocolJson.Default.GetTypeInfo(typeof(T))!;

    private JsonBody(T value) => Value = value;

    public T Value { get; }

    public static async ValueTask<JsonBody<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
            throw Problem.UnsupportedMediaType();
        var body = await RequestBody.ReadAsync(context);
        return new JsonBody<T>(Read(body) ?? throw Problem.MalformedRequest());
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(new Accepted());

    private static T? Read(byte[] body)
    {
        try
        {
            return Utf8.IsValid(body) ? JsonSerializer.Deserialize(body, Type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Without content types the router does not refuse by itself: a request without a signature is told that first.
    private sealed class Accepted : IAcceptsMetadata
    {
        public IReadOnlyList<string> ContentTypes => [];

        public Type? RequestType => typeof(T);

        public bool IsOptional => false;
    }
}
