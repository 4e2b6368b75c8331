using System.Security.Cryptography;
using CsCheck;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Cryptography.Tests.Heads;

public sealed class TreeProofTests
{
    private static readonly Gen<(Dictionary<Hash256, Hash256> Leaves, Dictionary<Hash256, Hash256?> Changes)> Case =
        Gen.Select(TreeModel.Leaves, TreeModel.Changes);

    [Fact]
    public void One_proof_gives_the_root_before_a_change_and_the_root_after_it() =>
        Case.Sample((leaves, changes) =>
        {
            var proof = Prove(leaves, changes.Keys);
            Assert.Equal(TreeModel.Root(leaves), proof.ComputeRoot(leaves.At(changes.Keys)));
            Assert.Equal(TreeModel.Root(TreeModel.Apply(leaves, changes)), proof.ComputeRoot(changes));
        }, iter: 300);

    [Fact]
    public void A_wrong_value_at_any_path_of_the_set_gives_another_root() =>
        Case.Sample((leaves, changes) =>
        {
            var proof = Prove(leaves, changes.Keys);
            var values = leaves.At(changes.Keys);
            foreach (var path in changes.Keys)
            {
                foreach (var wrong in Wrong(values[path]))
                    Assert.NotEqual(TreeModel.Root(leaves), proof.ComputeRoot(new Dictionary<Hash256, Hash256?>(values) { [path] = wrong }));
            }
        }, iter: 200);

    private static IEnumerable<Hash256?> Wrong(Hash256? value) => value is { } present ? [null, Hash256.Of(present.ToArray())] : [Hash256.Zero];

    [Fact]
    public void A_path_left_out_of_the_set_or_added_to_it_is_refused_or_gives_another_root() =>
        Gen.Select(TreeModel.Leaves, TreeModel.Changes, TreeModel.Path).Sample((leaves, changes, stranger) =>
        {
            var root = TreeModel.Root(leaves);
            var proof = Prove(leaves, changes.Keys);
            foreach (var path in changes.Keys.Where(leaves.ContainsKey))
                Assert.NotEqual(root, RootOrNull(proof, leaves.At(changes.Keys.Where(other => other != path))));
            if (!changes.ContainsKey(stranger))
            {
                var wrong = leaves.ContainsKey(stranger) ? (Hash256?)null : Hash256.Zero;
                Assert.NotEqual(root, RootOrNull(proof, new Dictionary<Hash256, Hash256?>(leaves.At(changes.Keys)) { [stranger] = wrong }));
            }
        }, iter: 200);

    [Fact]
    public void A_tree_and_a_set_have_one_proof_and_any_changed_byte_is_refused_or_gives_another_root() =>
        Gen.Select(TreeModel.Leaves, TreeModel.Changes, Gen.Byte[1, 255]).Sample((leaves, changes, flip) =>
        {
            var root = TreeModel.Root(leaves);
            var values = leaves.At(changes.Keys);
            var encoded = Prove(leaves, changes.Keys).Encode();
            Assert.Equal(encoded, TreeProof.Parse(encoded).Encode());
            Assert.Equal(root, TreeProof.Parse(encoded).ComputeRoot(values));
            for (var at = 0; at < encoded.Length; at++)
            {
                var changed = (byte[])encoded.Clone();
                changed[at] ^= flip;
                Assert.NotEqual(root, RootOrNull(changed, values));
            }

            for (var length = 0; length < encoded.Length; length++)
                Assert.Throws<ProofException>(() => TreeProof.Parse(encoded.AsSpan(0, length)));
            foreach (var more in new byte[] { 0, 1, 2, 3 })
                Assert.Throws<ProofException>(() => TreeProof.Parse([.. encoded, more]));
        }, iter: 15);

    [Fact]
    public void The_proof_of_everything_is_one_zero_byte() =>
        TreeModel.Leaves.Sample(leaves => Assert.Equal([0x00], Prove(leaves, leaves.Keys).Encode()));

    [Fact]
    public void Each_kind_of_subtree_is_encoded_as_the_specification_says()
    {
        var (a, b, c, d) = (Path("00"), Path("10"), Path("80"), Path("c0"));
        Dictionary<Hash256, Hash256> leaves = new() { [a] = a, [b] = b, [c] = c, [d] = d };

        // The set's leaf aside, one other is left on its side and two on the other side.
        Assert.Equal([0x01, .. Leaf(b), 0x02, .. RightHalf(c, d)], Prove(leaves, [a]).Encode());
        Assert.Equal([0x02, .. TreeModel.Root(leaves).ToArray()], Prove(leaves, []).Encode());
        Assert.Equal([0x01, 0x00, 0x01, .. Leaf(c), .. Leaf(d)], Prove(leaves, [a, b, Path("ff")]).Encode());
    }

    private static byte[] Leaf(Hash256 both) => [0x03, .. both.ToArray(), .. both.ToArray()];

