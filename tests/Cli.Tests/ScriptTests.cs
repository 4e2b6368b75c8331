namespace Keyladder.Cli.Tests;

/// <summary>The stories in Scripts/, each against a service of its own.</summary>
public class ScriptTests
{
    public static TheoryData<string> Stories => [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Scripts")).Select(path => Path.GetFileName(path)).Order()];

    [Theory, MemberData(nameof(Stories))]
    public async Task The_story_goes_as_it_is_told(string story)
    {
        await using var told = await Story.BeginAsync();
        await told.RunAsync(Path.Combine(AppContext.BaseDirectory, "Scripts", story));
    }

    [Fact]
    public void Every_script_is_there() => Assert.True(Stories.Count >= 5);
}
