using System.Data.Common;

namespace Keyladder.Hosting.Storage;

/// <summary>
/// An open connection for the time of one use. What is prepared on it is kept with it: SQLite compiles a statement for longer than it takes to run it.
/// </summary>
/// <param name="inner">Belongs to this object.</param>
/// <param name="keep">Takes the connection back after its use, if it wants it; null where the driver keeps connections and commands by itself.</param>
internal sealed class EngineConnection(DbConnection inner, Func<EngineConnection, bool>? keep) : IAsyncDisposable
{
    private const int MaxCommands = 64;

    // A list of a thousand ids is a text of its own for every number of ids; it comes too seldom to be kept.
    private const int LongestKept = 4096;

    private readonly Dictionary<string, DbCommand> commands = [];
    private readonly List<DbCommand> others = [];

    public DbConnection Inner => inner;

    /// <summary>Ready to run, once at a time. It must not be disposed of.</summary>
    public DbCommand Command(Statement statement, DbTransaction? transaction)
    {
        var isKept = keep is not null && statement.Text.Length <= LongestKept;
        if (!isKept || !commands.TryGetValue(statement.Text, out var command))
        {
            command = inner.CreateCommand();
            command.CommandText = statement.Text;
            if (isKept && commands.Count < MaxCommands)
                commands.Add(statement.Text, command);
            else
                others.Add(command);
        }

        command.Transaction = transaction;
        statement.Bind(command.Parameters, command.CreateParameter);
        return command;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in others)
            await command.DisposeAsync();
        others.Clear();
        if (keep is null || !keep(this))
            await CloseAsync();
    }

    public async ValueTask CloseAsync()
    {
        foreach (var command in commands.Values)
            await command.DisposeAsync();
        commands.Clear();
        await inner.DisposeAsync();
    }
}
