using System.Text;
using Keyladder.Keys.Vault;

namespace Keyladder.Keys.Tests.Vault;

public sealed class ItemTemplateTests
{
    [Fact]
    public void Those_of_the_library_can_be_told_apart_and_each_can_become_an_item()
    {
        Assert.NotEmpty(ItemTemplate.All);
        Assert.Equal(ItemTemplate.All.Count, ItemTemplate.All.Select(template => template.Kind).Distinct().Count());
        Assert.All(ItemTemplate.All, template => Assert.Same(template, ItemTemplate.Find(template.Kind)));
        Assert.All(ItemTemplate.All.SelectMany(template => template.Attributes), attribute => Assert.NotNull(ItemAttribute.Create(attribute.Name, attribute.Type, Value(attribute.Type))));
        Assert.Contains(ItemTemplate.Find("login")!.Attributes, attribute => attribute is { Name: "password", Secret: true });
        Assert.Null(ItemTemplate.Find("none"));
    }

    [Fact]
    public void An_app_brings_its_own()
    {
        Assert.True(ItemTemplate.TryRead("""[{"kind":"server","attributes":[{"name":"host","type":"text"},{"name":"key","type":"org.example/ssh","secret":true}]}]"""u8, out var own));

        var server = Assert.Single(own);
        Assert.Equal("server", server.Kind);
        Assert.Equal([new TemplateAttribute("host", "text"), new TemplateAttribute("key", "org.example/ssh", Secret: true)], server.Attributes);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("""[{"kind":"","attributes":[{"name":"a","type":"text"}]}]""")]
    [InlineData("""[{"kind":"x","attributes":[]}]""")]
    [InlineData("""[{"kind":"x","attributes":[null]}]""")]
    [InlineData("""[{"kind":"x","attributes":[{"name":"a","type":"unknown"}]}]""")]
    [InlineData("""[{"kind":"x","attributes":[{"name":"a\u0007","type":"text"}]}]""")]
    [InlineData("""[{"kind":"x","attributes":[{"name":"a","type":"text"},{"name":"a","type":"date"}]}]""")]
    [InlineData("""[{"kind":"x","attributes":[{"name":"a","type":"text"}]},{"kind":"x","attributes":[{"name":"a","type":"text"}]}]""")]
    [InlineData("""[{"kind":"x","attributes":[{"name":"a","type":"text"}],"more":1}]""")]
    public void Anything_else_is_refused(string json) => Assert.False(ItemTemplate.TryRead(Encoding.UTF8.GetBytes(json), out _));

    private static byte[] Value(string type) => Encoding.UTF8.GetBytes(type switch
    {
        AttributeType.Number => "1",
        AttributeType.Date => "2026-01-02",
        AttributeType.Boolean => "true",
        AttributeType.Json => "{}",
        _ => "x",
    });
}
