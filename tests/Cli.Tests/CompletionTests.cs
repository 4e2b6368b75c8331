using System.CommandLine;
using System.Text.RegularExpressions;
using Keyladder.Cli.Commands;

namespace Keyladder.Cli.Tests;

/// <summary>Tab in real shells, at a terminal.</summary>
public sealed partial class CompletionTests(OneAccount account) : IClassFixture<OneAccount>
{
    private static readonly (string Typed, string Completed)[] Lines =
    [
        ("keyladder unlock-m", "keyladder unlock-method"),
        ("keyladder key chan", "keyladder key change"),
        ("keyladder --profile x key chan", "keyladder --profile x key change"),
        ("keyladder key generate pers", "keyladder key generate personal"),
        ("keyladder key change x --sta", "keyladder key change x --state"),
        ("keyladder key change x --state deac", "keyladder key change x --state deactivated"),
        ("keyladder encrypt kit.t", "keyladder encrypt kit.txt"),
        ("keyladder encrypt --key phot", "keyladder encrypt --key photos"),
        ("keyladder key show phot", "keyladder key show photos"),
        // Nothing to offer where another profile, which is locked, is asked, and for what is no key.
        ("keyladder --profile x key show phot", "keyladder --profile x key show phot"),
        ("keyladder key generate --label phot", "keyladder key generate --label phot"),
        ("keyladder agen", "keyladder agen"),
    ];

    [Theory]
    [InlineData("bash", "bash --norc --noprofile -i", "PS1='> '; set +H; bind 'set enable-bracketed-paste off'")]
    [InlineData("zsh", "zsh -f -i", "PS1='> '; autoload -Uz compinit; compinit -u -D; setopt no_list_beep")]
    public async Task A_shell_completes_commands_options_values_files_and_keys(string shell, string program, string setUp)
    {
        Assert.SkipUnless(IsInstalled(shell), $"{shell} is not installed here.");
        await using var terminal = PseudoTerminal.Of(account.Story.Folder, "laptop", program);
        await terminal.TypeAsync($"{setUp}; source <(keyladder completion {shell}); echo rea''dy{PseudoTerminal.Enter}");
        await terminal.ShowsAsync("ready");
        foreach (var (typed, completed) in Lines)
        {
            // The line is printed as it stands after Tab, between marks that a redraw of the line cannot make. Tab offers no labels where the machine is so
            // busy that the second for which a shell is kept waiting is over; a person presses it again.
            var shown = "";
            for (var tries = 0; tries < 5 && !IsCompleted(); tries++)
            {
                var before = terminal.Shown.Length;
                await terminal.TypeAsync($"{typed}\t\u0001echo \"m''<\u0005>\" | tr -d \\'{PseudoTerminal.Enter}");
                await terminal.UntilAsync(() => PrintedLine().IsMatch(terminal.Shown[before..]), typed);
                shown = PrintedLine().Match(terminal.Shown[before..]).Groups[1].Value;
            }

            Assert.True(IsCompleted(), $"{typed} became {shown} instead of {completed}.");

            // zsh takes its space back when something else follows.
            bool IsCompleted() => shown.TrimEnd() == completed;
        }

        await terminal.TypeAsync($"exit{PseudoTerminal.Enter}");
    }

    [Fact]
    public void Every_command_and_option_stands_in_the_script()
    {
        var script = CompletionScript.Of(CommandLine.Create(), "bash");
        foreach (var (path, command) in All(CommandLine.Create(), ""))
        {
            var line = Assert.Single(script.Split('\n'), line => line.StartsWith($"        '{path}') ", StringComparison.Ordinal));
            var words = line.Split(' ', '\'', '(', ')').ToHashSet();
            Assert.Superset((HashSet<string>)[.. command.Options.SelectMany(CompletionScript.Names), "--json", "--profile", "--help"], words);
            Assert.Superset((HashSet<string>)[.. command.Subcommands.Where(child => !child.Hidden).Select(child => child.Name)], words);
        }

        Assert.DoesNotContain("agent", script, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Path, Command Command)> All(Command command, string path) => command.Subcommands.Where(child => !child.Hidden)
        .SelectMany(child => All(child, $"{path} {child.Name}")).Prepend((path, command));

    [GeneratedRegex("m<(keyladder[^>]*)>")]
    private static partial Regex PrintedLine();

    public static bool IsInstalled(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
