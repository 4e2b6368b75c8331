using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Storage;

namespace Keyladder.Keystore.Keys;

/// <summary>The keys that a request names, as a query that others join: <c>wanted (key_id, path)</c>.</summary>
internal sealed class WantedKeys(IEnumerable<Guid> ids)
{
    private readonly List<(KeyId Id, Hash256 Path)> keys = [.. ids.Select(id => (new KeyId(id), KeysStore.Path(id)))];

    public IEnumerable<Hash256> Paths => keys.Select(key => key.Path);

    /// <summary>Behind <c>WITH</c>. There is always a row: an id that no key has.</summary>
    public string Query => "wanted (key_id, path) AS (VALUES ('', '')" + string.Concat(
        Enumerable.Range(0, keys.Count).Select(number => string.Create(CultureInfo.InvariantCulture, $", (@id{number}, @path{number})"))) + ")";

    public Statement AddTo(Statement statement)
    {
        for (var number = 0; number < keys.Count; number++)
        {
            statement.Add(string.Create(CultureInfo.InvariantCulture, $"id{number}"), keys[number].Id.ToString());
            statement.Add(string.Create(CultureInfo.InvariantCulture, $"path{number}"), keys[number].Path.ToString());
        }

        return statement;
    }
}
