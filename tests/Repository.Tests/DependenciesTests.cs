using System.Text.Json;
using System.Text.RegularExpressions;

namespace Repository.Tests;

/// <summary>Decision 1 holds the packages that ship, those that others bring along included.</summary>
public sealed partial class DependenciesTests
{
    [Fact]
    public void Every_package_that_ships_stands_in_the_table_with_reason_and_licence()
    {
        var listed = File.ReadLines(Path.Combine(Repository.Root, "docs", "decisions", "0001-dependencies.md"))
            .Select(line => Row().Match(line))
            .Where(row => row.Success)
            .SelectMany(row => row.Groups[1].Value.Split(", with "))
            .ToList();
        var resolved = Repository.Files("packages.lock.json", "src").SelectMany(PackagesIn).ToHashSet();

        Assert.Contains("libsodium", resolved); // else this would be a list of something else
        // A family that is listed by its common name, such as SQLitePCLRaw, stands for its parts.
        Assert.DoesNotContain(resolved, package => !listed.Exists(name =>
            package.Equals(name, StringComparison.OrdinalIgnoreCase) || package.StartsWith(name + ".", StringComparison.OrdinalIgnoreCase)));
    }

    private static IEnumerable<string> PackagesIn(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        return
        [
            .. json.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(framework => framework.Value.EnumerateObject())
                .Where(package => package.Value.GetProperty("type").GetString() != "Project")
                .Select(package => package.Name),
        ];
    }

    [GeneratedRegex(@"^\| ([^|]+) \| [^|]+ \| [^|]{5,} \| [^|]{3,} \|$")]
    private static partial Regex Row();
}
