using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PublicKey = Keyladder.Cryptography.Signing.PublicKey;

namespace Keyladder.Cryptography.Tests.Dids;

/// <summary>did:web against Kestrel with TLS on loopback, and what every resolution says of itself.</summary>
public sealed class DidResolutionTests : IAsyncLifetime
{
    private readonly EcdsaPrivateKey key = EcdsaPrivateKey.Generate(KeyType.P256);
    private readonly Ed25519PrivateKey other = Ed25519PrivateKey.Generate();
    private readonly X509Certificate2 certificate = SelfSigned();
    private readonly Dictionary<string, RequestDelegate> pages = [];
    private WebApplication server = null!;
    private HttpClient http = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Host => $"did:web:localhost%3A{new Uri(server.Urls.Single()).Port}";

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        server = builder.Build();
        server.Run(context => pages.TryGetValue(context.Request.Path, out var page) ? page(context) : NotFound(context));
        await server.StartAsync(Cancellation);
        http = Client(redirects: false);

        static Task NotFound(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
        certificate.Dispose();
        key.Dispose();
        other.Dispose();
    }

    [Fact]
    public async Task What_a_person_publishes_at_the_root_or_at_a_path_is_resolved_and_verifies_what_he_signs()
    {
        foreach (var (text, path) in new[] { (Host, "/.well-known/did.json"), (Host + ":people:ada", "/people/ada/did.json") })
        {
            var did = Parsed(text);
            Publish(path, DidDocument.ForWeb(did, other.PublicKey, key.PublicKey).ToUtf8Json());
            var resolution = await DidResolution.ResolveAsync(text, http, Cancellation);
            Assert.Null(resolution.Error);
            Assert.Equal(did, resolution.Document!.Id);
            Assert.Equal<PublicKey>([other.PublicKey, key.PublicKey], resolution.Document.AssertionKeys);

            foreach (PrivateKey signer in new PrivateKey[] { key, other })
            {
                var jws = await SignedContent.SignAsync(new MemoryStream([1, 2]), signer, did, DateTimeOffset.UnixEpoch, Cancellation);
                Assert.True(SignedContent.TryVerifyStatement(jws, resolution.Document, out var statement));
                Assert.Equal(did, statement.Signer);
                Assert.False(SignedContent.TryVerifyStatement(jws, did, out _), "Of the identifier alone no key follows.");
                Assert.False(SignedContent.TryVerifyStatement(jws, DidDocument.ForWeb(Parsed("did:web:example.org"), key.PublicKey, other.PublicKey), out _));
            }

            using var stranger = EcdsaPrivateKey.Generate(KeyType.P256);
            Assert.False(SignedContent.TryVerifyStatement(await SignedContent.SignAsync(new MemoryStream([1, 2]), stranger, did, DateTimeOffset.UnixEpoch, Cancellation), resolution.Document, out _));
        }
    }

    [Fact]
    public async Task A14_a_did_web_document_of_another_identifier_or_with_the_key_of_another_is_refused()
    {
        var did = Parsed(Host);
        var foreign = Parsed("did:web:example.org");
        var json = Encoding.UTF8.GetString(DidDocument.ForWeb(did, key.PublicKey).ToUtf8Json());
        var method = Did.Of(key.PublicKey).MethodSpecificId;
        string[] refused =
        [
            Encoding.UTF8.GetString(DidDocument.ForWeb(foreign, key.PublicKey).ToUtf8Json()),
            json.Replace($"\"id\":\"{did}\"", $"\"id\":\"{did}:path\"", StringComparison.Ordinal),
            json.Replace($"\"id\":\"{did}\",", "", StringComparison.Ordinal),
            json.Replace($"\"controller\":\"{did}\"", $"\"controller\":\"{foreign}\"", StringComparison.Ordinal),
            json.Replace($",\"controller\":\"{did}\"", "", StringComparison.Ordinal),
            json.Replace($"\"id\":\"{did}#{method}\"", $"\"id\":\"{foreign}#{method}\"", StringComparison.Ordinal),
            json.Replace($"[\"{did}#{method}\"]", $"[\"{did}#another\"]", StringComparison.Ordinal),
            json.Replace($"[\"{did}#{method}\"]", "[1]", StringComparison.Ordinal),
            json.Replace($"[\"{did}#{method}\"]", $"\"{did}#{method}\"", StringComparison.Ordinal),
            json.Replace("\"id\":", "\"id\":\"\",\"id\":", StringComparison.Ordinal),
            json.Replace("\"verificationMethod\":[", "\"verificationMethod\":[null,", StringComparison.Ordinal),
            json + "x",
            json.Replace(method, "\\ud800", StringComparison.Ordinal),
            "[]",
            "",
        ];
        foreach (var changed in refused)
        {
            Assert.NotEqual(json, changed);
            Publish("/.well-known/did.json", Encoding.UTF8.GetBytes(changed));
            var resolution = await DidResolution.ResolveAsync(Host, http, Cancellation);
            Assert.True(resolution is { Error: DidResolutionError.InvalidDidDocument, Document: null }, changed);
        }

        Publish("/.well-known/did.json", Encoding.UTF8.GetBytes(json));
        Assert.NotNull((await DidResolution.ResolveAsync(Host, http, Cancellation)).Document);
    }

