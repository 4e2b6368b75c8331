using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Heads;

/// <summary>An account whose client signs one head after another, and whose service keeps them all.</summary>
internal sealed class TestAccount : IDisposable
{
    public AccountId Id { get; private init; } = AccountId.Generate();

    public Ed25519PrivateKey Key { get; private init; } = Ed25519PrivateKey.Generate();

    /// <summary>By number, from 1.</summary>
    public SortedDictionary<long, SignedHead<KeystoreHead>> Heads { get; } = [];

    public SignedHead<KeystoreHead> Newest => Heads[Heads.Count];

    public KeystoreHead First() => new()
    {
        Account = Id,
        Number = 1,
        Day = new DateOnly(2026, 1, 2),
        KeyEncryptionKey = KeyEncryptionKeyId.Generate(),
        Epoch = 1,
        Identity = new HeadIdentity(KeyId.Generate(), Key.PublicKey),
        Slots = [new HeadSlot(SlotId.Generate(), SlotKind.Words, Key.PublicKey, Hash256.Zero)],
        Count = 1,
        Root = Hash256.Zero,
        Links = [],
    };

    /// <summary>Signs heads up to a number, as one client that never forgets.</summary>
    public static TestAccount WithHeads(int count)
    {
        var account = new TestAccount();
        account.Append(account.First());
        while (account.Heads.Count < count)
            account.Append(account.Next(account.Newest.Head.Day));
        return account;
    }

    /// <summary>The same account, after which another history can be written than in this one.</summary>
    public TestAccount Fork(long last)
    {
        var fork = new TestAccount { Id = Id, Key = Ed25519PrivateKey.FromSeed(Key.DangerousExportSeed().DangerousSpan) };
        foreach (var (number, head) in Heads.TakeWhile(head => head.Key <= last))
            fork.Heads.Add(number, head);
        return fork;
    }

    /// <summary>The head after the newest, with links straight from the service's table.</summary>
    public KeystoreHead Next(DateOnly day) => Newest.Head with
    {
        Number = Heads.Count + 1,
        Day = day,
        Root = Hash256.Of(BitConverter.GetBytes(Heads.Count)),
        Links = [.. HeadChain.LinkedNumbers(Heads.Count + 1).Select(number => Heads[number].Hash)],
    };

    public void Append(KeystoreHead head) => Heads.Add(head.Number, head.Sign(Key));

    public List<SignedHead<KeystoreHead>> Chain(long newest, long pinned) => [.. HeadChain.NumbersBetween(newest, pinned).Select(number => Heads[number])];

    public HeadPin Pin(long number) => number == 0 ? HeadPin.None : Accept(HeadPin.None, number);

    /// <summary>What a client does with an honest answer.</summary>
    public HeadPin Accept(HeadPin pin, long newest) => HeadChain.Verify(pin, Heads[newest], Chain(newest, pin.Number), Id, Key.PublicKey);

    public void Dispose() => Key.Dispose();
}
