using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Storage;

namespace Keyladder.Keystore.Keys;

/// <summary>The keys that a request names, as queries that a statement puts behind <c>IN</c>.</summary>
internal sealed class WantedKeys(IEnumerable<Guid> ids)
{
    private readonly List<(KeyId Id, Hash256 Path)> keys = [.. ids.Select(id => (new KeyId(id), KeysStore.Path(id)))];

    public static readonly string EachId = Statement.EachOf("ids");

    public static readonly string EachPath = Statement.EachOf("paths");

    public IEnumerable<Hash256> Paths => keys.Select(key => key.Path);

    public Statement AddTo(Statement statement)
    {
        statement.Add("ids", keys.Select(key => key.Id.ToString()));
        statement.Add("paths", keys.Select(key => key.Path.ToString()));
        return statement;
    }
}
