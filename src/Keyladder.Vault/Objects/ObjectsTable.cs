using System.Data.Common;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.Vault;
using Keyladder.Vault.Attachments;

namespace Keyladder.Vault.Objects;

/// <summary>A person's items and attributes, with what they were before.</summary>
internal sealed class ObjectsTable(VaultOptions options, TimeProvider time) : ObjectTable<VaultHead, ObjectMessage>
{
    public const string ObjectColumns = "object_id, kind, dek, revision, attachment, sealed";

    private static readonly string Written = Statement.EachOf("written"), Put = Statement.EachOf("put"), Deleted = Statement.EachOf("deleted");

    // Of the objects that a write names, as they are and as they were.
    private static readonly string BytesOfWritten = $"""
        CAST((SELECT coalesce(sum(length(sealed)), 0) FROM objects WHERE account_id = @account AND object_id IN ({Written}))
        + (SELECT coalesce(sum(length(sealed)), 0) FROM versions WHERE account_id = @account AND object_id IN ({Written})) AS bigint)
        """;

    public override string Id => "object_id";

    public override string Name => "objects";

    public override string Columns => ObjectColumns;

    public override bool HasKinds => true;

    public override long MaxObjects => options.MaxObjects;

    public override long MaxBytes => options.MaxBytes;

    public override string SelectBytes => "SELECT bytes FROM usage WHERE account_id = @account;";

    public static ObjectMessage ReadObject(DbDataReader row) => new(
        Guid.Parse(row.GetString(0)),
        row.GetString(1),
        row.GetFieldValue<byte[]>(2),
        row.GetInt64(3),
        row.GetFieldValue<byte[]>(5),
        row.IsDBNull(4) ? null : Guid.Parse(row.GetString(4)));

    public override ObjectMessage Read(DbDataReader row) => ReadObject(row);

    public override ObjectName NameOf(ObjectMessage one) => new(one.Id, one.Kind);

    public override long RevisionOf(ObjectMessage one) => one.Revision;

    public override Hash256 PathOf(ObjectName name) => ObjectLeaf.Path(name.Kind!, name.Id);

    public override Hash256 LeafOf(ObjectMessage one) => LeafOfObject(one);

    public static Hash256 LeafOfObject(ObjectMessage one) => ObjectLeaf.Value(one.Kind, one.Id, new Hash256(one.Dek), one.Revision, one.Attachment, one.Sealed);

    public override bool Fits(ObjectWrite<ObjectMessage> write, VaultHead head, VaultHead newest) => true;

    public override (string Kind, Guid? Subject) Tell(ObjectWrite<ObjectMessage> write) => (AuditEventKinds.ObjectsChanged, null);

    public override Task CheckAsync(AccountId account, ObjectWrite<ObjectMessage> write, Transaction transaction, CancellationToken cancellation) =>
        AttachmentRows.RequireCompleteAsync(account, write.Put.Select(put => put.Object.Attachment?.ToString()).OfType<string>().ToHashSet(), transaction, cancellation);

    /// <summary>What is replaced becomes a version, and the oldest go; a deleted object takes its versions along. Attachments that nothing names any more begin to wait for their end.</summary>
    public override IEnumerable<Statement> Store(AccountId account, IReadOnlyCollection<ObjectMessage> put, IReadOnlyCollection<ObjectName> deleted)
    {
        if (put.Count + deleted.Count == 0)
            return [];
        return
        [
            Of($"""
                UPDATE attachments SET expires = @expires WHERE account_id = @account AND attachment_id IN (
                    SELECT attachment FROM objects WHERE account_id = @account AND object_id IN ({Written})
                    UNION SELECT attachment FROM versions WHERE account_id = @account AND object_id IN ({Written}));
                """),
            Of($"UPDATE usage SET bytes = bytes - {BytesOfWritten} WHERE account_id = @account;"),
            Of($"""
                INSERT INTO versions (account_id, {ObjectColumns})
                SELECT account_id, {ObjectColumns} FROM objects WHERE account_id = @account AND object_id IN ({Put});
                """),
            .. put.Select(one => Insert(account, one)),
            Of($"""
                DELETE FROM versions WHERE account_id = @account AND object_id IN ({Put}) AND revision
                < (SELECT revision FROM objects WHERE objects.account_id = @account AND objects.object_id = versions.object_id) - @kept;
                """),
            Of($"DELETE FROM objects WHERE account_id = @account AND object_id IN ({Deleted});"),
            Of($"DELETE FROM versions WHERE account_id = @account AND object_id IN ({Deleted});"),
            Of($"INSERT INTO tombstones (account_id, object_id) SELECT @account, key FROM ({Deleted}) AS gone;"),
            Of($"UPDATE usage SET bytes = bytes + {BytesOfWritten} WHERE account_id = @account;"),
            AttachmentRows.Keep(account),
        ];

        Statement Of(string text) => new(text)
        {
            { "account", account.ToString() },
            { "put", put.Select(one => one.Id.ToString()) },
            { "deleted", deleted.Select(name => name.Id.ToString()) },
            { "written", put.Select(one => one.Id.ToString()).Concat(deleted.Select(name => name.Id.ToString())) },
            { "kept", options.MaxVersions },
            { "expires", AttachmentRows.ExpiresAfter(time.GetUtcNow()) },
        };
    }

    private Statement Insert(AccountId account, ObjectMessage one) =>
        new("""
            INSERT INTO objects (account_id, object_id, kind, dek, revision, attachment, sealed, leaf)
            VALUES (@account, @object, @kind, @dek, @revision, @attachment, @sealed, @leaf)
            ON CONFLICT (account_id, object_id) DO UPDATE
            SET dek = excluded.dek, revision = excluded.revision, attachment = excluded.attachment, sealed = excluded.sealed, leaf = excluded.leaf;
            """)
        {
            { "account", account.ToString() },
            { "object", one.Id.ToString() },
            { "kind", one.Kind },
            { "dek", one.Dek },
            { "revision", one.Revision },
            { "attachment", one.Attachment?.ToString() },
            { "sealed", one.Sealed },
            { "leaf", LeafOf(one).ToArray() },
        };
}
