using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;

namespace Keyladder.Client;

/// <summary>Signs for a record, a handle or a device (docs/spec/passphrase-store.md section 2): no account and no session.</summary>
/// <param name="keyId">Its id at the service.</param>
/// <param name="key">Stays the caller's.</param>
internal sealed class RecoverySigner(Guid keyId, Ed25519PrivateKey key) : IRequestSigner
{
    public (string Input, string Signature) Sign(CoveredComponents request, DateTimeOffset now)
    {
        var signature = GuestSignature.Sign(request, key, keyId, now);
        return (signature.SignatureInput, signature.Signature);
    }

    /// <summary>Sends, and once more with the service's clock where this device's is wrong.</summary>
    public static async Task<T> SendAsync<T>(ServiceHttp http, Call call, Func<Task<T>> send)
    {
        try
        {
            return await send().ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.ClockSkew)
        {
            http.CorrectClock(call, e.Problem.Time);
            return await send().ConfigureAwait(false);
        }
    }
}
