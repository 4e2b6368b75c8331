using CsCheck;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Cryptography.Tests.Heads;

public sealed class PagedTreeTests
{
    [Fact]
    public void After_any_puts_and_deletes_root_and_count_are_those_of_the_definition() =>
        TreeModel.Changes.Array[1, 6].Sample(batches =>
        {
            var leaves = new Dictionary<Hash256, Hash256>();
            var pages = new Dictionary<string, byte[]>();
            foreach (var changes in batches)
            {
                var before = leaves.Count;
                leaves = TreeModel.Apply(leaves, changes);
                var update = new PagedTree(pages).Apply(changes);
                pages.Store(update);
                Assert.Equal(TreeModel.Root(leaves), update.Root);
                Assert.Equal(leaves.Count - before, update.Added);
                Assert.Equal(update.Root, new PagedTree(pages).Root);
                Assert.Equal(update.Root, SparseMerkleTree.ComputeRoot(leaves));
            }
        }, iter: 100);

    [Fact]
    public void The_pages_tell_nothing_of_what_was_there_before() =>
        Gen.Select(TreeModel.Leaves, TreeModel.Changes).Sample((leaves, changes) =>
        {
            var pages = TreeModel.Pages(leaves);
            pages.Store(new PagedTree(pages).Apply(changes));
            Assert.Equal(Text(TreeModel.Pages(TreeModel.Apply(leaves, changes))), Text(pages));
        }, iter: 100);

    [Fact]
    public void Deleting_what_was_added_gives_the_old_root_and_pages_back() =>
        Gen.Select(TreeModel.Leaves, TreeModel.Leaves).Sample((leaves, more) =>
        {
            var pages = TreeModel.Pages(leaves);
            pages.Store(new PagedTree(pages).Apply(more.ToDictionary(leaf => leaf.Key, leaf => (Hash256?)leaf.Value)));
            var back = new PagedTree(pages).Apply(leaves.At(more.Keys));
            pages.Store(back);
            Assert.Equal(TreeModel.Root(leaves), back.Root);
            Assert.Equal(Text(TreeModel.Pages(leaves)), Text(pages));
        }, iter: 100);

    [Fact]
    public void An_update_rewrites_exactly_the_pages_that_differ() =>
        Gen.Select(TreeModel.Leaves, TreeModel.Changes).Sample((leaves, changes) =>
        {
            var before = TreeModel.Pages(leaves);
            var after = TreeModel.Pages(TreeModel.Apply(leaves, changes));
            var update = new PagedTree(before).Apply(changes);
            Assert.Equal(
                after.Keys.Where(name => !before.TryGetValue(name, out var old) || !old.AsSpan().SequenceEqual(after[name])).Order(),
                update.Changed.Keys.Order());
            Assert.Equal(before.Keys.Except(after.Keys).Order(), update.Removed.Order());
        }, iter: 100);

    [Fact]
    public void It_asks_for_deeper_pages_until_it_has_those_that_the_paths_lie_on() =>
        Gen.Select(TreeModel.Leaves, TreeModel.Changes).Sample((leaves, changes) =>
        {
            var all = TreeModel.Pages(leaves);
            var loaded = Load(all, [""]);
            var tree = new PagedTree(loaded);
            while (tree.MissingPages(changes.Keys) is { Count: > 0 } missing)
            {
                Assert.ThrowsAny<InvalidOperationException>(() => tree.Apply(changes));
                Assert.Equal(missing.Count, Load(all, missing).Count);
                foreach (var name in missing)
                    Assert.True(loaded.TryAdd(name, all[name]), "asked for a page that it has");
                tree = new PagedTree(loaded);
            }

            Assert.Equal(leaves.At(changes.Keys), changes.Keys.ToDictionary(path => path, tree.Get));
            Assert.Equal(TreeModel.Root(leaves), tree.Prove(changes.Keys).ComputeRoot(leaves.At(changes.Keys)));
            all.Store(tree.Apply(changes));
            Assert.Equal(Text(TreeModel.Pages(TreeModel.Apply(leaves, changes))), Text(all));
        }, iter: 100);

    [Fact]
    public void A_page_holds_four_levels_and_a_lone_leaf_stands_on_the_page_above()
    {
        var a = new Hash256(Convert.FromHexString("a3" + new string('0', 62)));
        var b = new Hash256(Convert.FromHexString("a4" + new string('0', 62)));
        var c = new Hash256(Convert.FromHexString("b0" + new string('0', 62)));
        var pages = TreeModel.Pages(new() { [a] = a, [b] = b, [c] = c });
        Assert.Equal(["", "a"], pages.Keys.Order());

        var update = new PagedTree(pages).Apply(new Dictionary<Hash256, Hash256?> { [b] = null });
        Assert.Equal([""], update.Changed.Keys);
        Assert.Equal(["a"], update.Removed);
    }

