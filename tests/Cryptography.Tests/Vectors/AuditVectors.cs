using System.Text.Json;
using Keyladder.Cryptography.Heads;
using Keyladder.Vectors;

namespace Keyladder.Cryptography.Tests.Vectors;

internal static class AuditVectors
{
    public static bool Chains(VectorCase vector) => ChainsOf(AuditChain.Keystore, vector);

    public static bool VaultChains(VectorCase vector) => ChainsOf(AuditChain.Vault, vector);

    private static bool ChainsOf(AuditChain chain, VectorCase vector)
    {
        Assert.True(AccountId.TryParse(vector.Json("account").GetString(), out var account));
        var hashes = new List<string>();
        var hash = Hash256.Zero;
        foreach (var next in vector.Json("events").EnumerateArray())
        {
            Assert.True(SessionId.TryParse(next.GetProperty("session").GetString(), out var session));
            hash = chain.Next(
                hash,
                account,
                next.GetProperty("number").GetInt64(),
                next.GetProperty("hour").GetInt64(),
                next.GetProperty("kind").GetString()!,
                session,
                next.GetProperty("subject") is { ValueKind: JsonValueKind.String } subject ? subject.GetGuid() : null,
                next.GetProperty("head") is { ValueKind: JsonValueKind.Number } head ? head.GetInt64() : null);
            hashes.Add(hash.ToString());
        }

        Assert.Equal(vector.Json("hashes").EnumerateArray().Select(expected => expected.GetString()), hashes);
        return true;
    }
}
