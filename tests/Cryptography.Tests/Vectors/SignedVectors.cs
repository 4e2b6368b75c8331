using System.Text;
using System.Text.Json;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Vectors;

namespace Keyladder.Cryptography.Tests.Vectors;

internal static class SignedVectors
{
    public static bool Objects(VectorCase vector)
    {
        var kind = JwsKind.All.Single(each => each.Type == vector.Text("kind"));
        var jws = vector.Text("jws");
        Assert.True(KeyType.TryParse(vector.Has("type") ? vector.Text("type") : "ed25519", out var type));
        if (!type.TryImport(vector.Bytes("publicKey"), out var publicKey))
            return vector.RefusedFor("key");
        if (!Jws.TryVerify(kind, jws, publicKey, out var payload))
            return false;

        vector.Gives("payload", Encoding.UTF8.GetString(payload));
        vector.Gives("hash", Jws.SigningInputHash(jws));
        if (!vector.Has("seed"))
            return true;
        using var privateKey = Ed25519PrivateKey.FromSeed(vector.Bytes("seed"));
        Assert.Equal<PublicKey>(publicKey, privateKey.PublicKey);
        Assert.Equal(jws, Jws.Sign(kind, payload, privateKey));
        return true;
    }

    public static bool Dids(VectorCase vector)
    {
        if (!Did.TryParse(vector.Text("did"), out var did))
            return false;

        Assert.Equal(vector.Has("publicKey"), did.PublicKey is not null);
        if (did.PublicKey is { } key)
        {
            vector.Gives("publicKey", key.Bytes);
            vector.Gives("type", key.Type.Name);
            if (did.Method == DidMethod.Key)
                vector.Gives("did", Did.Of(key).ToString());
        }

        using var document = JsonDocument.Parse(did.Resolve().ToUtf8Json());
        vector.GivesJson("document", document.RootElement);
        Assert.True(DidDocument.TryRead(Encoding.UTF8.GetBytes(vector.Json("document").GetRawText()), did, out _));
        return true;
    }

    public static async Task<bool> ContentAsync(VectorCase vector)
    {
        Assert.True(Did.TryParse(vector.Text("did"), out var signer));
        using var content = new MemoryStream(vector.Bytes("content"));
        if (!SignedContent.TryVerifyStatement(vector.Text("jws"), signer, out var statement)
            || !await statement.MatchesAsync(content, TestContext.Current.CancellationToken))
            return false;
        vector.Gives("iat", statement.IssuedAt);
        return true;
    }
}
