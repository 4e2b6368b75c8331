using System.Text.RegularExpressions;

namespace Repository.Tests.Documentation;

/// <summary>Links of the Markdown pages to files and headings of this repository lead somewhere.</summary>
public sealed partial class LinksTests
{
    public static TheoryData<string> Pages => [.. Repository.Files("*.md").Select(path => Path.GetRelativePath(Repository.Root, path))];

    [Theory, MemberData(nameof(Pages))]
    public void Every_link_within_the_repository_leads_somewhere(string page)
    {
        var path = Path.Combine(Repository.Root, page);
        var links = Link().Matches(InlineCode().Replace(WithoutBlocks(path), "")).Select(match => match.Groups[1].Value);
        Assert.DoesNotContain(links, link => !External().IsMatch(link) && !LeadsSomewhere(path, link));
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_noticed()
    {
        var readme = Path.Combine(Repository.Root, "README.md");
        Assert.True(LeadsSomewhere(readme, "docs/spec/heads.md"));
        Assert.True(LeadsSomewhere(readme, "docs/spec/heads.md#5-what-a-client-checks"));
        Assert.False(LeadsSomewhere(readme, "docs/spec/heads.md#6-what-nobody-wrote"));
        Assert.False(LeadsSomewhere(readme, "docs/spec/tails.md"));
    }

    private static bool LeadsSomewhere(string page, string link)
    {
        var parts = link.Split('#', 2);
        var target = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, Uri.UnescapeDataString(parts[0]));
        return parts.Length == 1
            ? Path.Exists(target)
            : File.Exists(target) && Heading().Matches(WithoutBlocks(target)).Any(heading => Anchor(heading.Groups[1].Value) == parts[1]);
    }

    // As the usual renderers make it: lower case, punctuation gone, a hyphen for each space.
    private static string Anchor(string heading) => NotInAnchor().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    private static string WithoutBlocks(string page) => CodeBlock().Replace(File.ReadAllText(page), "");

    [GeneratedRegex("^```.*?^```$|^    .*?$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"`[^`\n]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\]\(([^)\s]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex("^[a-z]+:")]
    private static partial Regex External();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
