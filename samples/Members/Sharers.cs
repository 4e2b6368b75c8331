using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;

namespace Members;

/// <summary>
/// Whose events count: the DIDs that the app's operator has agreed with the sharers (README.md), and what has taken their place since. Who shares may take new keys, and with
/// them another DID, which the old ones sign (docs/spec/relationships.md section 6); what was signed by the old ones counts no more once that was brought.
/// </summary>
/// <param name="agreed">As the operator has named them; a member names no other.</param>
public sealed class Sharers(Table table, IEnumerable<Did> agreed)
{
    // Unless the next one's own changes lead back here: what was left does not return, and no chain has a loop.
    private const string Change = """
        INSERT INTO key_changes (did, next) SELECT @did, @next WHERE @did NOT IN (
            WITH RECURSIVE later (did) AS (SELECT @next UNION SELECT next FROM key_changes JOIN later USING (did)) SELECT did FROM later)
        ON CONFLICT DO NOTHING;
        """;

    private readonly HashSet<string> _agreed = [.. agreed.Select(sharer => sharer.ToString())];

    public Task CreateTableAsync() => table.ExecuteAsync("CREATE TABLE IF NOT EXISTS key_changes (did TEXT NOT NULL PRIMARY KEY, next TEXT NOT NULL);");

    /// <summary>Whether the operator has named this DID: one whose rules still count.</summary>
    public bool IsAgreed(string did) => _agreed.Contains(did);

    /// <summary>
    /// Who has this DID, by those that the operator has named. Mostly one: but the proof that a new DID gives does not say whose it takes the place of, so that another sharer
    /// can name it as his too. He gains nothing that he can sign with; were the first one to name it the only one, he would keep its owner out.
    /// </summary>
    /// <param name="isPresent">Whether it must be the one that he has now.</param>
    /// <returns>Empty for nobody who counts.</returns>
    public async Task<IReadOnlyList<string>> FindAsync(string did, bool isPresent)
    {
        var next = await ReadAsync();
        return isPresent && next.ContainsKey(did) ? [] : [.. _agreed.Where(Has)];

        bool Has(string first)
        {
            var at = first;
            while (at != did && next.TryGetValue(at, out var later))
                at = later;
            return at == did;
        }
    }

    /// <summary>
    /// Takes a change of keys from whoever brings it: both DIDs have signed. Of two that one DID has signed the first counts, which is all that can be told from outside of
    /// the relationship; so it is to be brought at once.
    /// </summary>
    /// <returns>Whether it was one of somebody who counts, and is new.</returns>
    public async Task<bool> TakeAsync(string jws) =>
        Jws.TryReadUnverified(JwsKind.KeyChange, jws, out var payload)
        && StrictJson.TryRead(payload, SharerJson.Strict.SharersKeyChange, out var told)
        && await FindAsync(told.Issuer, isPresent: true) is not []
        && Signs(told.Issuer, JwsKind.KeyChange, jws)
        && Signs(told.Next, JwsKind.KeyBundle, told.Bundle)
        && !_agreed.Contains(told.Next)        // the operator's word is that these are two
        && await table.ExecuteAsync(Change, ("did", told.Issuer), ("next", told.Next)) > 0;

    private async Task<Dictionary<string, string>> ReadAsync() =>
        (await table.ReadAsync("SELECT did, next FROM key_changes;", row => (Did: row.GetString(0), Next: row.GetString(1)))).ToDictionary(row => row.Did, row => row.Next);

    private static bool Signs(string did, JwsKind kind, string jws) =>
        Did.TryParse(did, out var signer) && signer.PublicKey is { } key && Jws.TryVerify(kind, jws, key, out _);
}

/// <summary>What a change of keys says; for whom and in which relationship is not the app's business.</summary>
internal sealed record SharersKeyChange(
    [property: JsonPropertyName("iss")] string Issuer, [property: JsonPropertyName("aud")] string Audience, string Relationship, string Next, string Bundle);

[JsonSerializable(typeof(SharersKeyChange))]
internal sealed partial class SharerJson : JsonSerializerContext
{
    public static SharerJson Strict { get; } = new(StrictJson.CreateOptions());
}
