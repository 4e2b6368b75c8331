using System.Text.RegularExpressions;

namespace Repository.Tests.Documentation;

/// <summary>
/// docs/attack-coverage.md: for each row of the attack table the tests that carry its number, or why there is none. No test is named that is
/// not there, and none with a number is left out.
/// </summary>
public sealed partial class AttackCoverageTests
{
    private static readonly string Docs = Path.Combine(Repository.Root, "docs");

    private static readonly IReadOnlyList<(string Number, string Standing)> Rows =
        [.. File.ReadLines(Path.Combine(Docs, "attack-coverage.md")).Select(line => Row().Match(line)).Where(row => row.Success)
            .Select(row => (row.Groups[1].Value, row.Groups[2].Value))];

    [Fact]
    public void Every_row_of_the_attack_table_stands_there_in_its_order()
    {
        var table = Path.Combine(Repository.Root, "..", "shared", "design", "attacks.md");
        Assert.SkipUnless(File.Exists(table), "the attack table (../shared/design) is not beside the project");
        Assert.Equal(File.ReadLines(table).Select(line => Row().Match(line)).Where(row => row.Success).Select(row => row.Groups[1].Value), Rows.Select(row => row.Number));
    }

    [Fact]
    public void Each_row_names_the_tests_that_carry_its_number_and_no_others()
    {
        var carried = BuiltTests.Names.SelectMany(test => NumbersOf(test), (test, number) => $"{number} {test}").Order(StringComparer.Ordinal).ToList();
        var named = Rows.SelectMany(row => TestName().Matches(row.Standing), (row, test) => $"{row.Number} {test.Groups[1].Value}").Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(carried);
        Assert.True(carried.SequenceEqual(named), $"To enter:\n{string.Join('\n', carried.Except(named))}\nTo take out:\n{string.Join('\n', named.Except(carried))}");
    }

    [Fact]
    public void A_row_without_a_test_is_out_of_scope_or_waits_for_something() =>
        Assert.All(Rows, row => Assert.True(TestName().IsMatch(row.Standing) || Reason().IsMatch(row.Standing), row.Number));

    [Fact]
    public void What_is_out_of_scope_is_what_the_threat_model_says()
    {
        var model = File.ReadAllText(Path.Combine(Docs, "threat-model.md"));
        var table = model[model.IndexOf("that are out of scope", StringComparison.Ordinal)..];
        var cells = table.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Split('|')[1]);
        Assert.Equal(
            cells.SelectMany(cell => Number().Matches(cell)).Select(number => number.Value).Order(StringComparer.Ordinal),
            Rows.Where(row => row.Standing.Contains("Out of scope", StringComparison.Ordinal)).Select(row => row.Number).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_numbers_of_a_test_stand_before_its_sentence()
    {
        Assert.Equal(["B16", "C07"], NumbersOf("EnvelopeTests.B16_C07_every_cut_is_refused_after_A01"));
        Assert.Empty(NumbersOf("EnvelopeTests.Every_cut_is_refused"));
    }

    private static IEnumerable<string> NumbersOf(string test) => Prefix().Match(test) is { Success: true } prefix ? Number().Matches(prefix.Value).Select(number => number.Value) : [];

    [GeneratedRegex(@"^\| ([A-J]\d\d) \| (.+) \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"`([A-Z]\w+\.[A-Z]\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"Out of scope|Waits for")]
    private static partial Regex Reason();

    [GeneratedRegex(@"(?<=\.)([A-J]\d\d_)+")]
    private static partial Regex Prefix();

    [GeneratedRegex(@"[A-J]\d\d")]
    private static partial Regex Number();
}
