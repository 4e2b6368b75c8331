using System.Data.Common;
using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Heads;

/// <summary>The account's tree in rows of four levels (<see cref="PagedTree"/>).</summary>
public static class TreePages
{
    /// <summary>Levels of rows that one query looks for below the root: enough for millions of objects. <see cref="AllLevels"/> is for who has made ids that collide.</summary>
    public const int UsualLevels = 8;
    public const int AllLevels = Hash256.Size * 2;

    /// <summary>A statement for the pages that some paths lie on, those of the root included.</summary>
    /// <param name="paths">A query for paths, as hexadecimal digits.</param>
    public static string Select(string paths, int levels)
    {
        var numbers = string.Join(", ", Enumerable.Range(0, levels).Select(level => string.Create(CultureInfo.InvariantCulture, $"({level})")));
        return $"""
            WITH paths (path) AS (SELECT '' UNION ALL {paths}), levels (digits) AS (VALUES {numbers})
            SELECT prefix, page FROM tree_pages
            WHERE account_id = @account AND prefix IN (SELECT substr(path, 1, digits) FROM paths CROSS JOIN levels);
            """;
    }

    public const string SelectAll = "SELECT prefix, page FROM tree_pages WHERE account_id = @account;";

    public static async Task<PagedTree> ReadAsync(Rows rows, CancellationToken cancellation) =>
        new((await rows.ListAsync(row => KeyValuePair.Create(row.GetString(0), row.GetFieldValue<byte[]>(1)), cancellation)).ToDictionary());

    public static IEnumerable<Statement> Write(AccountId account, TreeUpdate update)
    {
        foreach (var (prefix, page) in update.Changed)
        {
            yield return new Statement("""
                INSERT INTO tree_pages (account_id, prefix, page) VALUES (@account, @prefix, @page)
                ON CONFLICT (account_id, prefix) DO UPDATE SET page = excluded.page;
                """) { { "account", account.ToString() }, { "prefix", prefix }, { "page", page } };
        }

        foreach (var prefix in update.Removed)
        {
            yield return new Statement("DELETE FROM tree_pages WHERE account_id = @account AND prefix = @prefix;")
            {
                { "account", account.ToString() },
                { "prefix", prefix },
            };
        }
    }
}
