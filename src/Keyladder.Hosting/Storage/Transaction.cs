using System.Data.Common;

namespace Keyladder.Hosting.Storage;

/// <summary>A write transaction. It commits when the work that got it returns, and leaves no trace when that throws.</summary>
public sealed class Transaction
{
    private readonly DbConnection connection;
    private readonly DbTransaction transaction;

    internal Transaction(DbConnection connection, DbTransaction transaction)
    {
        this.connection = connection;
        this.transaction = transaction;
    }

    public async Task<T> QueryAsync<T>(Statement statement, Func<Rows, Task<T>> read, CancellationToken cancellation)
    {
        await using var command = Command(statement);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await read(new Rows(reader));
    }

    /// <returns>How many rows changed.</returns>
    public async Task<int> ExecuteAsync(Statement statement, CancellationToken cancellation)
    {
        await using var command = Command(statement);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Runs many statements in their order: one round trip where the engine has batches, a loop where there is no network.</summary>
    public async Task ExecuteAllAsync(IReadOnlyCollection<Statement> statements, CancellationToken cancellation)
    {
        if (statements.Count == 0)
            return;
        if (connection.CanCreateBatch)
        {
            await using var batch = connection.CreateBatch();
            batch.Transaction = transaction;
            foreach (var statement in statements)
            {
                var part = batch.CreateBatchCommand();
                part.CommandText = statement.Text;
                statement.Bind(part.Parameters, part.CreateParameter);
                batch.BatchCommands.Add(part);
            }

            await batch.ExecuteNonQueryAsync(cancellation);
            return;
        }

        // A command whose text stays is prepared once.
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        foreach (var statement in statements)
        {
            if (command.CommandText != statement.Text)
                command.CommandText = statement.Text;
            statement.Bind(command.Parameters, command.CreateParameter);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    private DbCommand Command(Statement statement)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = statement.Text;
        statement.Bind(command.Parameters, command.CreateParameter);
        return command;
    }
}
