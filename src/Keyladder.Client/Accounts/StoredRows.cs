namespace Keyladder.Client;

/// <summary>Rows that the service keeps of the account, as it tells them: nothing of them is verified.</summary>
/// <param name="Table">The table they lie in.</param>
/// <param name="Rows">Column by column: text as it is, integers as digits, bytes as base64url; a column that is absent is null.</param>
public sealed record StoredRows(string Table, IReadOnlyList<IReadOnlyDictionary<string, string>> Rows);