    [Fact]
    public async Task A13_keys_that_are_none_and_keys_of_other_kinds_are_not_taken_from_a_document()
    {
        var did = Host;
        var own = Did.Of(key.PublicKey).MethodSpecificId;
        string[] keys =
        [
            """ "type":"JsonWebKey2020","publicKeyJwk":{"kty":"RSA","n":"AQ","e":"AQ"} """,
            """ "type":"JsonWebKey2020","publicKeyJwk":{"kty":"EC","crv":"P-256","x":"acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0","y":"_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSA"} """,
            """ "type":"JsonWebKey2020","publicKeyJwk":"key" """,
            """ "type":"Multikey","publicKeyMultibase":"z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F" """,
            """ "type":"Multikey" """,
            """ "type":"Ed25519VerificationKey2018","publicKeyBase58":"11111111111111111111111111111111" """,
            $""" "type":"NewKind","publicKeyMultibase":"{own}" """,
            $""" "type":"Multikey","publicKeyMultibase":"{own}" """,
        ];
        var methods = keys.Select((text, i) => $$"""{"id":"#{{i}}","controller":"{{did}}",{{text}}}""");
        Publish("/.well-known/did.json", Encoding.UTF8.GetBytes(
            $$"""{"@context":"https://www.w3.org/ns/did/v1.1","id":"{{did}}","verificationMethod":[{{string.Join(',', methods)}}],"assertionMethod":[{{string.Join(',', keys.Select((_, i) => $"\"#{i}\""))}},"did:example:1#1"],"service":[{"id":"#s"}]}"""));
        var resolution = await DidResolution.ResolveAsync(did, http, Cancellation);
        Assert.Equal([key.PublicKey], resolution.Document!.AssertionKeys);
    }

