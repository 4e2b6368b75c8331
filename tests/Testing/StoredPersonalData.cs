using System.Globalization;
using System.Text.RegularExpressions;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Testing;

/// <summary>What docs/threat-model.md lists, column by column, held against a database.</summary>
public static partial class StoredPersonalData
{
    private const string AtVault = "\nAt a Vault:\n";
    private const string AtStore = "\nAt a Passphrase Store:\n";
    private const string Store = "passphrase-store";
    private const long Minute = 60_000;
    private const long Hour = 3_600_000;

    private static readonly Dictionary<string, Predicate<string>> Shapes = new()
    {
        ["id"] = value => Guid.TryParseExact(value, "D", out var id) && id.Version == 4 && id.ToString() == value,
        ["count"] = value => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count < 1_000_000_000, // no moment
        ["hour"] = value => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var moment) && moment % Hour == 0,
        ["day"] = value => DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        ["word"] = value => Word().IsMatch(value),
        ["32 bytes"] = value => IsBytes(value) && value.Length == 64,
        ["minute"] = value => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var moment) && moment % Minute == 0,
        ["at rest"] = value => IsBytes(value) && value.Length > 4 && value[2..4] == "01", // generation, envelope
        ["origin"] = value => Keyladder.Cryptography.Signing.Origin.TryParse(value, out _),
        ["subject"] = value => Subject().IsMatch(value),
        ["16 bytes"] = value => IsBytes(value) && value.Length == 32,
        ["moment"] = value => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _),
        ["path"] = value => value.Length == 0 || Hex().IsMatch(value),
        ["tree"] = value => IsBytes(value),
        ["sealed"] = value => IsBytes(value) && value.StartsWith("01", StringComparison.Ordinal) && value.Length is 2 * 201 or 2 * 585,
        ["letter"] = value => IsBytes(value),
        ["envelope"] = value => IsBytes(value) && value.StartsWith("01", StringComparison.Ordinal),
        ["head"] = value => KeystoreHead.TryRead(value, out _) || VaultHead.TryRead(value, out _),
    };

    /// <param name="document">Has a table for the Keystore, and after the lines "At a Vault:" and "At a Passphrase Store:" one for each of these.</param>
    /// <returns>Each column or value that the document does not list, and each column that it lists and that is not there; in words.</returns>
    public static async Task<IReadOnlyList<string>> UnlistedAsync(TestDatabase database, string document, bool isVault = false)
    {
        var listed = Read(document, isVault, database.Service == Store);
        var tables = await database.TablesAsync();
        var findings = listed.Keys.Except(tables.Select(table => table.Table)).Select(table => $"{table}: listed, and not there").ToList();
        foreach (var (table, columns, rows) in tables)
        {
            var shapes = listed.GetValueOrDefault(table) ?? [];
            findings.AddRange(shapes.Keys.Except(columns).Select(column => $"{table}.{column}: listed, and not there"));
            foreach (var (index, column) in columns.Index())
            {
                if (!shapes.TryGetValue(column, out var shape))
                    findings.Add($"{table}.{column}: not listed");
                else if (rows.Select(row => row[index]).FirstOrDefault(value => value.Length > 0 && !Shapes[shape](value)) is { } other)
                    findings.Add($"{table}.{column}: {other} is no {shape}");
            }
        }

        return findings;
    }

    /// <returns>The columns that the document gives one of these shapes, as table.column.</returns>
    public static IReadOnlySet<string> ColumnsOf(string document, string service, params string[] shapes) => Read(document, service == "vault", service == Store)
        .SelectMany(table => table.Value.Where(column => shapes.Contains(column.Value)).Select(column => $"{table.Key}.{column.Key}")).ToHashSet();

    private static Dictionary<string, Dictionary<string, string>> Read(string document, bool isVault, bool isStore) => Row().Matches(document.Split([AtVault, AtStore], 3, default)[isStore ? 2 : isVault ? 1 : 0]).ToDictionary(
        row => row.Groups[1].Value,
        row => Column().Matches(row.Groups[2].Value).ToDictionary(column => column.Groups[1].Value, column => column.Groups[2].Value));

    private static bool IsBytes(string value) => Hex().IsMatch(value) && value.Length % 2 == 0;

    [GeneratedRegex(@"^\| `([a-z_]+)` \| ((?:`[a-z_]+` [a-z0-9 ]+(?:, )?)+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([a-z_]+)` ([a-z0-9 ]+)")]
    private static partial Regex Column();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.-]{0,79}\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"^(username/[0-9a-f]{64}|(record|device)/[0-9a-f-]{36})\z")]
    private static partial Regex Subject();

    [GeneratedRegex(@"^[0-9a-f]+\z")]
    private static partial Regex Hex();
}
