using Keyladder.Cryptography.Signing;
using Keyladder.Protocol.Keystore;

namespace Services.Tests.Client;

/// <summary>The client's side of a session.</summary>
internal sealed record Session(SessionKeyId KeyId, SessionKey Key, Origin Origin, long Expires)
{
    public static Session From(SignInResponse response, X25519PrivateKey clientKey, Origin origin)
    {
        Assert.True(SessionKeyId.TryParse(response.KeyId, out var keyId));
        return new Session(keyId, SessionKey.DeriveForClient(clientKey, response.ServerKey, origin, keyId), origin, response.Expires);
    }
}
