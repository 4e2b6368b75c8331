using System.Data.Common;

namespace Keyladder.Hosting.Storage;

/// <summary>A write transaction. It commits when the work that got it returns, and leaves no trace when that throws.</summary>
public sealed class Transaction
{
    private readonly EngineConnection connection;
    private readonly DbTransaction transaction;

    internal Transaction(EngineConnection connection, DbTransaction transaction)
    {
        this.connection = connection;
        this.transaction = transaction;
    }

    public async Task<T> QueryAsync<T>(Statement statement, Func<Rows, Task<T>> read, CancellationToken cancellation)
    {
        await using var reader = await connection.Command(statement, transaction).ExecuteReaderAsync(cancellation);
        return await read(new Rows(reader));
    }

    /// <returns>How many rows changed.</returns>
    public Task<int> ExecuteAsync(Statement statement, CancellationToken cancellation) =>
        connection.Command(statement, transaction).ExecuteNonQueryAsync(cancellation);

    /// <summary>Runs many statements in their order: one round trip where the engine has batches, a loop where there is no network.</summary>
    public async Task ExecuteAllAsync(IReadOnlyCollection<Statement> statements, CancellationToken cancellation)
    {
        if (statements.Count == 0)
            return;
        if (!connection.Inner.CanCreateBatch)
        {
            foreach (var statement in statements)
                await ExecuteAsync(statement, cancellation);
            return;
        }

        await using var batch = connection.Inner.CreateBatch();
        batch.Transaction = transaction;
        foreach (var statement in statements)
        {
            var part = batch.CreateBatchCommand();
            part.CommandText = statement.Text;
            statement.Bind(part.Parameters, part.CreateParameter);
            batch.BatchCommands.Add(part);
        }

        await batch.ExecuteNonQueryAsync(cancellation);
    }
}
