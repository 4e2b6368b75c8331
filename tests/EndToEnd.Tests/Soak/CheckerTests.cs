using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Soak.Load;

namespace EndToEnd.Tests.Soak;

/// <summary>The one who checks the runs is checked: what is planted, it finds.</summary>
public sealed class CheckerTests : IDisposable
{
    private readonly Ed25519PrivateKey identity = Ed25519PrivateKey.Generate();
    private readonly KeyId key = KeyId.Generate();
    private readonly List<LoggedWrite> log = [];
    private readonly Dictionary<long, string> heads = [];
    private readonly Dictionary<KeyId, (string?, KeyState)> keys = [];

    public CheckerTests()
    {
        heads[1] = Head(1);
        Write(Kind.Create, 2, "first", KeyState.Active);
        Write(Kind.Rename, 3, "second");
        keys[key] = ("second", KeyState.Active);
    }

    public void Dispose() => identity.Dispose();

    [Fact]
    public void What_was_promised_and_is_there_is_no_finding() => Assert.Empty(Check());

    [Fact]
    public void A_lost_write_is_found()
    {
        heads.Remove(3);
        keys[key] = ("first", KeyState.Active);
        Assert.Equal(2, Check().Count); // the history and the key each tell it
    }

    [Fact]
    public void A_lost_key_is_found()
    {
        keys.Remove(key);
        Assert.Contains("is lost", Assert.Single(Check()), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_winners_of_one_head_are_found()
    {
        log.Add(new LoggedWrite(key, Kind.Rename, Outcome.Acknowledged, [Head(3)], "third"));
        Assert.Contains(Check(), finding => finding.Contains("Head 3 was acknowledged to 2 writes", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_deletion_by_two_clients_is_one_write()
    {
        Write(Kind.Delete, 4);
        log.Add(log[^1] with { });
        keys.Remove(key);
        Assert.Empty(Check());
    }

    [Fact]
    public void A_deleted_key_that_is_there_is_found()
    {
        Write(Kind.Delete, 4);
        Assert.Contains("deletion was acknowledged", Assert.Single(Check()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_write_that_landed_is_found()
    {
        log[^1] = log[^1] with { Outcome = Outcome.Refused };
        Assert.Contains(Check(), finding => finding.Contains("refused Rename is in the history", StringComparison.Ordinal));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void An_unanswered_write_may_have_landed_or_not(bool landed)
    {
        log.Add(new LoggedWrite(key, Kind.Rename, Outcome.Unanswered, [Head(4)], "third"));
        if (landed)
            (heads[4], keys[key]) = (log[^1].Heads[0], ("third", KeyState.Active));
        Assert.Empty(Check());
    }

    [Fact]
    public void A_head_that_nobody_sent_and_a_key_that_nobody_made_are_found()
    {
        heads[4] = Head(4);
        keys[KeyId.Generate()] = (null, KeyState.Active);
        Assert.Equal(2, Check().Count);
    }

    private IReadOnlyList<string> Check() => Checker.Check(log, new Remains(keys, heads));

    private void Write(Kind kind, long number, string? label = null, KeyState? state = null)
    {
        heads[number] = Head(number);
        log.Add(new LoggedWrite(key, kind, Outcome.Acknowledged, [heads[number]], label, state));
    }

    // Each like no other, as if every write sealed something anew.
    private string Head(long number) => new KeystoreHead
    {
        Account = AccountId.Generate(),
        Number = number,
        Day = new DateOnly(2026, 11, 25),
        KeyEncryptionKey = KeyEncryptionKeyId.Generate(),
        Epoch = 1,
        Identity = new HeadIdentity(KeyId.Generate(), identity.PublicKey),
        Slots = [new HeadSlot(SlotId.Generate(), SlotKind.Words, identity.PublicKey, default)],
        Count = number == 1 ? 1 : 2,
        Root = default,
        Links = [.. HeadChain.LinkedNumbers(number).Select(_ => Hash256.Zero)],
    }.Sign(identity).Jws;
}
