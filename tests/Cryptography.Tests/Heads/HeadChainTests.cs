using CsCheck;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Heads;

public sealed class HeadChainTests : IDisposable
{
    private const int Count = 42;

    private readonly TestAccount account = TestAccount.WithHeads(Count);

    public void Dispose() => account.Dispose();

    [Fact]
    public void From_any_pin_every_later_head_is_accepted_and_followed_with_links_to_true_ancestors()
    {
        for (var pinned = 0; pinned <= Count; pinned++)
        {
            var pin = account.Pin(pinned);
            for (var newest = Math.Max(1, pinned); newest < Count; newest++)
            {
                var accepted = account.Accept(pin, newest);
                Assert.Equal((newest, account.Heads[newest].Hash, account.Heads[newest].Head.Root), (accepted.Number, accepted.Hash, accepted.Root));
                var next = accepted.Next(account.Heads[newest], new DateOnly(2026, 1, 2), Hash256.Zero, 1);
                Assert.Equal(newest + 1, next.Number);
                Assert.Equal(account.Heads[newest + 1].Head.Links, next.Links);
            }
        }
    }

    [Fact]
    public void A_client_that_looks_now_and_then_and_writes_now_and_then_always_knows_the_links() =>
        Gen.Int[1, 9].Array[1, 20].Sample(steps =>
        {
            using var shared = TestAccount.WithHeads(1);
            var (mine, other) = (shared.Pin(1), shared.Pin(1));
            foreach (var step in steps)
            {
                // The other device writes a few heads, this one catches up and writes one of its own.
                other = shared.Accept(other, shared.Heads.Count);
                for (var written = 0; written < step; written++)
                    other = Write(other);
                mine = Write(shared.Accept(mine, shared.Heads.Count));
            }

            HeadPin Write(HeadPin pin)
            {
                var head = pin.Next(shared.Newest, new DateOnly(2026, 1, 3), Hash256.Zero, 1);
                Assert.Equal(shared.Next(head.Day).Links, head.Links);
                shared.Append(head);
                return HeadChain.Verify(pin, shared.Newest, [], shared.Id, shared.Key.PublicKey);
            }
        }, iter: 20);

    [Fact]
    public void A_chain_is_as_short_as_the_specification_says()
    {
        for (var newest = 1L; newest <= 2_000; newest++)
        {
            for (var pinned = 0L; pinned <= newest; pinned += 7)
                Assert.InRange(HeadChain.NumbersBetween(newest, pinned).Count(), 0, (2 * Math.Log2(newest)) + 1);
        }

        Assert.InRange(HeadChain.NumbersBetween((1L << 53) - 1, 1).Count(), 0, 106);
    }

    [Fact]
    public void D08_an_older_head_is_a_rollback_even_if_all_of_it_is_genuine()
    {
        var alarm = Assert.Throws<HeadRolledBackException>(() => Verify(account.Pin(20), account.Heads[19], []));
        Assert.Equal((20, 19), (alarm.Pinned, alarm.Shown));
    }

    [Fact]
    public void The_pinned_head_again_changes_nothing()
    {
        var pin = account.Pin(20);
        Assert.Same(pin, Verify(pin, account.Heads[20], []));
    }

    [Fact]
    public void D09_every_history_that_parts_before_the_pin_is_a_fork_at_any_number()
    {
        for (var last = 1; last < 20; last++)
        {
            using var fork = account.Fork(last);
            while (fork.Heads.Count < 40)
                fork.Append(fork.Next(new DateOnly(2026, 1, 3)));
            foreach (var newest in new[] { 20, 21, 24, 32, 40 })
            {
                var alarm = Assert.Throws<HeadForkedException>(() => Verify(account.Pin(20), fork.Heads[newest], fork.Chain(newest, 20)));
                Assert.Equal((20, newest), (alarm.Pinned, alarm.Shown));
            }
        }
    }

    [Fact]
    public void D09_a_fork_cannot_be_hidden_behind_heads_of_the_true_history()
    {
        using var fork = account.Fork(10);
        while (fork.Heads.Count < 40)
            fork.Append(fork.Next(new DateOnly(2026, 1, 3)));
        Refused(account.Pin(20), fork.Heads[37], account.Chain(37, 20));
        Refused(account.Pin(20), account.Heads[37], fork.Chain(37, 20));
        for (var index = 0; index < account.Chain(37, 20).Count; index++)
        {
            var mixed = account.Chain(37, 20);
            mixed[index] = fork.Chain(37, 20)[index];
            Refused(account.Pin(20), account.Heads[37], mixed);
        }
    }