    private static byte[] RightHalf(Hash256 c, Hash256 d) =>
        SHA256.HashData([0x01, .. TreeModel.Root([new(c, c)]).ToArray(), .. TreeModel.Root([new(d, d)]).ToArray()]);

    [Theory]
    [InlineData("04", "another kind")]
    [InlineData("010000", "a branch with nothing below")]
    [InlineData("020000000000000000000000000000000000000000000000000000000000000000", "the empty subtree as a hash")]
    public void What_is_no_proof_is_refused(string encoded, string reason) =>
        Assert.True(Assert.Throws<ProofException>(() => TreeProof.Parse(Convert.FromHexString(encoded))).Message.Length > 0, reason);

    [Fact]
    public void A_branch_above_a_single_leaf_is_refused_on_either_side()
    {
        var (low, high) = (Path("00"), Path("80"));
        Assert.Throws<ProofException>(() => TreeProof.Parse([0x01, .. Leaf(low), 0x00]));
        Assert.Throws<ProofException>(() => TreeProof.Parse([0x01, 0x00, .. Leaf(high)]));
        Assert.Equal(
            TreeModel.Root([new(low, low), new(high, high)]),
            TreeProof.Parse([0x01, .. Leaf(low), .. Leaf(high)]).ComputeRoot(new Dictionary<Hash256, Hash256?> { [Path("01")] = null }));
    }

    [Fact]
    public void A_leaf_that_lies_elsewhere_is_refused() =>
        Assert.Throws<ProofException>(() => TreeProof.Parse([0x01, .. Leaf(Path("80")), .. Leaf(Path("c0"))]));

    [Fact]
    public void A_leaf_of_the_set_is_no_other_leaf()
    {
        var proof = Prove(new() { [Path("00")] = Path("11") }, []);
        Assert.Throws<ProofException>(() => proof.ComputeRoot(new Dictionary<Hash256, Hash256?> { [Path("00")] = null }));
    }

    [Fact]
    public void A_branch_where_no_path_of_the_set_lies_and_a_hash_where_one_does_are_refused()
    {
        var leaves = new[] { "00", "40", "80", "c0" }.ToDictionary(Path, Path);
        var proof = Prove(leaves, [Path("01")]);
        Assert.Throws<ProofException>(() => proof.ComputeRoot(new Dictionary<Hash256, Hash256?>()));
        Assert.Throws<ProofException>(() => proof.ComputeRoot(new Dictionary<Hash256, Hash256?> { [Path("01")] = null, [Path("81")] = null }));
        Assert.Throws<ProofException>(() => proof.ComputeRoot(new Dictionary<Hash256, Hash256?> { [Path("81")] = null }));
    }

    [Fact]
    public void A_proof_can_be_as_deep_as_a_path_is_long_and_no_deeper()
    {
        var (last, beforeLast) = (new Hash256([.. new byte[31], 0x01]), new Hash256([.. new byte[31], 0x02]));
        Dictionary<Hash256, Hash256> leaves = new() { [last] = last, [beforeLast] = beforeLast, [new Hash256([.. new byte[31], 0x03])] = last };
        var proof = TreeProof.Parse(Prove(leaves, [Hash256.Zero]).Encode());
        Assert.Equal(TreeModel.Root(leaves), proof.ComputeRoot(leaves.At([Hash256.Zero])));

        byte[] tooDeep = [.. Enumerable.Repeat((byte)0x01, 257), .. Enumerable.Repeat((byte[])[0x02, .. last.ToArray()], 258).SelectMany(hash => hash)];
        Assert.Throws<ProofException>(() => TreeProof.Parse(tooDeep));
    }

    [Fact]
    public void A_hundred_thousand_random_byte_strings_are_refused_or_proofs_and_nothing_else_happens()
    {
        var leaves = Enumerable.Range(0, 300).ToDictionary(n => Hash256.Of(BitConverter.GetBytes(n)), _ => Hash256.Zero);
        var set = leaves.At(leaves.Keys.Take(3).Append(Hash256.Zero));
        Mutations.Of(Prove(leaves, set.Keys).Encode()).Sample(bytes => RootOrNull(bytes, set) is null || bytes.Length > 0, iter: 100_000);
    }

    private static Hash256 Path(string start) => new(Convert.FromHexString(start.PadRight(64, '0')));

    private static TreeProof Prove(Dictionary<Hash256, Hash256> leaves, IEnumerable<Hash256> paths) =>
        new PagedTree(TreeModel.Pages(leaves)).Prove(paths);

    private static Hash256? RootOrNull(byte[] encoded, Dictionary<Hash256, Hash256?> set)
    {
        try
        {
            return TreeProof.Parse(encoded).ComputeRoot(set);
        }
        catch (ProofException)
        {
            return null;
        }
    }

    private static Hash256? RootOrNull(TreeProof proof, Dictionary<Hash256, Hash256?> set) => RootOrNull(proof.Encode(), set);
}
