using System.CommandLine;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Keyladder.Cli.Commands;

namespace Keyladder.Cli.Tests;

/// <summary>keyladder(1), as the tools show it that people read it with.</summary>
public sealed partial class ManPageTests
{
    [Theory]
    [InlineData("man", "-l -")]
    [InlineData("groff", "-man -Tutf8 -ww")]
    [InlineData("mandoc", "-Tutf8 -Wwarning")]
    public async Task It_renders_without_a_complaint_and_shows_every_command_option_file_and_exit_code(string program, string arguments)
    {
        Assert.SkipUnless(CompletionTests.IsInstalled(program), $"{program} is not installed here.");
        var (text, complaints) = await RenderAsync(program, arguments);
        Assert.Equal("", complaints);
        Assert.NotEmpty(text);
        var root = CommandLine.Create();
        foreach (var leaf in Leaves(root, ""))
            Assert.Contains(leaf.Path, text, StringComparison.Ordinal);
        foreach (var option in Leaves(root, "").SelectMany(leaf => leaf.Command.Options).Concat(root.Options).Where(option => option.Name != "--version"))
        {
            Assert.Contains(option.Name, text, StringComparison.Ordinal);
            Assert.Contains(string.Concat(Spaces().Replace(option.Description!, "").Take(12)), Spaces().Replace(text, ""), StringComparison.Ordinal);
        }

        Assert.All(["KEYLADDER_PROFILE", "profile.json", "secret-key", "device-keyring", "EXIT STATUS", "130", "stopped by you"], part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.DoesNotContain("complete-keys", text, StringComparison.Ordinal);
    }

    [Fact]
    public void It_explains_exit_codes_as_the_guide_does()
    {
        var guide = Row().Matches(File.ReadAllText(Guide())).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}");
        Assert.Equal(guide, ManPage.ExitCodes.Select(entry => $"{(int)entry.Key} {entry.Value}"));
    }

    private static async Task<(string Text, string Complaints)> RenderAsync(string program, string arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["MANWIDTH"], start.Environment["LC_ALL"], start.Environment["MANROFFOPT"]) = ("200", "C.UTF-8", "-c");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(ManPage.Of(CommandLine.Create()));
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (Formatting().Replace(await output, ""), await errors);
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(Command command, string path) => command.Subcommands.Where(child => !child.Hidden).SelectMany(child =>
        child.Subcommands.Count == 0 ? [($"{path}{child.Name}", child)] : Leaves(child, $"{path}{child.Name} "));

    private static string Guide([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "guide", "cli.md");

    /// <summary>Bold and underlined: struck twice, or by a terminal's escapes.</summary>
    [GeneratedRegex(@".\x08|\x1B\[[0-9;]*m")]
    private static partial Regex Formatting();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^\| (\d+) \| (.*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
