using Keyladder.Cryptography.Signing;

namespace Keyladder.Client;

/// <summary>What signs requests (RFC 9421).</summary>
internal interface IRequestSigner
{
    /// <param name="request">Gets the three fields; its content is that of <paramref name="call"/>.</param>
    /// <param name="call">What is signed.</param>
    /// <param name="now">By the service's clock.</param>
    void Sign(HttpRequestMessage request, Call call, DateTimeOffset now);
}

/// <summary>One session at the service: its name and the key that signs its requests (docs/spec/sign-in.md section 4).</summary>
internal sealed class Session(SessionKeyId keyId, SessionKey key, Origin origin, long restored) : IRequestSigner, IDisposable
{
    /// <summary>The restore number that the service showed; 0 for none.</summary>
    public long Restored { get; } = restored;

    public SessionKeyId KeyId { get; } = keyId;

    public void Sign(HttpRequestMessage request, Call call, DateTimeOffset now)
    {
        var digest = call.Digest ?? ContentDigest.Of(call.Body.GetValueOrDefault().Span);
        var signature = HttpMessageSignature.Sign(
            new CoveredComponents(call.Method.Method, origin, call.Path + call.Query, digest), key, KeyId, now);
        request.Headers.Add("Content-Digest", digest.ToString());
        request.Headers.Add("Signature-Input", signature.SignatureInput);
        request.Headers.Add("Signature", signature.Signature);
    }

    public void Dispose() => key.Dispose();
}
