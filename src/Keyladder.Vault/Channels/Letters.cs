using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Vault;

namespace Keyladder.Vault.Channels;

/// <summary>What the two kinds of letters share in the database.</summary>
internal static class Letters
{
    /// <summary>
    /// The number after a counter's. Where the service was restored, numbers that were lost with the database have been seen: the restore number is far above them, and those that follow are above it.
    /// </summary>
    public static string Next(string counter) =>
        $"1 + CASE WHEN {counter} < (SELECT coalesce(max(number), 0) FROM restores) THEN (SELECT max(number) FROM restores) ELSE {counter} END";

    /// <summary>Letters with a number above <c>@after</c>, the lowest first: as many as one answer carries. How long each is, is computed without reading it.</summary>
    /// <param name="columns">What is selected.</param>
    /// <param name="table">Has columns <c>number</c> and <c>sealed</c>.</param>
    /// <param name="whose">A condition.</param>
    public static Statement Select(string columns, string table, string whose, long after) => new($"""
        SELECT {columns} FROM {table} WHERE {whose} AND number > @after AND number <= (
            SELECT max(number) FROM (
                SELECT number, sum(size) OVER (ORDER BY number) AS total FROM (
                    SELECT number, length(sealed) AS size FROM {table} WHERE {whose} AND number > @after ORDER BY number LIMIT @letters
                ) AS next
            ) AS sized WHERE total <= @bytes)
        ORDER BY number;
        """)
    {
        { "after", after },
        { "letters", VaultRoutes.MaxLetters },
        { "bytes", VaultRoutes.MaxLettersBytes },
    };
}
