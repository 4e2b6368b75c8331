using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;

namespace Services.Tests.Client;

/// <summary>A request that a test can spoil in any part before or after it is signed.</summary>
internal sealed record Request(string Method, string Target)
{
    public byte[] Body { get; init; } = [];

    public string? ContentType { get; init; }

    public string? Digest { get; init; }

    public string? SignatureInput { get; init; }

    public string? Signature { get; init; }

    public static Request Get(string target) => new("GET", target);

    public static Request Delete(string target) => new("DELETE", target);

    public static Request Post(string target) => new("POST", target);

    public static Request Post<T>(string target, T body) => Post(target) with
    {
        Body = JsonSerializer.SerializeToUtf8Bytes(body, (JsonTypeInfo<T>)ProtocolJson.Default.GetTypeInfo(typeof(T))!),
        ContentType = "application/json",
    };

    public static Request Put<T>(string target, T body) => Post(target, body) with { Method = "PUT" };

    /// <summary>A witness of the right form; for the service it is bytes.</summary>
    public static Request PutWitness(long sequence, byte[]? @sealed = null) => Put(ServiceRoutes.Witness, new PutWitnessRequest(sequence, @sealed ?? Slot.Envelope(585)));

    public string? ForwardedFor { get; init; }

    public Request SignedBy(Session session, DateTimeOffset at)
    {
        var digest = ContentDigest.Of(Body);
        var signature = HttpMessageSignature.Sign(new CoveredComponents(Method, session.Origin, Target, digest), session.Key, session.KeyId, at);
        return this with { Digest = digest.ToString(), SignatureInput = signature.SignatureInput, Signature = signature.Signature };
    }

    public Request SignedBy(Guest guest, DateTimeOffset at)
    {
        var digest = ContentDigest.Of(Body);
        var signature = GuestSignature.Sign(new CoveredComponents(Method, guest.Origin, Target, digest), guest.Key, guest.Channel, at);
        return this with { Digest = digest.ToString(), SignatureInput = signature.SignatureInput, Signature = signature.Signature };
    }

    public async Task<Answer> SendAsync(HttpClient http)
    {
        using var message = new HttpRequestMessage(new HttpMethod(Method), new Uri(
            http.BaseAddress!.GetLeftPart(UriPartial.Authority) + Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (Body.Length > 0 || ContentType is not null)
            message.Content = new ByteArrayContent(Body);
        if (ContentType is not null)
            message.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(ContentType);

        // Or the answer to what is too large would be lost: the service does not read it to its end.
        message.Headers.ExpectContinue = Body.Length > 1024 * 1024;
        Add("Content-Digest", Digest);
        Add("Signature-Input", SignatureInput);
        Add("Signature", Signature);
        Add("X-Forwarded-For", ForwardedFor);
        using var response = await http.SendAsync(message, TestContext.Current.CancellationToken);
        return new Answer(
            response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken),
            response.Headers.RetryAfter?.Delta);

        void Add(string name, string? value)
        {
            if (value is not null)
                message.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