    [Fact]
    public async Task A_key_that_is_not_for_assertions_signs_nothing()
    {
        var document = Encoding.UTF8.GetString(DidDocument.ForWeb(Parsed(Host), key.PublicKey).ToUtf8Json()).Replace("assertionMethod", "capabilityDelegation", StringComparison.Ordinal);
        Publish("/.well-known/did.json", Encoding.UTF8.GetBytes(document));
        Assert.Empty((await DidResolution.ResolveAsync(Host, http, Cancellation)).Document!.AssertionKeys);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_what_a_client_followed_it_to_is_refused()
    {
        Publish("/elsewhere", DidDocument.ForWeb(Parsed(Host), key.PublicKey).ToUtf8Json());
        pages["/.well-known/did.json"] = context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        };
        Assert.Equal(DidResolutionError.InternalError, (await DidResolution.ResolveAsync(Host, http, Cancellation)).Error);
        using var follows = Client(redirects: true);
        Assert.Equal(HttpStatusCode.OK, (await follows.GetAsync(new Uri(server.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal) + "/.well-known/did.json"), Cancellation)).StatusCode);
        Assert.Equal(DidResolutionError.InternalError, (await DidResolution.ResolveAsync(Host, follows, Cancellation)).Error);
    }

    [Fact]
    public async Task A_document_of_64_KiB_is_read_and_a_longer_one_is_not()
    {
        var json = DidDocument.ForWeb(Parsed(Host), key.PublicKey).ToUtf8Json();
        Publish("/.well-known/did.json", [.. json, .. Enumerable.Repeat((byte)' ', DidResolution.MaxDocumentSize - json.Length)]);
        Assert.NotNull((await DidResolution.ResolveAsync(Host, http, Cancellation)).Document);
        Publish("/.well-known/did.json", [.. json, .. Enumerable.Repeat((byte)' ', DidResolution.MaxDocumentSize - json.Length + 1)]);
        Assert.Equal(DidResolutionError.InvalidDidDocument, (await DidResolution.ResolveAsync(Host, http, Cancellation)).Error);
    }

    [Fact]
    public async Task Each_failure_has_its_error()
    {
        Assert.Equal(DidResolutionError.NotFound, (await DidResolution.ResolveAsync(Host, http, Cancellation)).Error);
        pages["/.well-known/did.json"] = context => context.Response.WriteAsync("<html></html>", Cancellation);
        Assert.Equal(DidResolutionError.RepresentationNotSupported, (await DidResolution.ResolveAsync(Host, http, Cancellation)).Error);
        pages["/.well-known/did.json"] = context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        };
        Assert.Equal(DidResolutionError.InternalError, (await DidResolution.ResolveAsync(Host, http, Cancellation)).Error);
        pages["/.well-known/did.json"] = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        Assert.Equal(DidResolutionError.InternalError, (await DidResolution.ResolveAsync(Host, http, Cancellation)).Error);

        using var distrustful = new HttpClient();
        Publish("/.well-known/did.json", DidDocument.ForWeb(Parsed(Host), key.PublicKey).ToUtf8Json());
        Assert.Equal(DidResolutionError.InternalError, (await DidResolution.ResolveAsync(Host, distrustful, Cancellation)).Error);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DidResolution.ResolveAsync(Host, http, new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData("", DidResolutionError.InvalidDid)]
    [InlineData("did", DidResolutionError.InvalidDid)]
    [InlineData("did:key:z6Mk", DidResolutionError.InvalidDid)]
    [InlineData("did:Example:1", DidResolutionError.InvalidDid)]
    [InlineData("did:example:", DidResolutionError.InvalidDid)]
    [InlineData("did:example:1#a", DidResolutionError.InvalidDid)]
    [InlineData("did:example:1", DidResolutionError.MethodNotSupported)]
    [InlineData("did:example:a:%41", DidResolutionError.MethodNotSupported)]
    [InlineData("did:web:example.org", DidResolutionError.MethodNotSupported)]
    public void What_is_not_resolved_offline_says_why(string text, DidResolutionError error)
    {
        var resolution = DidResolution.Resolve(text);
        Assert.Equal((error, null), (resolution.Error, resolution.Document));
        Assert.Equal(
            $$$"""{"didResolutionMetadata":{"error":{"type":"{{{error.Type()}}}","title":"{{{error.Title()}}}"}},"didDocumentMetadata":{}}""",
            Encoding.UTF8.GetString(resolution.ToUtf8Json()));
    }

    [Fact]
    public void What_is_resolved_is_written_as_the_specification_has_it()
    {
        var did = Did.Of(other.PublicKey);
        Assert.Equal(
            $$$"""{"didResolutionMetadata":{"contentType":"application/did"},"didDocument":{{{Encoding.UTF8.GetString(did.Resolve().ToUtf8Json())}}},"didDocumentMetadata":{}}""",
            Encoding.UTF8.GetString(DidResolution.Resolve(did.ToString()).ToUtf8Json()));
        Assert.Equal(
            ["INTERNAL_ERROR", "INVALID_DID", "INVALID_DID_DOCUMENT", "METHOD_NOT_SUPPORTED", "NOT_FOUND", "REPRESENTATION_NOT_SUPPORTED"],
            Enum.GetValues<DidResolutionError>().Select(error => error.Type().Split("https://www.w3.org/ns/did#")[1]).Order(StringComparer.Ordinal));
    }

    private void Publish(string path, byte[] document) => pages[path] = context =>
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.Body.WriteAsync(document, Cancellation).AsTask();
    };

    private HttpClient Client(bool redirects) => new(new HttpClientHandler
    {
        AllowAutoRedirect = redirects,
        UseProxy = false,
        ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown!.RawData.AsSpan().SequenceEqual(certificate.RawData),
    });

    private static Did Parsed(string text) => Did.TryParse(text, out var did) ? did : throw new InvalidDataException(text);

    private static X509Certificate2 SelfSigned()
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", own, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }
}
