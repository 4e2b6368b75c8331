using System.Text.RegularExpressions;

namespace Repository.Tests.Documentation;

/// <summary>
/// docs/source-coverage.md: for each sentence of the source document the tests that show it, the part of the plan that will, or the
/// departure. Nothing of the source is left out, and no test is named that is not there.
/// </summary>
public sealed partial class SourceCoverageTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "source-coverage.md");

    private static readonly IReadOnlyList<(string Sentence, string Standing)> Rows =
    [
        .. File.ReadLines(Page).Select(line => Row().Match(line)).Where(row => row.Success).Skip(1) // the table's head
            .Select(row => (row.Groups[1].Value, row.Groups[2].Value)),
    ];

    [Fact]
    public void Every_sentence_of_the_source_document_stands_there_in_its_order()
    {
        var source = Path.Combine(Repository.Root, "..", "shared", "design", "source-document.md");
        Assert.SkipUnless(File.Exists(source), "the source document (../shared/design) is not beside the project");
        var sentences = Sentences(File.ReadAllText(source));
        Assert.InRange(sentences.Count, 20, 60); // else the text was not taken apart as meant
        Assert.Equal(sentences, Rows.Select(row => row.Sentence));
    }

    [Fact]
    public void Every_sentence_has_a_test_a_part_of_the_plan_or_a_departure() =>
        Assert.All(Rows, row => Assert.True(TestName().IsMatch(row.Standing) || Reason().IsMatch(row.Standing), row.Sentence));

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var named = Rows.SelectMany(row => TestName().Matches(row.Standing)).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(named);
        Assert.Empty(named.Except(BuiltTests.Names));
    }

    [Fact]
    public void A_sentence_ends_where_the_next_begins()
    {
        const string text = """
            # Heading

            One [thing](https://example.org/a.b "a. B"), i.e. It. Two:
            <ul>
            <li>Three: a thing (created from x). It is held, <br>
               <li>  four. </li>
            </ul>
            > We say “five”.
            """;
        Assert.Equal(
            ["One thing, i.e. It.", "Two:", "Three: a thing (created from x).", "It is held,", "four.", "We say “five”."], Sentences(text));
    }

    private static IReadOnlyList<string> Sentences(string markdown) =>
        [.. Link().Replace(markdown, "$1").Split('\n')
            .Where(line => !line.StartsWith('#'))
            .SelectMany(line => SentenceEnd().Split(Tag().Replace(line, "").TrimStart('>', ' ')))
            .Select(sentence => Space().Replace(sentence, " ").Trim())
            .Where(sentence => sentence.Length > 0)];

    [GeneratedRegex(@"^\| (.+?) \| (.+) \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"`([A-Z]\w+\.[A-Z]\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"(^|\. )(Plan|Departure): \S")]
    private static partial Regex Reason();

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"(?<=\.)(?<!\bi\.e\.)\s+(?=[A-Z])")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
