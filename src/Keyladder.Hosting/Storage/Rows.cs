using System.Data.Common;

namespace Keyladder.Hosting.Storage;

/// <summary>The results of a command, one set after the other; reading a set moves on to the next.</summary>
public sealed class Rows
{
    private readonly DbDataReader reader;

    internal Rows(DbDataReader reader) => this.reader = reader;

    public async Task<List<T>> ListAsync<T>(Func<DbDataReader, T> read, CancellationToken cancellation)
    {
        var list = new List<T>();
        while (await reader.ReadAsync(cancellation))
            list.Add(read(reader));
        await reader.NextResultAsync(cancellation);
        return list;
    }

    /// <summary>For a table that need not fit into memory: groups of rows, one after the other.</summary>
    internal async Task EachGroupAsync<T>(int size, Func<DbDataReader, T> read, Func<List<T>, Task> take, CancellationToken cancellation)
    {
        var group = new List<T>(size);
        while (await reader.ReadAsync(cancellation))
        {
            group.Add(read(reader));
            if (group.Count < size)
                continue;
            await take(group);
            group.Clear();
        }

        await take(group);
        await reader.NextResultAsync(cancellation);
    }

    /// <returns>The first row of the set; null if it is empty.</returns>
    public async Task<T?> FirstAsync<T>(Func<DbDataReader, T> read, CancellationToken cancellation)
        where T : class
    {
        var first = await reader.ReadAsync(cancellation) ? read(reader) : null;
        await reader.NextResultAsync(cancellation);
        return first;
    }
}
