using System.Data.Common;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Keystore.Keys;

/// <summary>A person's wrapped keys.</summary>
internal sealed class KeysTable(KeystoreOptions options) : ObjectTable<KeystoreHead, KeyMessage>
{
    public override string Id => "key_id";

    public override string Name => "keys";

    public override string Columns => "key_id, kek_id, revision, overview, wrapped";

    public override long MaxObjects => options.MaxKeys;

    public override KeyMessage Read(DbDataReader row) =>
        new(Guid.Parse(row.GetString(0)), Guid.Parse(row.GetString(1)), row.GetInt64(2), row.GetFieldValue<byte[]>(3), row.GetFieldValue<byte[]>(4));

    public override ObjectName NameOf(KeyMessage one) => new(one.Id);

    public override long RevisionOf(KeyMessage one) => one.Revision;

    public override Hash256 PathOf(ObjectName name) => KeyLeaf.Path(new KeyId(name.Id));

    public override Hash256 LeafOf(KeyMessage one) =>
        KeyLeaf.Value(new KeyId(one.Id), new KeyEncryptionKeyId(one.Kek), one.Revision, one.Overview, one.Wrapped);

    /// <summary>A write leaves the ways to unlock as they are, and the identity keypair where it is.</summary>
    public override bool Fits(ObjectWrite<KeyMessage> write, KeystoreHead head, KeystoreHead newest) =>
        head.Slots.SequenceEqual(newest.Slots)
        && write.Put.All(put => put.Object.Kek == head.KeyEncryptionKey.Value)
        && write.Delete.All(delete => delete.Name.Id != head.Identity.Id.Value);

    public override (string Kind, Guid? Subject) Tell(ObjectWrite<KeyMessage> write) => (write.Put, write.Delete) switch
    {
        ([{ Replaces: null } put], []) => (AuditEventKinds.KeyAdded, put.Object.Id),
        ([var put], []) => (AuditEventKinds.KeyChanged, put.Object.Id),
        ([], [var delete]) => (AuditEventKinds.KeyDeleted, delete.Name.Id),
        _ => (AuditEventKinds.KeysChanged, null),
    };

    public override IEnumerable<Statement> Store(AccountId account, IReadOnlyCollection<KeyMessage> put, IReadOnlyCollection<ObjectName> deleted) =>
        [.. put.Select(key => Put(account, key)), .. deleted.SelectMany(name => Delete(account, name.Id))];

    private Statement Put(AccountId account, KeyMessage key) =>
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
            { "leaf", LeafOf(key).ToArray() },
        };

    private static IEnumerable<Statement> Delete(AccountId account, Guid key) =>
    [
        new("DELETE FROM keys WHERE account_id = @account AND key_id = @key;") { { "account", account.ToString() }, { "key", key.ToString() } },
        new("INSERT INTO tombstones (account_id, key_id) VALUES (@account, @key);") { { "account", account.ToString() }, { "key", key.ToString() } },
    ];
}
