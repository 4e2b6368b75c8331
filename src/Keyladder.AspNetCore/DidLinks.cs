using System.Data.Common;
using Keyladder.Cryptography.Dids;

namespace Keyladder.AspNetCore;

/// <summary>
/// Which DIDs sign in as which users of an app, in one table of the app's own database (SQLite or PostgreSQL). A DID is linked to one user; a
/// user has any number of them. All members may be called side by side, at any number of nodes.
/// </summary>
/// <param name="database">The app's.</param>
/// <param name="time">The clock that says when a DID was linked.</param>
public sealed class DidLinks(DbDataSource database, TimeProvider time)
{
    /// <summary>
    /// The table, for an app that has migrations of its own: the id of the user, the DID, when it was linked, and when the last challenge that it
    /// answered was made, both in Unix milliseconds.
    /// </summary>
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS did_links (
            user_id        TEXT   NOT NULL,
            did            TEXT   NOT NULL UNIQUE,
            linked         BIGINT NOT NULL,
            last_challenge BIGINT NOT NULL,
            PRIMARY KEY (user_id, did)
        );
        """;

    /// <summary>Makes the table where it is not there: for an app that has no migrations, when it starts.</summary>
    public async Task CreateTableAsync(CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, Schema, [], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The DIDs that sign in as a user, the oldest first.</summary>
    /// <param name="userId">The app's own id of the user.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<DidLink>> ListAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var command = Command(
            connection, "SELECT did, linked, last_challenge FROM did_links WHERE user_id = @user ORDER BY linked, did;", [("user", userId)]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var links = new List<DidLink>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var did = Did.TryParse(reader.GetString(0), out var read)
                ? read
                : throw new InvalidOperationException("The table did_links holds what is no DID. Somebody has changed it: put it back from a backup.");
            links.Add(new DidLink(did, Time(reader.GetInt64(1)), Time(reader.GetInt64(2))));
        }

        return links;

        static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }

    /// <summary>
    /// Ends that a DID signs in as a user. Unless <paramref name="lastToo"/> says so, the last one stays: the app may have no other way to sign
    /// him in. Of several calls at once, one finds the last.
    /// </summary>
    /// <param name="userId">The app's own id of the user who asks for it.</param>
    /// <param name="did">Which of his DIDs.</param>
    /// <param name="lastToo">Whether the user has been warned, and means it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<UnlinkOutcome> UnlinkAsync(string userId, Did did, bool lastToo = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(did);
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        // Whoever comes next waits here, and then counts what is left.
        var mine = await ExecuteAsync(connection, "UPDATE did_links SET linked = linked WHERE user_id = @user;", [("user", userId)], cancellationToken, transaction).ConfigureAwait(false);
        var outcome = UnlinkOutcome.LastOne;
        if (mine > 1 || lastToo || await IsMissingAsync().ConfigureAwait(false))
        {
            var gone = await ExecuteAsync(
                connection, "DELETE FROM did_links WHERE user_id = @user AND did = @did;", [("user", userId), ("did", did.ToString())], cancellationToken, transaction).ConfigureAwait(false);
            outcome = gone == 1 ? UnlinkOutcome.Unlinked : UnlinkOutcome.NotLinked;
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return outcome;

        async Task<bool> IsMissingAsync()
        {
            await using var command = Command(
                connection, "SELECT COUNT(*) FROM did_links WHERE user_id = @user AND did = @did;", [("user", userId), ("did", did.ToString())], transaction);
            return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), null) == 0;
        }
    }

    /// <summary>Forgets all DIDs of a user: when the app deletes him.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> UnlinkAllAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return await ExecuteAsync(connection, "DELETE FROM did_links WHERE user_id = @user;", [("user", userId)], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Links a DID that has answered a challenge made for this user; again is no failure.</summary>
    /// <returns>False where it is linked to another user.</returns>
    internal async Task<bool> LinkAsync(string userId, Did did, DateTimeOffset challenge, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var linked = await ExecuteAsync(
            connection,
            """
            INSERT INTO did_links (user_id, did, linked, last_challenge) VALUES (@user, @did, @now, @challenge) ON CONFLICT DO NOTHING;
            """,
            [("user", userId), ("did", did.ToString()), ("now", time.GetUtcNow().ToUnixTimeMilliseconds()), ("challenge", challenge.ToUnixTimeMilliseconds())],
            cancellationToken).ConfigureAwait(false);
        if (linked == 1)
            return true;
        await using var command = Command(connection, "SELECT user_id FROM did_links WHERE did = @did;", [("did", did.ToString())]);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string == userId;
    }

    /// <summary>Lets a challenge in that is later than the last one of the DID: one statement, so that each answer signs in once.</summary>
    /// <returns>The user; null where the DID is not linked or the challenge is no later.</returns>
    internal async Task<string?> SignInAsync(Did did, DateTimeOffset challenge, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var command = Command(
            connection,
            "UPDATE did_links SET last_challenge = @challenge WHERE did = @did AND last_challenge < @challenge RETURNING user_id;",
            [("did", did.ToString()), ("challenge", challenge.ToUnixTimeMilliseconds())]);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
    }

    private static async Task<int> ExecuteAsync(
        DbConnection connection, string sql, (string, object)[] parameters, CancellationToken cancellationToken, DbTransaction? transaction = null)
    {
        await using var command = Command(connection, sql, parameters, transaction);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static DbCommand Command(DbConnection connection, string sql, (string Name, object Value)[] parameters, DbTransaction? transaction = null)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text stands above, as a whole.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Transaction = transaction;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}

/// <summary>A DID that signs in as a user.</summary>
/// <param name="Did">Which.</param>
/// <param name="Linked">Since when.</param>
/// <param name="LastUsed">When the last challenge that it answered was made.</param>
public sealed record DidLink(Did Did, DateTimeOffset Linked, DateTimeOffset LastUsed);

/// <summary>What came of unlinking.</summary>
public enum UnlinkOutcome
{
    /// <summary>The DID signs in here no more.</summary>
    Unlinked,

    /// <summary>It was not linked to that user.</summary>
    NotLinked,

    /// <summary>It is the user's last one and stays: warn him, and ask again with <c>lastToo</c>.</summary>
    LastOne,
}
