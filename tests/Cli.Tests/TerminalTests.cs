using System.Text;
using System.Text.RegularExpressions;
using QRCoder;

namespace Keyladder.Cli.Tests;

/// <summary>What a person sees and types at a terminal.</summary>
public sealed partial class TerminalTests(OneAccount account) : IClassFixture<OneAccount>
{
    private readonly Story _story = account.Story;

    [Fact]
    public async Task A_typed_secret_is_not_shown_and_the_agent_outlives_the_terminal()
    {
        await using (var terminal = _story.AtTerminal("phone", $"unlock --server {_story["SERVER"]}"))
        {
            await terminal.ShowsAsync("Words or passphrase: ");
            await terminal.TypeAsync("x\u007f" + _story["WORDS"] + PseudoTerminal.Enter);
            Assert.Equal(0, await terminal.EndAsync());
            Assert.Contains("Unlocked.", terminal.Shown, StringComparison.Ordinal);
            Assert.All(TwoWords().Matches(_story["WORDS"]), pair => Assert.DoesNotContain(pair.Value, terminal.Shown, StringComparison.Ordinal));
        }

        await _story.TellAsync("""
            phone$ keyladder key list
            out photos
            phone$ keyladder lock
            """);
    }

    [Fact]
    public async Task Control_C_at_a_prompt_stops_the_command()
    {
        await using var terminal = _story.AtTerminal("tablet", $"unlock --server {_story["SERVER"]}");
        await terminal.ShowsAsync("Words or passphrase: ");
        await terminal.TypeAsync("legal winner" + PseudoTerminal.ControlC);

        Assert.Equal(130, await terminal.EndAsync());
        Assert.Contains("Stopped.", terminal.Shown, StringComparison.Ordinal);
        Assert.DoesNotContain("legal", terminal.Shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_but_yes_destroys_a_key()
    {
        await using var terminal = _story.AtTerminal("laptop", "key delete photos");
        await terminal.ShowsAsync("Type yes to go on: ");
        await terminal.TypeAsync("y" + PseudoTerminal.Enter);

        Assert.Equal(6, await terminal.EndAsync());
        await _story.TellAsync("laptop$ keyladder key show photos");
    }

    [Fact]
    public async Task The_kit_shows_address_and_words_as_text_and_as_a_QR_code()
    {
        await using var terminal = _story.AtTerminal("desk", $"sign-up --server {_story["SERVER"]}");
        await terminal.ShowsAsync("press Enter to go on");
        await terminal.TypeAsync(PseudoTerminal.Enter);
        Assert.Equal(0, await terminal.EndAsync());
        await _story.TellAsync("desk$ keyladder lock");

        Assert.Contains("not shown again", terminal.Shown, StringComparison.Ordinal);
        var words = WordsOfTheKit().Match(terminal.Shown).Groups[1].Value;
        Assert.Equal(12, words.Split(' ').Length);
        using var code = QRCodeGenerator.GenerateQrCode(Encoding.UTF8.GetBytes($"{_story["SERVER"]}\n{words}"), QRCodeGenerator.ECCLevel.M);
        var modules = code.ModuleMatrix.Select(row => row.Cast<bool>().ToArray()).ToList();
        // Two rows of modules to a line of characters; light is drawn, and below the last row it is light.
        var drawn = HalfBlocks().Matches(terminal.Shown).SelectMany(line => new[]
        {
            line.Groups[1].Value.Select(c => c is not ('█' or '▀')).ToArray(),
            line.Groups[1].Value.Select(c => c is not ('█' or '▄')).ToArray(),
        }).ToList();
        Assert.Equal(modules, drawn.Take(modules.Count));
        Assert.Equal((modules.Count + 1) / 2 * 2, drawn.Count);
    }

    [Fact]
    public async Task Long_work_shows_a_bar_on_a_terminal_and_nothing_in_a_pipe()
    {
        await File.WriteAllBytesAsync(_story.PathOf("film"), new byte[8_000_000], TestContext.Current.CancellationToken);
        await using (var terminal = _story.AtTerminal("laptop", "encrypt film -o film.kl"))
        {
            Assert.Equal(0, await terminal.EndAsync());
            Assert.Matches("Encrypting.*%", terminal.Shown);
        }

        // Standard output may be a pipe all the same.
        await using (var terminal = _story.AtTerminal("laptop", "decrypt film.kl > film.back"))
        {
            Assert.Equal(0, await terminal.EndAsync());
            Assert.Matches("Decrypting.*%", terminal.Shown);
        }

        await _story.TellAsync("""
            same film film.back
            laptop$ keyladder encrypt film -o again.kl
            silent .
            """);
    }

    [Fact]
    public async Task Control_C_while_a_file_is_sealed_leaves_nothing_of_it()
    {
        // Holes: no room on the disk, and more than any machine seals before somebody types.
        await using (var film = File.Create(_story.PathOf("long-film")))
            film.SetLength(16L << 30);
        await using var terminal = _story.AtTerminal("laptop", "encrypt long-film -o long-film.kl");
        await terminal.ShowsAsync("Encrypting");
        await terminal.UntilAsync(() => Results("long-film.kl").Length == 1, "a partial file");
        await terminal.TypeAsync(PseudoTerminal.ControlC);

        Assert.Equal(130, await terminal.EndAsync());
        Assert.Contains("Stopped.", terminal.Shown, StringComparison.Ordinal);
        Assert.Empty(Results("long-film.kl"));
    }

    [Fact]
    public async Task Control_C_while_the_content_is_typed_leaves_nothing_of_it()
    {
        await using var terminal = _story.AtTerminal("laptop", "encrypt - -o typed.kl");
        await terminal.UntilAsync(() => Results("typed.kl").Length == 1, "a partial file");
        await terminal.TypeAsync("Meet me" + PseudoTerminal.Enter);
        await terminal.ShowsAsync("Meet me");
        await terminal.TypeAsync(PseudoTerminal.ControlC);

        Assert.Equal(130, await terminal.EndAsync());
        Assert.Empty(Results("typed.kl"));
    }

    [Fact]
    public async Task What_is_binary_does_not_go_to_a_terminal_unasked()
    {
        await using var terminal = _story.AtTerminal("laptop", "encrypt kit.txt");
        Assert.Equal(2, await terminal.EndAsync());
        Assert.Contains("--output", terminal.Shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_for_nothing_says_what_to_give()
    {
        await using var terminal = _story.AtTerminal("laptop", "item search ''");
        Assert.Equal(2, await terminal.EndAsync());
        Assert.Contains("Give part of a name", terminal.Shown, StringComparison.Ordinal);
    }

    private string[] Results(string name) => Directory.GetFiles(_story.Folder, name + "*");

    /// <summary>Two words at a time: one alone may well stand in a sentence of ours.</summary>
    [GeneratedRegex(@"\w+ \w+")]
    private static partial Regex TwoWords();

    [GeneratedRegex(@"Words: +([a-z ]+)\r")]
    private static partial Regex WordsOfTheKit();

    [GeneratedRegex(@"^  ([█▀▄ ]{21,})\r$", RegexOptions.Multiline)]
    private static partial Regex HalfBlocks();
}
