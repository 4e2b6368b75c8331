using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;

namespace Members;

/// <summary>
/// Rules over what somebody shares with a member. The app knows an attribute by who shares it and by the id that it has in that relationship,
/// acts on signed events about it (docs/spec/relationships.md section 8), and never sees a name or a value.
/// </summary>
public sealed class Rules(Table table, Sharers sharers)
{
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

    public Task CreateTableAsync() => table.ExecuteAsync(Schema);

    /// <summary>From now on events about the attribute count for the member, if the app knows who shares it: a key is made on the spot, and signs anything.</summary>
    /// <param name="did">Of who shares it, in that relationship.</param>
    /// <param name="attribute">Its id in that relationship.</param>
    /// <returns>Whether they do.</returns>
    public async Task<bool> SubscribeAsync(string userId, Did did, Guid attribute)
    {
        var known = await sharers.FindAsync(did.ToString(), isPresent: false);
        foreach (var sharer in known)
        {
            await table.ExecuteAsync(
                "INSERT INTO rules (user_id, did, attribute, event, number) VALUES (@user, @did, @attribute, '', 0) ON CONFLICT DO NOTHING;",
                ("user", userId), ("did", sharer), ("attribute", attribute.ToString()));
        }

        return known.Count > 0;
    }

    /// <summary>Takes an event from whoever brings it: who signed it decides. One that is older than the last changes nothing, so it may come twice.</summary>
    /// <returns>Whether it was one, and changed something here.</returns>
    public async Task<bool> TakeAsync(string jws)
    {
        if (!Jws.TryReadUnverified(JwsKind.ShareEvent, jws, out var payload)
            || !StrictJson.TryRead(payload, RuleJson.Strict.AttributeEvent, out var told)
            || told.Event is not ("shared" or "changed" or "revoked" or "expired")        // the sharer's: accepted and read are the holder's to tell, and end nothing
            || !Did.TryParse(told.Issuer, out var issuer)
            || issuer.PublicKey is not { } key
            || !Jws.TryVerify(JwsKind.ShareEvent, jws, key, out _))
            return false;
        var changed = 0;
        foreach (var sharer in await sharers.FindAsync(told.Issuer, isPresent: true))
        {
            changed += await table.ExecuteAsync(
                "UPDATE rules SET event = @event, number = @number WHERE did = @did AND attribute = @attribute AND number < @number;",
                ("event", told.Event), ("number", told.Number), ("did", sharer), ("attribute", told.Attribute));
        }

        return changed > 0;
    }

    /// <summary>The rule itself: the lounge is open to members with whom something is shared that was not taken back and is not over.</summary>
    public async Task<bool> LetsInAsync(string userId)
    {
        var shared = await table.ReadAsync("SELECT did FROM rules WHERE user_id = @user AND event IN ('shared', 'changed');", row => row.GetString(0), ("user", userId));
        return shared.Any(sharers.IsAgreed);        // the settings may have been others when the event came
    }
}

/// <summary>What an event says, and all that it says.</summary>
internal sealed record AttributeEvent([property: JsonPropertyName("iss")] string Issuer, string Attribute, [property: JsonPropertyName("event")] string Event, long Number);

/// <param name="Jws">As the member's program got it (<c>ReceivedEvent.Jws</c>, <c>ReceivedKeyChange.Jws</c>).</param>
internal sealed record BroughtEvent(string Jws);

[JsonSerializable(typeof(AttributeEvent))]
internal sealed partial class RuleJson : JsonSerializerContext
{
    public static RuleJson Strict { get; } = new(StrictJson.CreateOptions());
}
