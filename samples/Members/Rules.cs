using System.Data.Common;
using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;

namespace Members;

/// <summary>
/// Rules over what somebody shares with a member. The app knows an attribute by who shares it and by the id that it has in that relationship,
/// acts on signed events about it (docs/spec/relationships.md section 8), and never sees a name or a value.
/// </summary>
/// <param name="sharers">Whose events count, as the app's operator has agreed with them; a member names no other (README.md).</param>
public sealed class Rules(DbDataSource database, IEnumerable<Did> sharers)
{
    private readonly HashSet<string> _sharers = [.. sharers.Select(sharer => sharer.ToString())];

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS rules (
            user_id   TEXT   NOT NULL,
            did       TEXT   NOT NULL,
            attribute TEXT   NOT NULL,
            event     TEXT   NOT NULL,
            number    BIGINT NOT NULL,
            PRIMARY KEY (user_id, did, attribute)
        );
        """;

    public Task CreateTableAsync() => ExecuteAsync(Schema);

    /// <summary>From now on events about the attribute count for the member, if the app knows who shares it: a key is made on the spot, and signs anything.</summary>
    /// <param name="did">Of who shares it, in that relationship.</param>
    /// <param name="attribute">Its id in that relationship.</param>
    /// <returns>Whether they do.</returns>
    public async Task<bool> SubscribeAsync(string userId, Did did, Guid attribute)
    {
        if (!_sharers.Contains(did.ToString()))
            return false;
        await ExecuteAsync(
            "INSERT INTO rules (user_id, did, attribute, event, number) VALUES (@user, @did, @attribute, '', 0) ON CONFLICT DO NOTHING;",
            ("user", userId), ("did", did.ToString()), ("attribute", attribute.ToString()));
        return true;
    }

    /// <summary>Takes an event from whoever brings it: who signed it decides. One that is older than the last changes nothing, so it may come twice.</summary>
    /// <returns>Whether it was one, and changed something here.</returns>
    public async Task<bool> TakeAsync(string jws) =>
        Jws.TryReadUnverified(JwsKind.ShareEvent, jws, out var payload)
        && StrictJson.TryRead(payload, RuleJson.Strict.AttributeEvent, out var told)
        && told.Event is "shared" or "changed" or "revoked" or "expired"        // the sharer's: accepted and read are the holder's to tell, and end nothing
        && _sharers.Contains(told.Issuer)
        && Did.TryParse(told.Issuer, out var issuer)
        && issuer.PublicKey is { } key
        && Jws.TryVerify(JwsKind.ShareEvent, jws, key, out _)
        && await ExecuteAsync(
            "UPDATE rules SET event = @event, number = @number WHERE did = @did AND attribute = @attribute AND number < @number;",
            ("event", told.Event), ("number", told.Number), ("did", told.Issuer), ("attribute", told.Attribute)) > 0;

    /// <summary>The rule itself: the lounge is open to members with whom something is shared that was not taken back and is not over.</summary>
    public async Task<bool> LetsInAsync(string userId)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = Command(connection, "SELECT did FROM rules WHERE user_id = @user AND event IN ('shared', 'changed');", ("user", userId));
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            // The settings may have been others when the event came.
            if (_sharers.Contains(reader.GetString(0)))
                return true;
        }

        return false;
    }

    private async Task<int> ExecuteAsync(string sql, params (string, object)[] parameters)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    private static DbCommand Command(DbConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text stands above, as a whole.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}

/// <summary>What an event says, and all that it says.</summary>
internal sealed record AttributeEvent([property: JsonPropertyName("iss")] string Issuer, string Attribute, [property: JsonPropertyName("event")] string Event, long Number);

/// <param name="Jws">As the member's program got it (<c>ReceivedEvent.Jws</c>).</param>
internal sealed record BroughtEvent(string Jws);

[JsonSerializable(typeof(AttributeEvent))]
internal sealed partial class RuleJson : JsonSerializerContext
{
    public static RuleJson Strict { get; } = new(StrictJson.CreateOptions());
}
