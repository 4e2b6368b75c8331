using System.Data.Common;
using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol;

namespace Keyladder.Keystore.Accounts;

/// <summary>Every table whose rows belong to accounts. What is deleted and what is listed of an account goes by this, and a test holds it against the database.</summary>
internal static class AccountTables
{
    // What goes before what it belongs to; and the rest of each primary key, which puts an account's rows in one order.
    private static readonly (string Name, string Order)[] All =
    [
        ("sessions", "session_id"), ("slots", "slot_id"), ("spent_nonces", "nonce"), ("keys", "key_id"), ("tombstones", "key_id"), ("tree_pages", "prefix"),
        ("changes", "number, key_id"), ("heads", "number"), ("audit_events", "number"),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(table => table.Name)];

    public static string First => All[0].Name;

    /// <returns>How many rows went from each table.</returns>
    public static async Task<DeletedRowsMessage[]> DeleteAsync(Transaction transaction, AccountId account, CancellationToken cancellation)
    {
        var deleted = new List<DeletedRowsMessage>();
        foreach (var (name, _) in All)
        {
            var count = await transaction.ExecuteAsync(new Statement($"DELETE FROM {name} WHERE account_id = @account;") { { "account", account.ToString() } }, cancellation);
            deleted.Add(new DeletedRowsMessage(name, count));
        }

        return [.. deleted];
    }

    /// <param name="table">One of <see cref="Names"/>.</param>
    /// <param name="skip">How many of its rows were read before.</param>
    public static async Task<AccountDataResponse> ListAsync(SignedRequest caller, string table, long skip, CancellationToken cancellation)
    {
        var index = Array.FindIndex(All, each => each.Name == table);
        var rows = await caller.ReadAsync(
            new Statement($"SELECT * FROM {All[index].Name} WHERE account_id = @account ORDER BY {All[index].Order} LIMIT @rows OFFSET @skip;")
            {
                { "rows", ServiceRoutes.MaxRows },
                { "skip", skip },
            },
            found => found.ListAsync(Read, cancellation),
            cancellation);
        DataPlaceMessage? next = rows.Count == ServiceRoutes.MaxRows ? new(table, skip + rows.Count) : index + 1 < All.Length ? new(All[index + 1].Name, 0) : null;
        return new AccountDataResponse(table, [.. rows], next);
    }

    private static Dictionary<string, string> Read(DbDataReader row) => Enumerable.Range(0, row.FieldCount).Where(column => !row.IsDBNull(column)).ToDictionary(
        row.GetName,
        column => row.GetValue(column) is byte[] bytes ? Base64UrlText.Encode(bytes) : Convert.ToString(row.GetValue(column), CultureInfo.InvariantCulture)!);
}
