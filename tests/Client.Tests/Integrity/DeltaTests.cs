using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Client.Tests.Integrity;

public sealed class DeltaTests
{
    // A tree in which nothing else is.
    private static readonly byte[] NothingElse = [0];
    private static readonly KeyId One = KeyId.Generate();
    private static readonly Hash256 Leaf = Hash256.Of([1]);
    private static readonly Hash256 Next = Hash256.Of([2]);

    [Fact]
    public void A_first_key_a_changed_one_and_a_deleted_one_are_deltas()
    {
        Assert.Equal(Leaf, Assert.Single(Delta.Verify(HeadPin.None, Head(Root(Leaf), 1), [Change(null, Leaf)], NothingElse).Leaves).Value);
        Assert.Equal(Next, Assert.Single(Delta.Verify(Pin(Root(Leaf), 1), Head(Root(Next), 1), [Change(Leaf, Next)], NothingElse).Leaves).Value);
        Assert.Null(Assert.Single(Delta.Verify(Pin(Root(Leaf), 2), Head(Hash256.Zero, 1), [Change(Leaf, null)], NothingElse).Leaves).Value);
    }

    [Fact]
    public void A_count_that_is_not_that_of_the_leaves_is_an_alarm()
    {
        Refuses(HeadPin.None, Head(Root(Leaf), 2), [Change(null, Leaf)]);
        Refuses(Pin(Root(Leaf), 1), Head(Root(Next), 2), [Change(Leaf, Next)]);
        Refuses(Pin(Root(Leaf), 2), Head(Hash256.Zero, 2), [Change(Leaf, null)]);
    }

    [Fact]
    public void Another_root_before_or_after_is_an_alarm()
    {
        Refuses(Pin(Root(Next), 1), Head(Root(Next), 1), [Change(Leaf, Next)]);
        Refuses(Pin(Root(Leaf), 1), Head(Root(Leaf), 1), [Change(Leaf, Next)]);
        Refuses(Pin(Root(Leaf), 1), Head(Root(Next), 1), []);
    }

    [Fact]
    public void An_item_of_a_Vault_that_is_shown_as_an_attribute_is_an_alarm()
    {
        var (item, attribute) = (new ObjectName(ObjectKind.Item, One.Value), new ObjectName(ObjectKind.Attribute, One.Value));
        var head = Head(Root(ObjectLeaf.Path(ObjectKind.Item, One.Value), Leaf), 1);

        Assert.Equal(item, Assert.Single(Delta.Verify(HeadPin.None, head, [(item, null, Leaf.ToArray())], NothingElse).Leaves).Key);
        Refuses(HeadPin.None, head, [(attribute, null, Leaf.ToArray())]);
    }

    private static void Refuses(HeadPin from, KeystoreHead to, (ObjectName, byte[]?, byte[]?)[] changes) =>
        Assert.Equal(Alarm.ProofInvalid, Assert.Throws<IntegrityException>(() => Delta.Verify(from, to, changes, NothingElse)).Alarm);

    private static (ObjectName, byte[]?, byte[]?) Change(Hash256? old, Hash256? next) => (One, old?.ToArray(), next?.ToArray());

    private static Hash256 Root(Hash256 leaf) => Root(KeyLeaf.Path(One), leaf);

    private static Hash256 Root(Hash256 path, Hash256 leaf) =>
        TreeProof.Parse(NothingElse).ComputeRoot(new Dictionary<Hash256, Hash256?> { [path] = leaf });

    private static HeadPin Pin(Hash256 root, long count) => new(1, Hash256.Of([9]), root, count, []);

    private static KeystoreHead Head(Hash256 root, long count)
    {
        using var key = Ed25519PrivateKey.Generate();
        return new KeystoreHead
        {
            Account = AccountId.Generate(),
            Number = 3,
            Day = new DateOnly(2026, 11, 23),
            KeyEncryptionKey = KeyEncryptionKeyId.Generate(),
            Epoch = 1,
            Identity = new HeadIdentity(KeyId.Generate(), key.PublicKey),
            Slots = [new HeadSlot(SlotId.Generate(), SlotKind.Words, key.PublicKey, default)],
            Count = count,
            Root = root,
            Links = [default],
        };
    }
}
