using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Client.Tests.Integrity;

/// <summary>Heads that the account's own identity keypair signed, by a faulty client or another version, and that do not say what the unlock secret says.</summary>
public sealed class KeystoreTrustTests : IDisposable
{
    private static readonly AccountId Account = AccountId.Generate();

    private readonly HeadSlot _own = Slot(SlotId.Generate());
    private readonly KeystoreTrust _trust;

    public KeystoreTrustTests() => _trust = new KeystoreTrust(KeyEncryptionKey.Generate(Account), IdentityKeypair.Generate(Account), _own);

    public void Dispose() => _trust.Dispose();

    [Fact]
    public void A_head_that_says_what_the_secret_says_is_read() => Assert.Equal(5, Read(Sign(Head())).Head.Number);

    [Fact]
    public void Another_KEK_is_an_alarm() => Refuses(Head() with { KeyEncryptionKey = KeyEncryptionKeyId.Generate() });

    [Fact]
    public void Another_identity_keypair_is_an_alarm()
    {
        using var other = IdentityKeypair.Generate(Account);
        Refuses(Head() with { Identity = new HeadIdentity(other.Id, _trust.Identity.PublicKey) });
        Refuses(Head() with { Identity = new HeadIdentity(_trust.Identity.Id, other.PublicKey) });
    }

    [Fact]
    public void Another_description_of_the_own_slot_is_an_alarm()
    {
        Refuses(Head(_own with { Kind = SlotKind.Passphrase }));
        Refuses(Head(_own with { Login = Slot(_own.Id).Login }));
        Refuses(Head(_own with { Wrapped = Hash256.Of([1]) }));
    }

    [Fact]
    public void A_head_without_the_own_slot_says_that_it_was_removed()
    {
        var failure = Assert.Throws<KeyladderException>(() => Read(Sign(Head(Slot(SlotId.Generate())))));

        Assert.Equal(FailureReason.SessionEnded, failure.Reason);
    }

    [Fact]
    public void Another_signer_is_an_alarm()
    {
        using var other = IdentityKeypair.Generate(Account);
        Assert.Equal(Alarm.HeadInvalid, Assert.Throws<IntegrityException>(() => _trust.Read(other.Sign(Head()).Jws)).Alarm);
    }

    [Fact]
    public void A_replaced_slot_counts_from_its_head_on_and_the_old_one_before_it()
    {
        var next = Slot(SlotId.Generate());
        _trust.ReplaceOwnSlot(6, next);

        Assert.Equal(5, Read(Sign(Head(_own))).Head.Number);
        Assert.Equal(6, Read(Sign(Head(next) with { Number = 6, Links = [default, default] })).Head.Number);
        Assert.Throws<KeyladderException>(() => Read(Sign(Head(next))));
        Assert.Throws<KeyladderException>(() => Read(Sign(Head(_own) with { Number = 6, Links = [default, default] })));
    }

    private SignedHead<KeystoreHead> Read(string jws)
    {
        var head = _trust.Read(jws);
        _trust.RequireOwnSlot(head.Head);
        return head;
    }

    private void Refuses(KeystoreHead head)
    {
        var alarm = Assert.Throws<IntegrityException>(() => Read(Sign(head)));
        Assert.Equal((Alarm.HeadInvalid, "head 5"), (alarm.Alarm, alarm.Object));
    }

    private string Sign(KeystoreHead head) => _trust.Identity.Sign(head).Jws;

    private KeystoreHead Head(HeadSlot? own = null) => new()
    {
        Account = Account,
        Number = 5,
        Day = new DateOnly(2026, 11, 23),
        KeyEncryptionKey = _trust.Kek.Id,
        Epoch = 1,
        Identity = new HeadIdentity(_trust.Identity.Id, _trust.Identity.PublicKey),
        Slots = [own ?? _own],
        Count = 3,
        Root = Hash256.Of([7]),
        Links = [default],
    };

    private static HeadSlot Slot(SlotId id)
    {
        using var login = Ed25519PrivateKey.Generate();
        return new HeadSlot(id, SlotKind.Words, login.PublicKey, Hash256.Zero);
    }
}
