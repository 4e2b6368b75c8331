using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>Heads, chains, proofs and a service's tree rows (docs/spec/heads.md).</summary>
internal static class HeadParsers
{
    private static readonly HeadPin Pinned = SampleAccount.Pin(5);

    private static readonly KeyId[] Ids = [.. SampleAccount.Keys.Take(3).Select(key => new KeyId(key.Id)), new(Fixed.Uuid(999))];

    private static readonly Dictionary<Hash256, Hash256?> Set = new(SampleAccount.Leaves(SampleAccount.Keys.Take(3))) { [KeyLeaf.Path(Ids[3])] = null };

    private static readonly Dictionary<Hash256, byte[]> Proofs =
        Enumerable.Range(1, 13).ToDictionary(number => SampleAccount.Heads[number].Head.Root, number => SampleAccount.Proof(number, Ids));

    private static readonly VaultHead FirstVaultHead = new()
    {
        Account = SampleVault.Service.Account,
        Number = 1,
        Day = new(2026, 1, 2),
        Count = 0,
        Root = Hash256.Zero,
        Links = [],
        Key = SampleVault.HeadKey.PublicKey,
        SignIn = SampleVault.SignIn.PublicKey,
    };

    private static readonly SignedHead<VaultHead>[] VaultHeads =
    [
        SampleVault.HeadKey.Sign(FirstVaultHead),
        SampleVault.HeadKey.Sign(FirstVaultHead with { Number = 4, Dek = Hash256.Of([4]), Count = 2, Root = Hash256.Of([1]), Links = [Hash256.Of([3]), Hash256.Of([2])] }),
        SampleVault.HeadKey.Sign(FirstVaultHead with { Number = 5, Links = [Hash256.Of([4])], Lost = [new(7, Hash256.Of([7]), [Hash256.Zero, Hash256.Zero], 4)] }),
    ];

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("head", [.. SampleAccount.Heads.Skip(1).Select(head => Payload(JwsKind.KeystoreHead, head.Jws))], ReadHead)
        {
            Covers =
            [
                "KeystoreHead.TryRead", "HeadRows.Read", "NextHead.Read", "HeadWatch.ReadLink", "HeadJson.KeystoreHead", "SlotKind.IsKnown", "Base64UrlJsonConverter.Read",
                "IntegerJsonConverter.Read", "UuidJsonConverter.Read", "Hash256JsonConverter.Read", "Ed25519PublicKeyJsonConverter.Read",
            ],
            BytesPerByte = 256,
        },
        new("vault-head", [.. VaultHeads.Select(head => Payload(JwsKind.VaultHead, head.Jws))], ReadVaultHead)
        {
            Covers = ["VaultHead.TryRead", "HeadJson.VaultHead"],
            BytesPerByte = 256,
            MoreBytes = 128 * 1024,
        },
        new("head-text", [.. SampleAccount.Heads.Skip(1).Select(head => Text.Bytes(head.Jws))], ReadHeadText) { Covers = ["KeystoreHead.TryRead"] },
        new("head-chain", [Chain(13, 5), Chain(6, 5), Chain(5, 5), Chain(4, 0), Chain(13, 8)], ReadChain)
        {
            Covers = ["HeadChain.Verify"],
            BytesPerByte = 256,
            Refusals = [typeof(HeadForkedException), typeof(HeadRolledBackException)],
        },
        new("tree-proof", [.. Proofs.Values], ReadProof)
        {
            Covers = ["TreeProof.Parse", "TreeProof.ComputeRoot", "Reader.TryRead"],
            Refusals = [typeof(ProofException)],
        },
        new("tree-pages", [.. new[] { 1, 2, 6, 13 }.Select(number => Write(SampleAccount.Pages(number)))], ReadPages)
        {
            Covers = ["PagedTree.ReadPage"],
            Refusals = [typeof(InvalidDataException)],
            BytesPerByte = 256,
            MoreBytes = 256 * 1024,
        },
    ];

    private static byte[] Payload(JwsKind kind, string jws) => Jws.TryReadUnverified(kind, jws, out var payload) ? payload : throw new InvalidOperationException();

    // Payloads, one a line: each is signed before it is read, so that the chain itself is what has to say no.
    private static byte[] Chain(int newest, int pinned)
    {
        SignedHead<KeystoreHead>[] heads = [SampleAccount.Heads[newest], .. SampleAccount.Chain(newest, pinned)];
        return [.. heads.SelectMany(head => (byte[])[.. Payload(JwsKind.KeystoreHead, head.Jws), (byte)'\n'])];
    }

    private static bool ReadHead(byte[] input)
    {
        if (!KeystoreHead.TryRead(Jws.Sign(JwsKind.KeystoreHead, input, SampleAccount.IdentityKey), out var signed))
            return false;
        Require(signed.IsSignedBy(SampleAccount.IdentityKey.PublicKey), "It was signed.");
        var again = signed.Head.Sign(SampleAccount.IdentityKey);
        Require(KeystoreHead.TryRead(again.Jws, out var read) && read.Head.Write().AsSpan().SequenceEqual(signed.Head.Write()), "Writing it again keeps it.");
        return true;
    }

    private static bool ReadVaultHead(byte[] input)
    {
        if (!VaultHead.TryRead(Jws.Sign(JwsKind.VaultHead, input, SampleVault.HeadPrivateKey), out var signed))
            return false;
        Require(signed.IsSignedBy(SampleVault.HeadKey.PublicKey), "It was signed.");
        var written = signed.Head.Write();
        Require(
            VaultHead.TryRead(Jws.Sign(JwsKind.VaultHead, written, SampleVault.HeadPrivateKey), out var read) && read.Head.Write().AsSpan().SequenceEqual(written),
            "Writing it again keeps it.");
        return true;
    }

    private static bool ReadHeadText(byte[] input)
    {
        if (!KeystoreHead.TryRead(Text.Of(input), out var head))
            return false;
        var signed = SampleAccount.Heads.Skip(1).FirstOrDefault(genuine => genuine.Jws == head.Jws);
        Require(head.IsSignedBy(SampleAccount.IdentityKey.PublicKey) == (signed is not null), "Only what was signed verifies.");
        return true;
    }

    private static bool ReadChain(byte[] input)
    {
        var heads = new List<SignedHead<KeystoreHead>>();
        for (ReadOnlySpan<byte> rest = input; !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (!KeystoreHead.TryRead(Jws.Sign(JwsKind.KeystoreHead, line, SampleAccount.IdentityKey), out var head))
                return false;
            heads.Add(head);
        }

        if (heads.Count == 0)
            return false;
        var pin = HeadChain.Verify(Pinned, heads[0], heads[1..], SampleAccount.Account, SampleAccount.IdentityKey.PublicKey);
        Require(pin.Number == heads[0].Head.Number && pin.Hash == heads[0].Hash && pin.Number >= Pinned.Number, "The pin is that of the head.");
        return true;
    }

    private static bool ReadProof(byte[] input)
    {
        var proof = TreeProof.Parse(input);
        Require(proof.Encode().AsSpan().SequenceEqual(input), "A proof has one form.");
        Require(!Proofs.TryGetValue(proof.ComputeRoot(Set), out var genuine) || genuine.AsSpan().SequenceEqual(input), "A tree and a set have one proof.");
        return true;
    }

    // Each page: length of the name (1 byte), name, length (2 bytes), bytes.
    private static byte[] Write(Dictionary<string, byte[]> pages) => [.. pages.SelectMany(page => Write(page.Key, page.Value))];

    private static byte[] Write(string name, byte[] page) =>
        [(byte)name.Length, .. Text.Bytes(name), (byte)(page.Length >> 8), (byte)page.Length, .. page];

    private static bool ReadPages(byte[] input)
    {
        var pages = new Dictionary<string, byte[]>();
        for (ReadOnlySpan<byte> rest = input; !rest.IsEmpty;)
        {
            var name = Text.Of(Take(ref rest, Take(ref rest, 1) is [var length] ? length : 0));
            var size = Take(ref rest, 2) is [var high, var low] ? (high << 8) | low : 0;
            pages[name] = Take(ref rest, size).ToArray();
        }

        var tree = new PagedTree(pages);
        if (tree.MissingPages(Set.Keys).Count == 0)
        {
            var proof = tree.Prove(Set.Keys).Encode();
            Require(TreeProof.Parse(proof).Encode().AsSpan().SequenceEqual(proof), "What it proves is a proof.");
            tree.Apply(Set);
            Require(new PagedTree(pages).Apply(new Dictionary<Hash256, Hash256?>()).Changed.Count == 0, "Nothing changes by itself.");
        }

        return true;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int count)
    {
        var taken = rest[..Math.Min(count, rest.Length)];
        rest = rest[taken.Length..];
        return taken;
    }
}
