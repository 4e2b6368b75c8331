using System.Collections;
using System.Data;
using System.Data.Common;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Keyladder.Hosting.Storage;

/// <summary>
/// SQL for both engines with its parameters: <c>new Statement("… @id") { { "id", id.ToString() } }</c>. Text may hold several statements, each ended by a semicolon. Every value has
/// its type even where it is null, because PostgreSQL cannot guess one.
/// </summary>
public sealed class Statement(string text) : IEnumerable
{
    // A set goes as a JSON object whose keys are the texts: one parameter however many there are, and the one form that both engines read with the same words.
    private const DbType Set = DbType.Object;

    private readonly List<(string Name, DbType Type, object? Value)> parameters = [];

    public string Text { get; } = text;

    public void Add(string name, string? value) => parameters.Add((name, DbType.String, value));

    public void Add(string name, long value) => parameters.Add((name, DbType.Int64, value));

    public void Add(string name, byte[]? value) => parameters.Add((name, DbType.Binary, value));

    /// <summary>For <see cref="EachOf"/> with the same name.</summary>
    public void Add(string name, IEnumerable<string> set)
    {
        var texts = set.Distinct().ToDictionary(text => text, _ => 0);
        parameters.Add((name, Set, JsonSerializer.Serialize(texts)));
        Add($"{name}_count", texts.Count);
    }

    /// <summary>A query for each text of a set. Its limit leaves none out: PostgreSQL would otherwise plan for a hundred, and read whole tables for one.</summary>
    public static string EachOf(string name) => $"SELECT key FROM (SELECT key FROM json_each(@{name}) LIMIT @{name}_count) AS each_of_{name}";

    internal void Add(string name, DbType type, object? value) => parameters.Add((name, type, value));

    IEnumerator IEnumerable.GetEnumerator() => parameters.GetEnumerator();

    /// <summary>This statement and another one in one command: they cost one round trip and see one snapshot.</summary>
    public Statement Then(Statement next)
    {
        var both = new Statement($"{Text}\n{next.Text}");
        both.parameters.AddRange(parameters);
        both.parameters.AddRange(next.parameters);
        return both;
    }

    internal void Bind(DbParameterCollection target, Func<DbParameter> create)
    {
        target.Clear();
        foreach (var (name, type, value) in parameters)
        {
            var parameter = create();
            parameter.ParameterName = name;
            if (type != Set)
                parameter.DbType = type;
            else if (parameter is NpgsqlParameter postgres)
                postgres.NpgsqlDbType = NpgsqlDbType.Json;
            parameter.Value = value ?? DBNull.Value;
            target.Add(parameter);
        }
    }
}
