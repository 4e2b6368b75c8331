using System.Xml.Linq;

namespace Repository.Tests;

/// <summary>How files lie and look.</summary>
public sealed class FilesTests
{
    [Fact]
    public void No_file_of_ours_is_longer_than_500_lines()
    {
        var files = Repository.Files("*.cs", "src", "tests", "bench", "fuzz", "samples", "soak", "tools");
        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, path => File.ReadLines(path).Count() > 500);
    }

    [Fact]
    public void Every_project_is_part_of_the_solution()
    {
        var solution = XDocument.Load(Path.Combine(Repository.Root, "Keyladder.slnx")).Descendants("Project")
            .Select(project => project.Attribute("Path")!.Value);
        Assert.Equal(Repository.Projects.Select(path => Path.GetRelativePath(Repository.Root, path)).Order(), solution.Order());
    }

    [Fact]
    public void Every_project_locks_its_packages() =>
        Assert.DoesNotContain(Repository.Projects, path => !File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "packages.lock.json")));

    [Theory, InlineData("test"), InlineData("demo"), InlineData(".ci/run"), InlineData("tests/runner/with-postgres")]
    public void What_is_called_can_be_called(string command)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows keeps no such bit");
        else
            Assert.True(File.GetUnixFileMode(Path.Combine(Repository.Root, command)).HasFlag(UnixFileMode.UserExecute), command);
    }
}
