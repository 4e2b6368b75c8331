using System.Text;
using System.Text.Json.Nodes;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;

namespace Services.Tests.Client;

/// <summary>Heads that the library refuses to make.</summary>
internal static class RawHead
{
    public static string With(KeystoreHead head, Ed25519PrivateKey key, string member, JsonNode? value)
    {
        Jws.TryReadUnverified(JwsKind.KeystoreHead, head.Sign(key).Jws, out var payload);
        var json = JsonNode.Parse(payload)!.AsObject();
        json[member] = value;
        return Jws.Sign(JwsKind.KeystoreHead, Encoding.UTF8.GetBytes(json.ToJsonString()), key);
    }
}