    [Fact]
    public void Nothing_but_a_page_is_taken_for_one()
    {
        var leaves = Enumerable.Range(0, 40).ToDictionary(n => Hash256.Of([(byte)n]), n => Hash256.Of([(byte)~n]));
        var pages = TreeModel.Pages(leaves);
        var page = pages[""];
        Refused(pages, []);
        for (var length = 1; length < page.Length; length++)
            Refused(pages, page[..length]);
        Refused(pages, [.. page, 0x00]);
        Refused(pages, [0x02, .. page[1..]]);
        Refused(pages, [0x01, 0x00]);
        Refused(pages, [0x01, 0x02, .. Enumerable.Repeat((byte)7, 32)]);
    }

    [Fact]
    public void A_page_that_holds_more_or_fewer_than_its_four_levels_is_refused()
    {
        var leaves = new[] { 0xA0, 0xA1, 0xB0 }.Select(start => new Hash256([(byte)start, .. new byte[31]])).ToDictionary(path => path, path => path);
        var pages = TreeModel.Pages(leaves);
        byte[] edge = [0x02, .. Root(pages["a"])];
        var at = pages[""].AsSpan().IndexOf(edge);

        // The page below in place of its hash, a hash above the edge, a page for a lone leaf.
        Refused(pages, [.. pages[""][..at], .. pages["a"][1..], .. pages[""][(at + edge.Length)..]]);
        Refused(pages, [0x01, 0x01, .. Root(pages[""]), .. edge, .. edge]);
        var (leaf, hash) = (leaves.Keys.First(), TreeModel.Root(leaves.Take(1)));
        byte[] above = [.. pages[""][..at], 0x02, .. hash.ToArray(), .. pages[""][(at + edge.Length)..]];
        Refused(new() { ["a"] = [0x01, 0x03, .. leaf.ToArray(), .. leaf.ToArray()] }, above);
    }

    [Fact]
    public void Below_the_last_page_there_is_none()
    {
        var last = Enumerable.Range(0, 2).Select(n => new Hash256([.. new byte[31], (byte)n])).ToDictionary(path => path, path => path);
        var pages = TreeModel.Pages(last);
        var name = new string('0', 63);
        byte[] leaf = [0x03, .. new byte[64]];
        var at = pages[name].AsSpan().IndexOf(leaf);
        pages[name] = [.. pages[name][..at], 0x02, .. Enumerable.Repeat((byte)7, 32), .. pages[name][(at + leaf.Length)..]];
        Assert.Throws<InvalidDataException>(() => new PagedTree(pages));
    }

    [Fact]
    public void A_page_of_another_state_of_the_tree_is_noticed()
    {
        var leaves = Enumerable.Range(0, 40).ToDictionary(n => Hash256.Of([(byte)n]), n => Hash256.Of([(byte)~n]));
        var pages = TreeModel.Pages(leaves);
        var update = new PagedTree(pages).Apply(new Dictionary<Hash256, Hash256?> { [leaves.Keys.First()] = Hash256.Zero });
        var deeper = update.Changed.Keys.First(name => name.Length == 1);
        pages[deeper] = update.Changed[deeper];
        Assert.Throws<InvalidDataException>(() => new PagedTree(pages));
    }

    [Fact]
    public void A_hundred_thousand_random_byte_strings_are_refused_and_nothing_else_happens()
    {
        var pages = TreeModel.Pages(Enumerable.Range(0, 300).ToDictionary(n => Hash256.Of(BitConverter.GetBytes(n)), _ => Hash256.Zero));
        Mutations.Of(pages[""]).Sample(bytes =>
        {
            try
            {
                _ = new PagedTree(new Dictionary<string, byte[]> { [""] = bytes }).Root;
            }
            catch (InvalidDataException)
            {
                // The one refusal.
            }
        }, iter: 100_000);
    }

    // A page begins with the version, the kind of its topmost node, a branch, and that one's hash.
    private static byte[] Root(byte[] page) => page[2..34];

    private static string Text(Dictionary<string, byte[]> pages) =>
        string.Join('\n', pages.OrderBy(page => page.Key, StringComparer.Ordinal).Select(page => $"{page.Key} {Convert.ToHexString(page.Value)}"));

    private static void Refused(Dictionary<string, byte[]> pages, byte[] root) =>
        Assert.Throws<InvalidDataException>(() => new PagedTree(new Dictionary<string, byte[]>(pages) { [""] = root }));

    private static Dictionary<string, byte[]> Load(Dictionary<string, byte[]> pages, IEnumerable<string> names) =>
        names.Where(pages.ContainsKey).ToDictionary(name => name, name => pages[name]);
}
