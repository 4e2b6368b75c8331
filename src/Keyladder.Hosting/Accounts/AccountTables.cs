using System.Data.Common;
using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Hosting.Accounts;

/// <summary>Every table of a service whose rows belong to accounts. What is deleted and what is listed of an account goes by this, and a test holds it against the database.</summary>
/// <param name="own">Those that not every service has.</param>
public sealed class AccountTables(params IEnumerable<AccountTable> own)
{
    // What goes before what it belongs to.
    private readonly AccountTable[] all =
    [
        new("sessions", "session_id"), new("slots", "slot_id"), new("spent_nonces", "nonce"), .. own,
        new("tree_pages", "prefix"), new("heads", "number"), new("audit_events", "number"), new("witnesses", "sequence"),
    ];

    public string First => all[0].Name;

    public bool Has(string name) => all.Any(table => table.Name == name);

    /// <returns>How many rows went from each table.</returns>
    public async Task<DeletedRowsMessage[]> DeleteAsync(Transaction transaction, AccountId account, CancellationToken cancellation)
    {
        var deleted = new List<DeletedRowsMessage>();
        foreach (var name in all.Select(table => table.Name))
        {
            var count = await transaction.ExecuteAsync(new Statement($"DELETE FROM {name} WHERE account_id = @account;") { { "account", account.ToString() } }, cancellation);
            deleted.Add(new DeletedRowsMessage(name, count));
        }

        return [.. deleted];
    }

    /// <param name="table">One that there is.</param>
    /// <param name="skip">How many of its rows were read before.</param>
    public async Task<AccountDataResponse> ListAsync(SignedRequest caller, string table, long skip, CancellationToken cancellation)
    {
        var index = Array.FindIndex(all, each => each.Name == table);
        var rows = await caller.ReadAsync(
            new Statement($"SELECT * FROM {all[index].Name} WHERE account_id = @account ORDER BY {all[index].Order} LIMIT @rows OFFSET @skip;")
            {
                { "rows", all[index].Rows },
                { "skip", skip },
            },
            found => found.ListAsync(Read, cancellation),
            cancellation);
        DataPlaceMessage? next = rows.Count == all[index].Rows ? new(table, skip + rows.Count) : index + 1 < all.Length ? new(all[index + 1].Name, 0) : null;
        return new AccountDataResponse(table, [.. rows], next);
    }

    private static Dictionary<string, string> Read(DbDataReader row) => Enumerable.Range(0, row.FieldCount).Where(column => !row.IsDBNull(column)).ToDictionary(
        row.GetName,
        column => row.GetValue(column) is byte[] bytes ? Base64UrlText.Encode(bytes) : Convert.ToString(row.GetValue(column), CultureInfo.InvariantCulture)!);
}

/// <param name="Name">Written by this program, never by a request.</param>
/// <param name="Order">The rest of its primary key, which puts an account's rows in one order.</param>
/// <param name="Rows">That one answer holds: fewer where a row may be long.</param>
public sealed record AccountTable(string Name, string Order, int Rows = ServiceRoutes.MaxRows);
