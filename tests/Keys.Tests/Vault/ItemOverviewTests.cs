using CsCheck;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Vault;

namespace Keyladder.Keys.Tests.Vault;

/// <summary>docs/spec/vault.md section 2: what an item says of itself. Each rule of its JSON has a vector.</summary>
public sealed class ItemOverviewTests
{
    private static readonly Gen<string> Tags = Gen.OneOf(Gen.String[0, 6], Gen.Char['a', 'c'].Array[1, 1].Select(letters => new string(letters)), Gen.Const("é").Array[30, 34].Select(string.Concat));

    private static readonly Gen<AttributeEntry> Entries =
        from revision in Gen.Long[0, 1L << 40]
        from leaf in Gen.Byte.Array[32]
        from removed in Gen.DateOnly.Nullable()
        select new AttributeEntry(AttributeId.Generate(), revision, new Hash256(leaf), removed);

    private static readonly ItemOverview Plain = new()
    {
        Name = "Bicycle", Kind = "thing", Tags = [], Created = new(2026, 1, 2), Changed = new(2026, 1, 3), Attributes = [],
    };

    private static readonly Gen<ItemOverview> Items =
        from name in Gen.OneOf(Gen.String[0, 20], Gen.Const("€").Array[80, 90].Select(string.Concat))
        from kind in Tags
        from tags in Tags.Array[0, 4]
        from created in Gen.DateOnly
        from entries in Entries.Array[0, 4]
        from removed in Gen.DateOnly.Nullable()
        from follows in Gen.Byte.Array[32]
        from optional in Gen.Bool
        select new ItemOverview
        {
            Name = name, Kind = kind, Tags = tags, Created = created, Changed = created, Attributes = entries, Removed = removed,
            Follows = optional ? new Hash256(follows) : null, ConflictOf = optional ? ItemId.Generate() : null,
        };

    [Fact]
    public void What_passes_the_check_is_written_and_read_again_and_the_rest_is_not_written() => Items.Sample(item =>
    {
        if (item.Check() is not null)
        {
            Assert.Throws<ArgumentException>(() => item.Encode());
            return;
        }

        Assert.True(ItemOverview.TryDecode(item.Encode(), out var read));
        Assert.Equal(
            (item.Name, item.Kind, item.Created, item.Changed, item.Follows, item.Removed, item.ConflictOf),
            (read.Name, read.Kind, read.Created, read.Changed, read.Follows, read.Removed, read.ConflictOf));
        Assert.Equal(item.Tags, read.Tags);
        Assert.Equal(item.Attributes, read.Attributes);
    }, iter: 5_000);

    public static TheoryData<string, string> Wrong() => new()
    {
        { "name", "its name" }, { "kind", "its kind" }, { "many tags", "more than 64 tags" }, { "tag", "a tag does not" }, { "null tag", "a tag does not" }, { "tag twice", "a tag twice" },
        { "many attributes", "more than 256 attributes" }, { "revision", "no revision" }, { "attribute twice", "an attribute twice" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void The_check_says_what_is_wrong_without_repeating_it(string what, string said)
    {
        var entry = new AttributeEntry(AttributeId.Generate(), 1, Hash256.Zero);
        var wrong = what switch
        {
            "name" => Plain with { Name = "hidden\n" },
            "kind" => Plain with { Kind = new string('h', 65) },
            "many tags" => Plain with { Tags = [.. Enumerable.Range(0, 65).Select(number => $"hidden {number}")] },
            "tag" => Plain with { Tags = ["hidden\ud800"] },
            "null tag" => Plain with { Tags = [null!] },
            "tag twice" => Plain with { Tags = ["hidden", "hidden"] },
            "many attributes" => Plain with { Attributes = [.. Enumerable.Range(0, 257).Select(_ => entry with { Id = AttributeId.Generate() })] },
            "revision" => Plain with { Attributes = [entry with { Revision = 0 }] },
            _ => Plain with { Attributes = [entry, entry with { Revision = 2 }] },
        };

        Assert.Contains(said, wrong.Check(), StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", wrong.Check(), StringComparison.Ordinal);
        Assert.Contains(said, Assert.Throws<ArgumentException>(() => wrong.Encode()).Message, StringComparison.Ordinal);
        Assert.Null(Plain.Check());
    }

    [Fact]
    public void Nothing_of_it_is_shown() => Assert.Equal("ItemOverview", (Plain with { Name = "hidden", Tags = ["hidden"] }).ToString());
}
