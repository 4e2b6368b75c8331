using System.Data.Common;

namespace Keyladder.Hosting.Storage;

/// <summary>What the two engines do differently. Everything that is asked of them afterwards is one text.</summary>
internal abstract class Engine : IAsyncDisposable
{
    /// <summary>Folder of the engine's DDL under <c>Schema/</c>.</summary>
    public abstract string Name { get; }

    public abstract Task<EngineConnection> OpenAsync(CancellationToken cancellation);

    /// <summary>Makes the statements of one command see one snapshot; null where they do without being asked.</summary>
    public abstract DbTransaction? BeginRead(DbConnection connection);

    /// <summary>From here to the release of the result, this process writes nothing else where the engine takes one writer.</summary>
    public abstract Task<IDisposable?> EnterWriteAsync(CancellationToken cancellation);

    /// <summary>A transaction in which many commands see one moment, and which keeps nobody from writing.</summary>
    public abstract Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellation);

    public abstract Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellation);

    /// <summary>A transaction of one command that takes rows as it finds them when it gets them; its commit is on the disk whatever the server is set to.</summary>
    public abstract Task<DbTransaction> BeginCountAsync(DbConnection connection, CancellationToken cancellation);

    /// <summary>A transaction that sees what was committed before it, and keeps every other migrating process out until it ends.</summary>
    public abstract Task<DbTransaction> BeginMigrationAsync(DbConnection connection, CancellationToken cancellation);

    /// <summary>Commits. The caller may hang up meanwhile: half a commit is none.</summary>
    /// <exception cref="DbException">It cannot be said that it will last.</exception>
    public virtual Task CommitAsync(DbConnection connection, DbTransaction transaction) => transaction.CommitAsync(CancellationToken.None);

    /// <summary>Called under the lock of <see cref="BeginMigrationAsync"/> before tables change: keeps what is there, where the engine can do that by itself.</summary>
    /// <exception cref="StartupException">It could not be kept.</exception>
    public virtual Task KeepBeforeMigrationAsync(long next, DateTimeOffset now, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>The transaction lost a race and may simply be run again.</summary>
    public abstract bool LostRace(DbException exception);

    /// <summary>The database does not answer, is full or locked: nothing that the request could change.</summary>
    public abstract bool IsOutage(DbException exception);

    /// <summary>How the engine names an outage: what its manual can be searched for.</summary>
    public abstract string Code(DbException exception);

    /// <summary>What the operator can do about an outage: a fixed text.</summary>
    public abstract string Remedy(DbException exception);

    public abstract ValueTask DisposeAsync();
}