    [Fact]
    public void A_chain_with_a_head_left_out_added_or_moved_is_refused()
    {
        var (pin, newest) = (account.Pin(5), account.Heads[41]);
        var chain = account.Chain(41, 5);
        for (var index = 0; index < chain.Count; index++)
        {
            Refused(pin, newest, [.. chain[..index], .. chain[(index + 1)..]]);
            Refused(pin, newest, [.. chain[..index], chain[index], .. chain[index..]]);
        }

        Refused(pin, newest, [.. Enumerable.Reverse(chain)]);
        Refused(pin, newest, []);
        Refused(pin, newest, [newest, .. chain]);
        Refused(pin, newest, [.. chain, account.Heads[5]]);
        Refused(HeadPin.None, newest, chain);
        Refused(account.Pin(41), newest, [newest]);
    }

    [Fact]
    public void The_longest_steps_are_taken_so_that_there_is_one_chain()
    {
        Assert.Equal([12, 8, 6], HeadChain.NumbersBetween(13, 5));
        Refused(account.Pin(5), account.Heads[13], [account.Heads[12], account.Heads[8], account.Heads[7], account.Heads[6]]);
    }

    [Fact]
    public void A_head_signed_by_another_key_is_refused_wherever_it_stands()
    {
        using var another = Ed25519PrivateKey.Generate();
        var (pin, newest, chain) = (account.Pin(5), account.Heads[41], account.Chain(41, 5));
        Refused(pin, newest.Head.Sign(another), chain);
        for (var index = 0; index < chain.Count; index++)
        {
            // The signature is not part of the hash: all links fit.
            var forged = account.Chain(41, 5);
            forged[index] = forged[index].Head.Sign(another);
            Assert.Equal(chain[index].Hash, forged[index].Hash);
            Refused(pin, newest, forged);
        }

        Assert.Throws<HeadForkedException>(() => HeadChain.Verify(pin, newest, chain, account.Id, another.PublicKey));
    }

    [Fact]
    public void A_head_of_another_account_is_refused_wherever_it_stands()
    {
        Assert.Throws<HeadForkedException>(() =>
            HeadChain.Verify(account.Pin(5), account.Heads[41], account.Chain(41, 5), AccountId.Generate(), account.Key.PublicKey));

        // All signed by the right key, and all links fit.
        var stranger = (account.Heads[42].Head with { Account = AccountId.Generate() }).Sign(account.Key);
        var after = (account.Newest.Head with { Number = 43, Links = [stranger.Hash] }).Sign(account.Key);
        Refused(account.Pin(41), after, [stranger]);
    }

    [Fact]
    public void Each_link_on_the_way_counts()
    {
        var pin = account.Pin(3);
        foreach (var newest in new[] { 4, 5, 8, 16, 24 })
        {
            var head = account.Heads[newest].Head;
            for (var index = 0; index < head.Links.Count; index++)
            {
                Hash256[] links = [.. head.Links];
                links[index] = Hash256.Of([1]);
                var changed = (head with { Links = links }).Sign(account.Key);
                var chain = account.Chain(newest, 3);
                var next = chain.Count > 0 ? chain[0].Head.Number : 3;
                if (HeadChain.LinkedNumbers(newest).ElementAt(index) == next)
                    Refused(pin, changed, chain);
            }
        }
    }

    [Fact]
    public void A_link_to_a_true_ancestor_with_another_number_is_refused()
    {
        // As a faulty client might sign it: where head 12 links to head 8, its hash is that of head 7.
        var head = account.Heads[12].Head;
        var faulty = (head with { Links = [head.Links[0], head.Links[1], account.Heads[7].Hash] }).Sign(account.Key);
        Refused(account.Pin(5), faulty, [account.Heads[7], account.Heads[6]]);
    }

    [Fact]
    public void A_pin_has_the_ancestors_of_its_number_or_is_none()
    {
        Assert.Throws<ArgumentException>(() => new HeadPin(13, Hash256.Zero, Hash256.Zero, 1, [Hash256.Zero]));
        Assert.Throws<ArgumentException>(() => new HeadPin(8, Hash256.Zero, Hash256.Zero, 1, [Hash256.Zero]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HeadPin(-1, Hash256.Zero, Hash256.Zero, 1, []));
        Assert.Throws<ArgumentException>(() => account.Pin(13).Next(account.Heads[12], new DateOnly(2026, 1, 2), Hash256.Zero, 1));
    }

    private HeadPin Verify(HeadPin pin, SignedHead<KeystoreHead> newest, IReadOnlyList<SignedHead<KeystoreHead>> chain) =>
        HeadChain.Verify(pin, newest, chain, account.Id, account.Key.PublicKey);

    private void Refused(HeadPin pin, SignedHead<KeystoreHead> newest, IReadOnlyList<SignedHead<KeystoreHead>> chain) =>
        Assert.Throws<HeadForkedException>(() => Verify(pin, newest, chain));
}
