using System.Text;
using CsCheck;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Heads;

public sealed class KeystoreHeadTests : IDisposable
{
    private readonly TestAccount account = TestAccount.WithHeads(6);

    public void Dispose() => account.Dispose();

    [Fact]
    public void What_was_signed_is_what_is_read()
    {
        foreach (var signed in account.Heads.Values)
        {
            Assert.True(KeystoreHead.TryRead(signed.Jws, out var read));
            Assert.Equal(signed.Hash, read.Hash);
            Assert.True(read.IsSignedBy(account.Key.PublicKey));
            Assert.Equivalent(signed.Head, read.Head, strict: true);
            Assert.Equal(signed.Head.Slots, read.Head.Slots);
        }
    }

    [Fact]
    public void The_signature_is_not_part_of_the_hash_and_everything_else_is()
    {
        using var another = Ed25519PrivateKey.Generate();
        var head = account.Heads[6];
        Assert.Equal(head.Hash, head.Head.Sign(another).Hash);
        Assert.NotEqual(head.Hash, (head.Head with { Day = head.Head.Day.AddDays(1) }).Sign(account.Key).Hash);
        Assert.False(head.Head.Sign(another).IsSignedBy(account.Key.PublicKey));
    }

    [Fact]
    public void A_head_that_no_reader_would_take_cannot_be_signed()
    {
        var (first, head) = (account.Heads[1].Head, account.Heads[6].Head);
        var slot = head.Slots[0];
        KeystoreHead[] wrong =
        [
            head with { Number = 0, Links = [] },
            head with { Number = 1L << 53, Links = new Hash256[53] },
            head with { Format = 2 },
            head with { Count = 0 },
            head with { Count = -1 },
            head with { Epoch = 0 },
            head with { Links = [] },
            head with { Links = [.. head.Links, Hash256.Zero] },
            first with { Count = 2 },
            first with { Links = [Hash256.Zero] },
            head with { Slots = [] },
            head with { Slots = [slot, slot] },
            head with { Slots = [.. Ascending(2).Reverse()] },
            head with { Slots = Ascending(33) },
            head with { Slots = [slot with { Kind = "Words" }] },
            head with { Slots = [null!] },
            head with { Lost = [] },
            head with { Lost = [null!] },
            head with { Lost = [Lost(5) with { Number = 0, Ancestors = [] }] },
            head with { Lost = [Lost(5) with { Ancestors = [] }] },
            head with { Lost = [Lost(6)] },
            head with { Lost = [Lost(0)] },
            head with { Lost = [Lost(4), Lost(5)] },
            head with { Lost = [Lost(5), Lost(5)] },
            head with { Number = 11, Lost = [.. Enumerable.Range(0, 9).Select(at => Lost(9 - at))] },
        ];
        Assert.All(wrong, bad => Assert.Throws<ArgumentException>(() => bad.Sign(account.Key)));
        Assert.Equal(32, (head with { Slots = Ascending(32) }).Sign(account.Key).Head.Slots.Count);
        Assert.Equal([Lost(5), Lost(2)], (head with { Lost = [Lost(5), Lost(2)] }).Sign(account.Key).Head.Lost);

        static LostHead Lost(long follows) => new(7, Hash256.Zero, [Hash256.Of([6]), Hash256.Of([4])], follows);
    }

    [Fact]
    public void A_payload_with_another_value_is_refused()
    {
        var payload = Encoding.UTF8.GetString(account.Heads[6].Head.Write());
        Assert.True(IsRead(payload));
        foreach (var (from, to) in new[]
        {
            ("\"slots\":[{", "\"slots\":[null,{"),
            ("\"slots\":[", "\"slots\":null,\"x\":["),
            ("\"words\"", "\"WORDS\""),
            ("\"words\"", "0"),
            ("\"words\"", "\"\\ud800\""),
            ("\"identity\":{", "\"identity\":null,\"x\":{"),
            ("\"format\":1", "\"format\":1.0"),
            ("\"format\":1,", ""),
            ("\"number\":6", "\"number\":-0"),
            ("\"number\":6", "\"number\":7"),
            ("\"2026-01-02\"", "\"2026-02-29\""),
            ("\"2026-01-02\"", "\"2026-1-2\""),
            ("\"2026-01-02\"", "null"),
            ("\"count\"", "\"Count\""),
        })
        {
            var changed = payload.Replace(from, to, StringComparison.Ordinal);
            Assert.NotEqual(payload, changed);
            Assert.False(IsRead(changed), $"{from} → {to}");
        }
    }

    [Fact]
    public void A_hundred_thousand_random_payloads_and_texts_are_refused_or_heads_and_nothing_else_happens()
    {
        var jws = account.Heads[6].Jws;
        Mutations.Of(account.Heads[6].Head.Write()).Sample(payload => KeystoreHead.TryRead(WithPayload(jws, payload), out _) || true, iter: 100_000);
        Gen.Select(Gen.Int[0, jws.Length], Gen.Int[0, 2], Gen.String[0, 3])
            .Sample((at, cut, put) => KeystoreHead.TryRead($"{jws[..at]}{put}{jws[Math.Min(jws.Length, at + cut)..]}", out _) || true, iter: 100_000);
    }

    private static HeadSlot[] Ascending(int count)
    {
        using var key = Ed25519PrivateKey.Generate();
        return [.. Enumerable.Range(0, count)
            .Select(_ => new HeadSlot(SlotId.Generate(), SlotKind.Passphrase, key.PublicKey, Hash256.Zero))
            .OrderBy(slot => slot.Id.ToString(), StringComparer.Ordinal)];
    }

    private bool IsRead(string payload) => KeystoreHead.TryRead(WithPayload(account.Heads[6].Jws, Encoding.UTF8.GetBytes(payload)), out _);

    // Reading does not look at the signature.
    private static string WithPayload(string jws, byte[] payload) =>
        $"{jws[..jws.IndexOf('.')]}.{Base64UrlText.Encode(payload)}.{jws[(jws.LastIndexOf('.') + 1)..]}";
}
