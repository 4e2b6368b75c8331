using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Tests;

/// <summary>What others wrote does nothing to the terminal but stand there.</summary>
public class PrintableTests
{
    [Theory]
    [InlineData("\u001b[2J", "\uFFFD[2J")]
    [InlineData("a\u202Eb\u2066c", "a\uFFFDb\uFFFDc")] // bidirectional controls
    [InlineData("a\U000E0041b\U000E007F", "a\uFFFDb\uFFFD")] // tags
    [InlineData("a\U000E0002b\U000E0100", "a\uFFFDb\uFFFD")] // not assigned among the tags; a variation selector
    [InlineData("a\U0001D173b", "a\uFFFDb")] // a format character for musical notation
    [InlineData("a\u2028b", "a\uFFFDb")]
    public void What_moves_the_cursor_turns_text_or_hides_is_replaced(string text, string shown) => Assert.Equal(shown, Screen.Printable(text));

    [Theory]
    [InlineData("Grüße, 写真 \U0001F4F7")]
    [InlineData("two\nlines")]
    public void Everything_else_stays(string text) => Assert.Equal(text, Screen.Printable(text));

    [Fact]
    public void Half_a_character_is_replaced() => Assert.Equal("a\uFFFD", Screen.Printable("a" + '\uD83D'));
}
