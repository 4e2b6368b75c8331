using System.Data.Common;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Storage;
using Keyladder.Keystore.Audit;
using Keyladder.Keystore.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Keystore.Keys;

/// <summary>A person's wrapped keys.</summary>
internal static class KeysStore
{
    public const string Columns = "key_id, kek_id, revision, overview, wrapped";

    /// <summary>Those of the keys that exist, with one proof for all ids, against the newest head.</summary>
    public static async Task<KeysResponse> FetchAsync(SignedRequest caller, IReadOnlyCollection<Guid> ids, long since, CancellationToken cancellation)
    {
        var wanted = new WantedKeys(ids);
        var (head, keys, tree, events) = await ReadAsync(caller, wanted, TreePages.UsualLevels, cancellation);
        if (tree.MissingPages(wanted.Paths).Count > 0)
            (head, keys, tree, events) = await ReadAsync(caller, wanted, TreePages.AllLevels, cancellation);
        return new KeysResponse([.. keys], head.Jws, await HeadRows.ChainAsync(caller, head, since, cancellation), tree.Prove(wanted.Paths).Encode(), events);
    }

    public static KeyMessage Read(DbDataReader row) =>
        new(Guid.Parse(row.GetString(0)), Guid.Parse(row.GetString(1)), row.GetInt64(2), row.GetFieldValue<byte[]>(3), row.GetFieldValue<byte[]>(4));

    public static Hash256 Path(Guid id) => KeyLeaf.Path(new KeyId(id));

    public static Hash256 Leaf(KeyMessage key) =>
        KeyLeaf.Value(new KeyId(key.Id), new KeyEncryptionKeyId(key.Kek), key.Revision, key.Overview, key.Wrapped);

    public static Statement Put(AccountId account, KeyMessage key) =>
        new("""
            INSERT INTO keys (account_id, key_id, kek_id, revision, overview, wrapped, leaf)
            VALUES (@account, @key, @kek, @revision, @overview, @wrapped, @leaf)
            ON CONFLICT (account_id, key_id) DO UPDATE
            SET kek_id = excluded.kek_id, revision = excluded.revision, overview = excluded.overview, wrapped = excluded.wrapped, leaf = excluded.leaf;
            """)
        {
            { "account", account.ToString() },
            { "key", key.Id.ToString() },
            { "kek", key.Kek.ToString() },
            { "revision", key.Revision },
            { "overview", key.Overview },
            { "wrapped", key.Wrapped },
            { "leaf", Leaf(key).ToArray() },
        };

    public static IEnumerable<Statement> Delete(AccountId account, Guid key) =>
    [
        new("DELETE FROM keys WHERE account_id = @account AND key_id = @key;") { { "account", account.ToString() }, { "key", key.ToString() } },
        new("INSERT INTO tombstones (account_id, key_id) VALUES (@account, @key);") { { "account", account.ToString() }, { "key", key.ToString() } },
    ];

    /// <summary>For the newest head, those of the keys that exist, the pages of the tree that their paths lie on, and the events that no head signs for yet.</summary>
    internal static Statement Select(WantedKeys wanted, int levels) => wanted.AddTo(new Statement($"""
        {HeadRows.SelectNewest}
        SELECT {Columns} FROM keys WHERE account_id = @account AND key_id IN ({WantedKeys.EachId});
        {TreePages.Select(WantedKeys.EachPath, levels)}
        """)).Then(AuditLog.SelectUnsigned);

    private static Task<(SignedHead<KeystoreHead> Head, List<KeyMessage> Keys, PagedTree Tree, AuditEventMessage[] Events)> ReadAsync(
        SignedRequest caller, WantedKeys wanted, int levels, CancellationToken cancellation) => caller.ReadAsync(
        Select(wanted, levels),
        async rows => (
            await HeadRows.NewestAsync(rows, cancellation),
            await rows.ListAsync(Read, cancellation),
            await TreePages.ReadAsync(rows, cancellation),
            await AuditLog.ReadAsync(rows, cancellation)),
        cancellation);
}
