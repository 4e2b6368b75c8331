using System.Text;
using Microsoft.Data.Sqlite;

namespace Keyladder.Demo;

/// <summary>What an operator, or a thief, can do with the service's database.</summary>
/// <param name="service">Which one's: <c>keystore</c> or <c>vault</c>.</param>
internal sealed class Database(string dataFolder, string service)
{
    private string ConnectionString => new SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(dataFolder, $"{service}.db"),
        Pooling = false,
    }.ToString();

    /// <summary>Overwrites the wrapped keys of a table with zeros while <paramref name="look"/> runs, then puts them back.</summary>
    /// <param name="id">The table's column of ids.</param>
    /// <param name="only">The one id to take; every row if null.</param>
    public async Task WithoutWrappedAsync(string table, string id, string? only, Func<Task> look)
    {
        var saved = new Dictionary<string, byte[]>();
        using (var connection = Open())
        {
            using (var select = Command(connection, $"SELECT {id}, wrapped FROM {table} WHERE {id} = $only OR $only IS NULL", ("$only", (object?)only ?? DBNull.Value)))
            using (var reader = select.ExecuteReader())
            {
                while (reader.Read())
                    saved[reader.GetString(0)] = (byte[])reader.GetValue(1);
            }

            foreach (var (row, value) in saved)
                Set(connection, row, new byte[value.Length]);
        }

        if (saved.Count == 0)
            throw new DemoFailedException($"nothing was found in {table} to take away.");
        await look();
        using (var connection = Open())
        {
            foreach (var (row, value) in saved)
                Set(connection, row, value);
        }

        void Set(SqliteConnection connection, string row, byte[] value)
        {
            using var update = Command(connection, $"UPDATE {table} SET wrapped = $value WHERE {id} = $row", ("$value", value), ("$row", row));
            update.ExecuteNonQuery();
        }
    }

    /// <summary>The sealed key as the service holds it: its id and the first bytes of its two envelopes.</summary>
    public Dictionary<string, string> SealedKeys()
    {
        using var connection = Open();
        using var select = Command(connection, "SELECT key_id, overview, wrapped FROM keys");
        using var reader = select.ExecuteReader();
        var rows = new Dictionary<string, string>();
        while (reader.Read())
            rows[reader.GetString(0)] = $"{Start(reader, 1)}…  {Start(reader, 2)}…";
        return rows;
    }

    /// <summary>What a Vault holds, a line for each object and each part of an attachment.</summary>
    public IReadOnlyList<string> SealedObjects()
    {
        using var connection = Open();
        using var select = Command(connection, """
            SELECT kind, object_id, length(sealed), substr(sealed, 1, 12), coalesce('names attachment ' || substr(attachment, 1, 8) || '…', '') FROM objects
            UNION ALL SELECT 'part', attachment_id, length, NULL, 'in a file of its own' FROM attachment_parts
            """);
        using var reader = select.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add($"{reader.GetString(0),-9} {reader.GetString(1)[..8]}…  {reader.GetInt64(2),6} bytes  {(reader.IsDBNull(3) ? "" : Start(reader, 3) + "…")}  {reader.GetString(4)}");
        return rows;
    }

    /// <summary>Every value of every table, but for those of some columns.</summary>
    /// <param name="except">As <c>table.column</c>.</param>
    public List<(string Place, object Value)> Values(IReadOnlySet<string> except)
    {
        using var connection = Open();
        var tables = new List<string>();
        using (var list = Command(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"))
        using (var reader = list.ExecuteReader())
        {
            while (reader.Read())
                tables.Add(reader.GetString(0));
        }

        return [.. tables.SelectMany(table => Read(connection, $"SELECT * FROM {table}", table)).Where(value => !except.Contains(value.Place))];
    }

    /// <summary>What a Vault keeps for each guest who has something there: the channel, the guest's key, letters.</summary>
    public List<List<(string Place, object Value)>> Channels()
    {
        using var connection = Open();
        var channels = new List<string>();
        using (var list = Command(connection, "SELECT DISTINCT channel_id FROM given_letters"))
        using (var reader = list.ExecuteReader())
        {
            while (reader.Read())
                channels.Add(reader.GetString(0));
        }

        return channels.ConvertAll(channel => Read(connection, $"SELECT channel_id, guest_key FROM channels WHERE channel_id = '{channel}'", "channels")
            .Concat(Read(connection, $"SELECT letter_id, sealed FROM given_letters WHERE channel_id = '{channel}'", "given_letters")).ToList());
    }

    /// <summary>The same database in another folder, to do with as one likes.</summary>
    public Database CopyTo(string folder)
    {
        Directory.CreateDirectory(folder);
        Execute("VACUUM INTO $file", ("$file", Path.Combine(folder, $"{service}.db")));
        return new Database(folder, service);
    }

    public int Execute(string text, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var connection = Open();
        using var command = Command(connection, text, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>The one row of a table, by the names of its columns.</summary>
    public Dictionary<string, object> Row(string table)
    {
        using var connection = Open();
        using var command = Command(connection, $"SELECT * FROM {table}");
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, reader.GetValue)
            : throw new DemoFailedException($"{table} is empty.");
    }

    public string Text(string query)
    {
        using var connection = Open();
        using var command = Command(connection, query);
        return (string)command.ExecuteScalar()!;
    }

    /// <summary>How often the texts stand, in any of a few encodings, in the database, its write-ahead log, every other file of the service, and its log.</summary>
    public int Hits(IEnumerable<string> texts, string serverLog)
    {
        var haystacks = Directory.EnumerateFiles(dataFolder, "*", SearchOption.AllDirectories).Select(Read).Append(Encoding.UTF8.GetBytes(serverLog)).ToList();
        return texts.SelectMany(Forms).Sum(needle => haystacks.Count(bytes => bytes.AsSpan().IndexOf(needle) >= 0));
    }

    private static List<(string Place, object Value)> Read(SqliteConnection connection, string query, string table)
    {
        using var select = Command(connection, query);
        using var reader = select.ExecuteReader();
        var values = new List<(string, object)>();
        while (reader.Read())
        {
            for (var column = 0; column < reader.FieldCount; column++)
            {
                if (!reader.IsDBNull(column))
                    values.Add(($"{table}.{reader.GetName(column)}", reader.GetValue(column)));
            }
        }

        return values;
    }

    private static IEnumerable<byte[]> Forms(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return [utf8, Encoding.Unicode.GetBytes(text), Encoding.ASCII.GetBytes(Convert.ToBase64String(utf8).TrimEnd('=')), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(utf8))];
    }

    private static string Start(SqliteDataReader reader, int column) => Convert.ToHexStringLower(((byte[])reader.GetValue(column)).AsSpan(0, 12));

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        using var wait = Command(connection, "PRAGMA busy_timeout = 5000");
        wait.ExecuteNonQuery();
        return connection;
    }

    private static SqliteCommand Command(SqliteConnection connection, string text, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }
}
