using System.Globalization;
using System.Text;
using CsCheck;
using Keyladder.Cryptography;
using Keyladder.Keys.Vault;

namespace Keyladder.Keys.Tests.Vault;

/// <summary>docs/spec/vault.md section 2: what an attribute may say. The values of each type, one by one, are in the vectors.</summary>
public sealed class ItemAttributeTests
{
    private static readonly string[] Types =
    [
        AttributeType.Text, AttributeType.Number, AttributeType.Date, AttributeType.Boolean, AttributeType.Json, AttributeType.Binary,
        "image/png", "org.example.secret", "Text", "attachment", "phone", "", "a_b.c", " text", "text/",
    ];

    /// <summary>Parts that values of every type are made of, in an order that is sometimes right.</summary>
    private static readonly string[] Parts = ["0", "1", "-", "+", ".", "e", "E5", "2026-02-28", "2026-02-29", "true", "false", " ", "\n", "{", "}", "[", "]", "\"a\"", ":", ",", "\"\\ud800\"", "null", "é", "\0"];

    private static readonly Gen<string> Names = Gen.OneOf(Gen.String[0, 10], Gen.Const("é").Array[120, 135].Select(string.Concat), Gen.Const("x").Array[250, 260].Select(string.Concat));
    private static readonly Gen<byte[]> Values = Gen.OneOf(
        Gen.Byte.Array[0, 12], Gen.Int[0, Parts.Length - 1].Array[0, 5].Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => Parts[part])))));

    [Fact]
    public void What_may_be_written_is_read_again_and_nothing_else_is_read() =>
        Gen.Select(Names, Gen.Int[0, Types.Length - 1], Values).Sample((name, type, value) =>
        {
            ItemAttribute? made = null;
            try
            {
                made = ItemAttribute.Create(name, Types[type], value);
            }
            catch (ArgumentException)
            {
                // Then no reader may take it either, where it can be written down at all.
            }

            var whole = name.EnumerateRunes().SequenceEqual(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)).EnumerateRunes()) && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)) == name;
            if (!whole)
            {
                Assert.Null(made);
                return;
            }

            Assert.Equal(made is not null, ItemAttribute.TryDecode(Fields.Encode(name, Types[type], value), out var read));
            if (made is null)
                return;
            Assert.Equal((name, Types[type]), (read!.Name, read.Type));
            Assert.Equal(value, read.Value.ToArray());
            Assert.Equal(made.Encode(), read.Encode());
        }, iter: 20_000);

    [Fact]
    public void A_text_a_number_a_date_a_boolean_and_JSON_come_back_as_they_were() =>
        Gen.Select(Gen.String[0, 30].Where(text => !text.Any(char.IsSurrogate)), Gen.Decimal, Gen.DateOnly, Gen.Bool).Sample((text, number, date, boolean) =>
        {
            Assert.Equal(text, Again(ItemAttribute.Text("n", text)).GetText());
            Assert.Equal(number, decimal.Parse(Again(ItemAttribute.Number("n", number)).GetText(), CultureInfo.InvariantCulture));
            Assert.Equal(date, DateOnly.ParseExact(Again(ItemAttribute.Date("n", date)).GetText(), "yyyy-MM-dd", CultureInfo.InvariantCulture));
            Assert.Equal(boolean ? "true" : "false", Again(ItemAttribute.Boolean("n", boolean)).GetText());
            var json = System.Text.Json.JsonSerializer.Serialize(text);
            Assert.Equal(json, Again(ItemAttribute.Json("n", json)).GetText());
        });

    [Theory]
    [InlineData("de-DE")]
    [InlineData("ar-SA")]
    [InlineData("th-TH")]
    public void No_culture_changes_what_is_written(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            Assert.Equal("-1234.50", ItemAttribute.Number("n", -1234.50m).GetText());
            Assert.Equal("2026-02-28", ItemAttribute.Date("n", new DateOnly(2026, 2, 28)).GetText());
            Assert.True(ItemAttribute.TryDecode(Fields.Encode("n", "date", "2026-02-28"), out _));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Bytes_are_no_text()
    {
        Assert.Throws<InvalidOperationException>(() => ItemAttribute.Binary("n", new byte[] { 1 }).GetText());
        Assert.Throws<InvalidOperationException>(() => ItemAttribute.Create("n", "image/png", new byte[] { 1 }).GetText());
        Assert.Throws<ArgumentException>(() => ItemAttribute.Text("n", "half \ud800"));
        Assert.Throws<ArgumentException>(() => ItemAttribute.Json("n", "\"half \udc00\""));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("text", false)]
    [InlineData(".", true)]
    [InlineData("/", true)]
    [InlineData("Image/X-9.z", true)]
    [InlineData("a-b", false)]
    [InlineData("a.b c", false)]
    [InlineData("a.é", false)]
    [InlineData("a.\n", false)]
    public void A_developers_own_type_shows_by_a_dot_or_a_slash(string type, bool own) => Assert.Equal(own, AttributeType.IsOwn(type));

    [Fact]
    public void Nothing_of_it_is_shown_and_no_failure_repeats_it()
    {
        Assert.Equal("ItemAttribute (text)", ItemAttribute.Text("hidden name", "hidden value").ToString());
        foreach (var (name, type, value) in ((string, string, string)[])[("hid\nden", "text", "x"), ("x", "hidden", "x"), ("x", "number", "hidden"), ("x", "json", "{\"hidden\":1,\"hidden\":2}")])
            Assert.DoesNotContain("hid", Assert.Throws<ArgumentException>(() => ItemAttribute.Create(name, type, Encoding.UTF8.GetBytes(value))).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", Assert.Throws<ArgumentException>(() => ItemAttribute.Text("n", "hidden\ud800")).ToString(), StringComparison.Ordinal);
    }

    private static ItemAttribute Again(ItemAttribute attribute)
    {
        Assert.True(ItemAttribute.TryDecode(attribute.Encode(), out var read));
        return read;
    }
}
