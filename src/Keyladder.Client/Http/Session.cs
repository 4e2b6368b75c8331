using Keyladder.Cryptography.Signing;

namespace Keyladder.Client;

/// <summary>What signs requests (RFC 9421).</summary>
internal interface IRequestSigner
{
    /// <param name="request">What is signed.</param>
    /// <param name="now">By the service's clock.</param>
    /// <returns>Values of the fields <c>Signature-Input</c> and <c>Signature</c>.</returns>
    (string Input, string Signature) Sign(CoveredComponents request, DateTimeOffset now);
}

/// <summary>One session at the service: its name and the key that signs its requests (docs/spec/sign-in.md section 4).</summary>
internal sealed class Session(SessionKeyId keyId, SessionKey key, long restored) : IRequestSigner, IDisposable
{
    /// <summary>The restore number that the service showed; 0 for none.</summary>
    public long Restored { get; } = restored;

    public SessionKeyId KeyId { get; } = keyId;

    public (string Input, string Signature) Sign(CoveredComponents request, DateTimeOffset now)
    {
        var signature = HttpMessageSignature.Sign(request, key, KeyId, now);
        return (signature.SignatureInput, signature.Signature);
    }

    public void Dispose() => key.Dispose();
}
