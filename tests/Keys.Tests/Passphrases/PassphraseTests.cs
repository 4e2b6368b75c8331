using System.Globalization;
using System.Text;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Keys.Tests.Passphrases;

/// <summary>Attack E13: one person, several keyboards and systems, one key.</summary>
public sealed class PassphraseTests
{
    [Theory]
    [InlineData("Zürich im Mai", "Zu\u0308rich im Mai")]
    [InlineData("the ﬁrst office", "the first office")]
    [InlineData("correct horse battery", "  correct horse battery ")]
    [InlineData("correct horse battery", "correct\u00a0horse\u2003battery\u3000")]
    [InlineData("Ｐａｓｓｗｏｒｄ", "Password")]
    [InlineData("가나다라마바사아", "\u1100\u1161\u1102\u1161\u1103\u1161\u1105\u1161\u1106\u1161\u1107\u1161\u1109\u1161\u110b\u1161")]
    public void E13_what_looks_the_same_gives_the_same_canonical_form(string one, string other) => Assert.Equal(Canonical(one), Canonical(other));

    [Theory]
    [InlineData("correct horse", "Correct horse")]
    [InlineData("correct horse", "correct  horse")]
    [InlineData("correct horse", "correct horse.")]
    public void E13_what_was_typed_differently_stays_different(string one, string other) => Assert.NotEqual(Canonical(one), Canonical(other));

    [Fact]
    public void E13_a_long_passphrase_is_used_to_its_last_character()
    {
        var text = string.Concat(Enumerable.Repeat("a b", 341)) + "x"; // 1,024 code points
        Assert.Equal(1024, Canonical(text).Length);
        Assert.NotEqual(Canonical(text), Canonical(text[..^1] + "y"));
        Assert.Equal(UnlockSecretFault.TooLong, Refused(text + "z").Fault);
        Assert.Equal(UnlockSecretFault.TooLong, Refused(new string('x', 1_000_000)).Fault);
    }

    [Fact]
    public void Length_counts_code_points_of_the_canonical_form()
    {
        Assert.Equal(UnlockSecretFault.TooShort, Refused("1234567").Fault);
        Assert.Equal(UnlockSecretFault.TooShort, Refused("  1234567  ").Fault);
        Assert.Equal(UnlockSecretFault.TooShort, Refused("😀😀😀😀😀😀😀").Fault);
        Assert.Equal(UnlockSecretFault.TooShort, Refused("").Fault);
        Assert.Equal(8, Encoding.UTF8.GetString(Canonical("ﬀﬀﬀﬀ")).Length);
        Assert.Equal(32, Canonical("😀😀😀😀😀😀😀😀").Length);
    }

    [Theory]
    [InlineData("correct\0horse", UnlockSecretFault.ControlCharacter, 8)]
    [InlineData("correct\thorse", UnlockSecretFault.ControlCharacter, 8)]
    [InlineData("correct horse\n", UnlockSecretFault.ControlCharacter, 14)]
    [InlineData("correct\u0085horse", UnlockSecretFault.ControlCharacter, 8)]
    [InlineData("correct \u0378 horse", UnlockSecretFault.UnsettledCharacter, 9)]
    [InlineData("correct \uffff horse", UnlockSecretFault.UnsettledCharacter, 9)]
    [InlineData("correct \U000e0080 horse", UnlockSecretFault.UnsettledCharacter, 9)]
    [InlineData("correct \U0001ccd6 horse", UnlockSecretFault.UnsettledCharacter, 9)]
    [InlineData("correct \U0001e030 horse", UnlockSecretFault.UnsettledCharacter, 9)]
    [InlineData("correct \ua7f2 horse", UnlockSecretFault.UnsettledCharacter, 9)]
    public void E13_what_could_come_out_different_elsewhere_is_refused_by_its_position(string typed, UnlockSecretFault fault, int position)
    {
        var error = Refused(typed);
        Assert.Equal((fault, position), (error.Fault, error.Position));
    }

    [Fact]
    public void E13_half_of_a_surrogate_pair_is_refused_by_its_position()
    {
        // Not as data of the theory above: metadata is UTF-8 and cannot hold them.
        (string Typed, int Position)[] cases =
            [("correct \ud83d horse", 9), ("correct \ude00 horse", 9), ("😀 correct \ude00\ud83d", 11), ("correct horse \ud83d", 15)];
        Assert.All(cases, one => Assert.Equal((UnlockSecretFault.LoneSurrogate, one.Position), (Refused(one.Typed).Fault, Refused(one.Typed).Position)));
    }

    [Fact]
    public void Emoji_and_ideographs_are_welcome_however_new() => Assert.Equal(8 * 4, Canonical("🥰🫠🫨🥰🫠🫨\U0001fae9\U0002ebf0").Length);

    [Theory]
    [InlineData("one two three four five six seven eight nine ten eleven twelve")]
    [InlineData(" One two three four five six seven eight nine ten eleven twelve ")]
    [InlineData("ｏｎｅ two three four five six seven eight nine ten eleven twelve")]
    [InlineData("one\u3000two three four five six seven eight nine ten eleven twelve")]
    public void What_has_the_shape_of_words_before_or_after_normalization_is_no_passphrase(string typed) =>
        Assert.Equal(UnlockSecretFault.ShapeOfWords, Refused(typed).Fault);

    [Fact]
    public void This_system_normalizes()
    {
        Assert.True(Normalizer.IsAvailable);
        Assert.Equal("fi", new string(Normalizer.Normalize("\uFB01")));
        Assert.Equal(18, Normalizer.Normalize("\uFDFA").Length);
    }

    [Fact]
    public void Every_accepted_code_point_has_a_normal_form_that_stays_as_it_is()
    {
        for (var codePoint = 0x20; codePoint < 0x110000; codePoint++)
        {
            if (codePoint is >= 0xD800 and < 0xE000 || !Normalizer.IsSettled(codePoint))
                continue;
            var normal = Normalizer.Normalize(char.ConvertFromUtf32(codePoint));
            Assert.True(normal.AsSpan().SequenceEqual(Normalizer.Normalize(normal)), $"U+{codePoint:X4} changes twice.");
            foreach (var rune in normal.AsSpan().EnumerateRunes())
                Assert.True(Normalizer.IsSettled(rune.Value), $"U+{codePoint:X4} becomes unsettled.");
        }
    }

    [Fact]
    public void The_list_of_unsettled_code_points_was_made_for_this_version_of_the_runtimes_tables()
    {
        var assigned = Enumerable.Range(0, 0x110000).Count(c => c is < 0xD800 or >= 0xE000 && CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.OtherNotAssigned);

        // Unicode 16.0. If this fails, the runtime knows more characters: those among them that take part in normalization belong on Normalizer's list.
        Assert.Equal(292_531, assigned);
    }

    private static byte[] Canonical(string typed)
    {
        Assert.True(Passphrase.TryParse(typed, out var passphrase, out var error), error?.ToString());
        using (passphrase)
        using (var password = passphrase.ToPassword())
            return password.DangerousSpan.ToArray();
    }

    private static UnlockSecretError Refused(string typed)
    {
        Assert.False(Passphrase.TryParse(typed, out _, out var error));
        return error;
    }
}
