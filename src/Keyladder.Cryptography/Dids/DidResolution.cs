using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Keyladder.Cryptography.Dids;

/// <summary>
/// What came of resolving a DID, after DID Core and DID Resolution 1.0: a document, or an error (docs/spec/dids.md). Nothing here throws for
/// what it was given or shown.
/// </summary>
public sealed class DidResolution
{
    /// <summary>Bytes of a document that is fetched.</summary>
    public const int MaxDocumentSize = 64 * 1024;

    /// <summary>The media type of a document.</summary>
    public const string ContentType = "application/did";

    private static readonly string[] Representations = [ContentType, "application/did+json", "application/did+ld+json", "application/json", "application/ld+json"];

    private DidResolution(DidDocument? document, DidResolutionError? error) => (Document, Error) = (document, error);

    /// <summary>Null where there is an error.</summary>
    public DidDocument? Document { get; }

    /// <summary>Null where there is a document.</summary>
    public DidResolutionError? Error { get; }

    /// <summary>Resolves what follows from its identifier: <c>did:key</c> and <c>did:jwk</c>. No call is made.</summary>
    public static DidResolution Resolve(string did) =>
        !Did.TryParse(did, out var parsed) ? Failed(IsOfAnotherMethod(did) ? DidResolutionError.MethodNotSupported : DidResolutionError.InvalidDid)
        : parsed.Method == DidMethod.Web ? Failed(DidResolutionError.MethodNotSupported)
        : new(parsed.Resolve(), error: null);

    /// <summary>
    /// Resolves a DID of any method that is known here; for <c>did:web</c> one HTTPS request is made, whose answer is at most <see cref="MaxDocumentSize"/> bytes long.
    /// </summary>
    /// <param name="did">From anywhere.</param>
    /// <param name="http">
    /// The caller's: it decides which certificates are trusted, how long is waited, and which hosts may be asked for whom. It should follow no
    /// redirects; the answer of another address is refused.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<DidResolution> ResolveAsync(string did, HttpClient http, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (!Did.TryParse(did, out var parsed) || parsed.Address is null)
            return Resolve(did);
        // HttpClient's own limit ends with the heads of the answer.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(http.Timeout);
        try
        {
            return await FetchAsync(parsed, parsed.Address, http, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Failed(DidResolutionError.InternalError);
        }
    }

    /// <summary>The DID resolution result of DID Resolution 1.0 as JSON, UTF-8.</summary>
    public byte[] ToUtf8Json() => StrictJson.Write(
        new ResolutionMembers(
            Error is { } error ? new ResolutionMetadata(Error: new ResolutionProblem(error.Type(), error.Title())) : new ResolutionMetadata(ContentType),
            Document is null ? null : JsonNode.Parse(Document.ToUtf8Json()),
            new JsonObject()),
        DidJson.Strict.ResolutionMembers);

    private static async Task<DidResolution> FetchAsync(Did did, Uri address, HttpClient http, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd($"{ContentType}, application/json");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            return Failed(DidResolutionError.NotFound);
        if (response.StatusCode != HttpStatusCode.OK || response.RequestMessage?.RequestUri != address)
            return Failed(DidResolutionError.InternalError);
        if (!Representations.Contains(response.Content.Headers.ContentType?.MediaType, StringComparer.OrdinalIgnoreCase))
            return Failed(DidResolutionError.RepresentationNotSupported);

        var bytes = new byte[MaxDocumentSize + 1];
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return length <= MaxDocumentSize && DidDocument.TryRead(bytes.AsSpan(0, length), did, out var document)
            ? new(document, error: null)
            : Failed(DidResolutionError.InvalidDidDocument);
    }

    private static DidResolution Failed(DidResolutionError error) => new(document: null, error);

    /// <summary>Whether it is a DID as DID Core has it (section 3.1), of a method that we do not have.</summary>
    private static bool IsOfAnotherMethod(string? did) =>
        did is { Length: <= Did.MaxLength }
        && did.Split(':', 3) is ["did", var method, var id]
        && method is not ("" or "key" or "jwk" or "web")
        && method.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))
        && id is not "" and [.., not ':']
        && Enumerable.Range(0, id.Length).All(at => id[at] == '%'
            ? at + 2 < id.Length && char.IsAsciiHexDigit(id[at + 1]) && char.IsAsciiHexDigit(id[at + 2])
            : char.IsAsciiLetterOrDigit(id[at]) || id[at] is '.' or '-' or '_' or ':');
}

internal sealed record ResolutionMembers(ResolutionMetadata DidResolutionMetadata, JsonNode? DidDocument, JsonObject DidDocumentMetadata);

internal sealed record ResolutionMetadata(string? ContentType = null, ResolutionProblem? Error = null);

internal sealed record ResolutionProblem(string Type, string Title);
