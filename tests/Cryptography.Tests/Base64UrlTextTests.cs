using CsCheck;

namespace Keyladder.Cryptography.Tests;

public sealed class Base64UrlTextTests
{
    [Fact]
    public void Bytes_survive_the_text() => Gen.Byte.Array[0, 100].Sample(bytes =>
        Base64UrlText.TryDecode(Base64UrlText.Encode(bytes), out var read) && read.AsSpan().SequenceEqual(bytes));

    [Fact]
    public void B15_a_text_that_is_accepted_is_the_only_one_of_its_bytes() => Gen.Char["AZaz09-_+/= \n"].Array[0, 12].Sample(characters =>
    {
        var text = new string(characters);
        return !Base64UrlText.TryDecode(text, out var bytes) || Base64UrlText.Encode(bytes) == text;
    });

    [Theory]
    [InlineData("", "")]
    [InlineData("_-8", "ffef")]
    public void The_alphabet_is_that_of_URLs(string text, string hex)
    {
        Assert.True(Base64UrlText.TryDecode(text, out var bytes));
        Assert.Equal(hex, Convert.ToHexStringLower(bytes));
    }

    [Theory]
    [InlineData("AA==")] // padding
    [InlineData("AAA=")]
    [InlineData("AAA=AAAA")]
    [InlineData("AA AA")] // white space
    [InlineData("AAAA\n")]
    [InlineData(" AAAA")]
    [InlineData("AA\tAA")]
    [InlineData("+A")] // the other alphabet
    [InlineData("/A")]
    [InlineData("AB")] // trailing bits
    [InlineData("AAB")]
    [InlineData("A")] // impossible length
    [InlineData("AAAAA")]
    [InlineData("ÄAAA")]
    public void Everything_else_is_refused(string text)
    {
        Assert.False(Base64UrlText.TryDecode(text, out var bytes));
        Assert.Null(bytes);
    }
}
