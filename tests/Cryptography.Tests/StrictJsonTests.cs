using System.Text;
using System.Text.Json.Serialization;

namespace Keyladder.Cryptography.Tests;

public sealed class StrictJsonTests
{
    private const string Id = "0b0e7b5c-6c0c-4a0a-9f5e-3f8d2b1c4e6f";
    private static readonly StrictJsonTestContext Context = new(StrictJson.CreateOptions());

    [Fact]
    public void A_payload_is_written_in_camel_case_without_absent_members_and_reads_back()
    {
        Assert.True(AccountId.TryParse(Id, out var account));
        var written = StrictJson.Write(new StrictJsonPayload(account, 7, [1, 2, 255], null), Context.StrictJsonPayload);

        Assert.Equal($$"""{"account":"{{Id}}","number":7,"hash":"AQL_"}""", Encoding.UTF8.GetString(written));
        Assert.True(StrictJson.TryRead(written, Context.StrictJsonPayload, out var read));
        Assert.Equal(account, read.Account);
        Assert.Equal([1, 2, 255], read.Hash);
    }

    [Theory]
    [InlineData($$"""{"account":"{{Id}}","number":7,"hash":"AQL_","note":null}""", true)]
    [InlineData($$""" { "note" : "x", "hash":"", "number":7, "account":"{{Id}}" } """, true)]
    [InlineData($$"""{"account":"{{Id}}","number":7,"hash":"","more":1}""", false)] // unknown member
    [InlineData($$"""{"account":"{{Id}}","number":7,"number":7,"hash":""}""", false)] // the same twice
    [InlineData($$"""{"account":"{{Id}}","number":7,"n\u0075mber":7,"hash":""}""", false)] // also behind an escape
    [InlineData($$"""{"account":"{{Id}}","Number":7,"hash":""}""", false)] // another case
    [InlineData($$"""{"account":"{{Id}}","hash":""}""", false)] // absent member
    [InlineData($$"""{"account":"{{Id}}","number":null,"hash":""}""", false)]
    [InlineData($$"""{"account":"{{Id}}","number":7,"hash":null}""", false)]
    [InlineData($$"""{"account":"{{Id}}","number":"7","hash":""}""", false)] // another type
    [InlineData($$"""{"account":"{{Id}}","number":7.0,"hash":""}""", false)]
    [InlineData($$"""{"account":"{{Id}}","number":1e3,"hash":""}""", false)]
    [InlineData($$"""{"account":"{{Id}}","number":9223372036854775808,"hash":""}""", false)]
    [InlineData($$"""{"account":"{{Id}}","number":7,"hash":"AQ=="}""", false)] // padding
    [InlineData($$"""{"account":"{{Id}}","number":7,"hash":[1]}""", false)]
    [InlineData("""{"account":"0B0E7B5C-6C0C-4A0A-9F5E-3F8D2B1C4E6F","number":7,"hash":""}""", false)] // another form of an id
    [InlineData($$"""{"account":"{{Id}}","number":7,"hash":"","note":"\ud800"}""", false)] // a text without UTF-8
    [InlineData($$"""{"account":"{{Id}}","number":7,"hash":"\ud800"}""", false)]
    [InlineData("""{"account":"\ud800","number":7,"hash":""}""", false)]
    [InlineData($$"""{"account":"{{Id}}","number":7,"hash":"","\ud800":1}""", false)]
    [InlineData($$"""{"account":"{{Id}}","number":7,"hash":""}{}""", false)] // trailing data
    [InlineData($$"""{"account":"{{Id}}","number":7,"hash":""} x""", false)]
    [InlineData($$"""{"account":"{{Id}}","number":7,"hash":"",}""", false)] // trailing comma
    [InlineData($$"""{"account":"{{Id}}","number":7,/* 8 */"hash":""}""", false)] // comment
    [InlineData("null", false)]
    [InlineData("[]", false)]
    [InlineData("", false)]
    public void B15_only_exactly_the_payload_is_read(string json, bool accepted) =>
        Assert.Equal(accepted, StrictJson.TryRead(Encoding.UTF8.GetBytes(json), Context.StrictJsonPayload, out _));

    [Fact]
    public void A_byte_order_mark_and_bytes_that_are_not_UTF_8_are_refused()
    {
        var good = Encoding.UTF8.GetBytes($$"""{"account":"{{Id}}","number":7,"hash":"","note":"x"}""");
        Assert.True(StrictJson.TryRead(good, Context.StrictJsonPayload, out _));
        Assert.False(StrictJson.TryRead([0xEF, 0xBB, 0xBF, .. good], Context.StrictJsonPayload, out _));

        good[Array.IndexOf(good, (byte)'x')] = 0xFF;
        Assert.False(StrictJson.TryRead(good, Context.StrictJsonPayload, out _));
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public void J03_a_depth_of_16_is_the_deepest(int depth, bool accepted)
    {
        var json = string.Concat(Enumerable.Repeat("""{"inner":""", depth - 1)) + "{}" + new string('}', depth - 1);
        Assert.Equal(accepted, StrictJson.TryRead(Encoding.UTF8.GetBytes(json), Context.StrictJsonNest, out _));
    }
}

internal sealed record StrictJsonPayload(AccountId Account, long Number, byte[] Hash, string? Note = null);

internal sealed record StrictJsonNest
{
    public StrictJsonNest? Inner { get; init; }
}

[JsonSerializable(typeof(StrictJsonPayload))]
[JsonSerializable(typeof(StrictJsonNest))]
internal sealed partial class StrictJsonTestContext : JsonSerializerContext;
