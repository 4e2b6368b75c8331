using System.Data.Common;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Objects;

/// <summary>
/// What differs between the services in the objects that an account's tree counts: the table that they stand in, their leaves, and what a write of them must fit. How they are fetched,
/// listed since a head and written under one is the same: <see cref="ObjectReads{THead, TObject}"/>, <see cref="ObjectChanges{THead, TObject}"/>, <see cref="ObjectWrites{THead, TObject}"/>.
/// </summary>
/// <typeparam name="TObject">An object as it travels.</typeparam>
public abstract class ObjectTable<THead, TObject>
    where THead : Head, IHead<THead>
    where TObject : class
{
    /// <summary>Beside the account the primary key of the table, and the name of the same column in <c>changes</c> and <c>tombstones</c>.</summary>
    public abstract string Id { get; }

    /// <summary>The name of the table. It has columns <c>revision</c> and <c>leaf</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What <see cref="Read"/> reads.</summary>
    public abstract string Columns { get; }

    /// <summary>Whether the table, and <c>changes</c>, have a column <c>kind</c>.</summary>
    public virtual bool HasKinds => false;

    /// <summary>Objects that an account may hold.</summary>
    public abstract long MaxObjects { get; }

    /// <summary>Bytes that an account may hold, where the service counts them.</summary>
    public virtual long MaxBytes => long.MaxValue;

    /// <summary>How many bytes the account holds.</summary>
    public virtual string SelectBytes => "SELECT CAST(0 AS bigint);";

    public abstract TObject Read(DbDataReader row);

    public abstract ObjectName NameOf(TObject one);

    public abstract long RevisionOf(TObject one);

    public abstract Hash256 PathOf(ObjectName name);

    public abstract Hash256 LeafOf(TObject one);

    /// <summary>What the service asks of a write besides what every service does.</summary>
    public abstract bool Fits(ObjectWrite<TObject> write, THead head, THead newest);

    /// <summary>How the audit tells of a write that is not empty.</summary>
    public abstract (string Kind, Guid? Subject) Tell(ObjectWrite<TObject> write);

    /// <summary>Puts and deletes. A deleted one leaves its id in <c>tombstones</c>.</summary>
    public abstract IEnumerable<Statement> Store(AccountId account, IReadOnlyCollection<TObject> put, IReadOnlyCollection<ObjectName> deleted);

    /// <summary>What only the database can tell of a write, after <see cref="Store"/> and before its transaction ends.</summary>
    /// <exception cref="ProblemException">It is refused.</exception>
    public virtual Task CheckAsync(AccountId account, ObjectWrite<TObject> write, Transaction transaction, CancellationToken cancellation) => Task.CompletedTask;

    internal string NameColumns => HasKinds ? $"{Id}, kind" : Id;

    internal ObjectName ReadName(DbDataReader row, int first) => new(Guid.Parse(row.GetString(first)), HasKinds ? row.GetString(first + 1) : null);

    /// <summary>The row of the log that says what a head changed; an absent leaf is null.</summary>
    public Statement Change(AccountId account, long number, ObjectName name, byte[]? oldLeaf, byte[]? newLeaf)
    {
        var statement = new Statement($"""
            INSERT INTO changes (account_id, number, {NameColumns}, path, old_leaf, new_leaf)
            VALUES (@account, @number, @id, {(HasKinds ? "@kind, " : "")}@path, @old, @new);
            """)
        {
            { "account", account.ToString() },
            { "number", number },
            { "id", name.Id.ToString() },
            { "path", PathOf(name).ToString() },
            { "old", oldLeaf },
            { "new", newLeaf },
        };
        if (HasKinds)
            statement.Add("kind", name.Kind);
        return statement;
    }
}
