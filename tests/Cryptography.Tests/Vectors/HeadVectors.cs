using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Vectors;

namespace Keyladder.Cryptography.Tests.Vectors;

internal static class HeadVectors
{
    public static bool Deletions(VectorCase vector) => DeletionsOf<KeystoreHead>(vector);

    public static bool VaultDeletions(VectorCase vector) => DeletionsOf<VaultHead>(vector);

    private static bool DeletionsOf<THead>(VectorCase vector)
        where THead : Head, IHead<THead>
    {
        if (!AccountDeletion.TryVerify<THead>(vector.Text("jws"), out var deletion))
            return false;
        vector.GivesJson("payload", JsonSerializer.SerializeToElement(new JsonObject
        {
            ["aud"] = deletion.Audience.ToString(),
            ["account"] = deletion.Account.ToString(),
            ["number"] = deletion.Number,
            ["day"] = deletion.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["head"] = deletion.Head.ToString(),
            ["identity"] = Convert.ToHexStringLower(deletion.Identity.Bytes),
        }));
        vector.Gives("hash", Jws.SigningInputHash(vector.Text("jws")));
        return true;
    }

    public static bool Heads(VectorCase vector)
    {
        Assert.True(Ed25519PublicKey.TryImport(vector.Bytes("identityPublic"), out var identity));
        if (!KeystoreHead.TryRead(vector.Text("jws"), out var signed))
            return false;
        if (!signed.IsSignedBy(identity))
            return vector.RefusedFor("signature");

        vector.Gives("hash", signed.Hash.ToString());
        var head = signed.Head;
        var shown = Shown(head);
        shown["kek"] = head.KeyEncryptionKey.ToString();
        shown["epoch"] = head.Epoch;
        shown["identity"] = new JsonObject { ["id"] = head.Identity.Id.ToString(), ["public"] = Convert.ToHexStringLower(head.Identity.Public.Bytes) };
        shown["slots"] = new JsonArray([.. head.Slots.Select(slot => new JsonObject
        {
            ["id"] = slot.Id.ToString(),
            ["kind"] = slot.Kind,
            ["login"] = Convert.ToHexStringLower(slot.Login.Bytes),
            ["wrapped"] = slot.Wrapped.ToString(),
        })]);
        vector.GivesJson("head", JsonSerializer.SerializeToElement(shown));
        return true;
    }

    public static bool VaultHeads(VectorCase vector)
    {
        Assert.True(Ed25519PublicKey.TryImport(vector.Bytes("headPublic"), out var key));
        if (!VaultHead.TryRead(vector.Text("jws"), out var signed))
            return false;
        if (!signed.IsSignedBy(key))
            return vector.RefusedFor("signature");
        if (!signed.Head.Signer.Equals(key))
            return vector.RefusedFor("value");

        vector.Gives("hash", signed.Hash.ToString());
        var shown = Shown(signed.Head);
        shown["key"] = Convert.ToHexStringLower(signed.Head.Key.Bytes);
        shown["signIn"] = Convert.ToHexStringLower(signed.Head.SignIn.Bytes);
        if (signed.Head.Dek is { } dek)
            shown["dek"] = dek.ToString();
        vector.GivesJson("head", JsonSerializer.SerializeToElement(shown));
        return true;
    }

    private static JsonObject Shown(Head head)
    {
        var shown = new JsonObject
        {
            ["account"] = head.Account.ToString(),
            ["number"] = head.Number,
            ["day"] = head.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["format"] = head.Format,
            ["count"] = head.Count,
            ["root"] = head.Root.ToString(),
            ["audit"] = head.Audit.ToString(),
            ["links"] = new JsonArray([.. head.Links.Select(link => JsonValue.Create(link.ToString()))]),
        };
        if (head.Lost is { } lost)
        {
            shown["lost"] = new JsonArray([.. lost.Select(each => new JsonObject
            {
                ["number"] = each.Number,
                ["hash"] = each.Hash.ToString(),
                ["ancestors"] = new JsonArray([.. each.Ancestors.Select(ancestor => JsonValue.Create(ancestor.ToString()))]),
                ["follows"] = each.Follows,
            })]);
        }

        return shown;
    }

    public static bool LostHeads(VectorCase vector)
    {
        Assert.True(Ed25519PublicKey.TryImport(vector.Bytes("identityPublic"), out var identity));
        Assert.True(KeystoreHead.TryRead(vector.Text("before"), out var before) && before.IsSignedBy(identity));
        Assert.True(KeystoreHead.TryRead(vector.Text("head"), out var head) && head.IsSignedBy(identity));
        var (number, hash) = (vector.Json("pin").GetProperty("number").GetInt64(), vector.Json("pin").GetProperty("hash").GetString()!);
        // What a client has pinned beside number and hash plays no part.
        var ancestors = HeadPin.AncestorNumbers(number).Select(_ => Hash256.Zero);
        var pin = new HeadPin(number, new Hash256(Convert.FromHexString(hash)), Hash256.Zero, 0, [.. ancestors]);
        Assert.Equal(vector.Json("carriesOn").GetBoolean(), head.Head.CarriesOn(before.Head));
        Assert.Equal(vector.Json("namesPin").GetBoolean(), head.Head.Lost?.Any(lost => lost.Names(pin)) ?? false);
        return true;
    }

    public static bool ChainNumbers(VectorCase vector)
    {
        var (newest, pinned) = (vector.Integer("newest"), vector.Integer("pinned"));
        Assert.Equal(Numbers("numbers"), newest > pinned ? HeadChain.NumbersBetween(newest, pinned).Prepend(newest) : HeadChain.NumbersBetween(newest, pinned));
        Assert.Equal(Numbers("links"), HeadChain.LinkedNumbers(newest));
        Assert.Equal(Numbers("ancestors"), HeadPin.AncestorNumbers(newest));
        return true;

        IEnumerable<long> Numbers(string member) => vector.Json(member).EnumerateArray().Select(number => number.GetInt64());
    }

    public static bool Chains(VectorCase vector)
    {
        Assert.True(AccountId.TryParse(vector.Text("account"), out var account));
        Assert.True(Ed25519PublicKey.TryImport(vector.Bytes("identityPublic"), out var identity));
        var pin = vector.Json("pin") is { ValueKind: JsonValueKind.Object } pinned ? ReadPin(pinned) : HeadPin.None;
        var chain = new List<SignedHead<KeystoreHead>>();
        if (!KeystoreHead.TryRead(vector.Text("head"), out var newest))
            return false;
        foreach (var jws in vector.Json("chain").EnumerateArray())
        {
            if (!KeystoreHead.TryRead(jws.GetString()!, out var head))
                return vector.RefusedFor("links");
            chain.Add(head);
        }

        HeadPin next;
        try
        {
            next = HeadChain.Verify(pin, newest, chain, account, identity);
        }
        catch (HeadRolledBackException)
        {
            return vector.RefusedFor("rolled-back");
        }
        catch (HeadForkedException)
        {
            // One alarm for everything else; the file tells apart what the library puts in its message.
            Assert.NotEqual("rolled-back", vector.Text("reason"));
            return false;
        }

        var expected = ReadPin(vector.Json("pinned"));
        Assert.Equal((expected.Number, expected.Hash), (next.Number, next.Hash));
        Assert.Equal(expected.Ancestors, next.Ancestors);
        var following = next.Next(newest, newest.Head.Day, newest.Head.Root, newest.Head.Count);
        Assert.Equal(vector.Json("nextLinks").EnumerateArray().Select(link => link.GetString()), following.Links.Select(link => link.ToString()));
        return true;
    }

    /// <summary>Root and count play no part in a chain.</summary>
    private static HeadPin ReadPin(JsonElement pin)
    {
        var ancestors = pin.GetProperty("ancestors").EnumerateArray().ToList();
        var number = pin.GetProperty("number").GetInt64();
        Assert.Equal(HeadPin.AncestorNumbers(number), ancestors.Select(ancestor => ancestor.GetProperty("number").GetInt64()));
        return new HeadPin(number, Hash(pin), Hash256.Zero, 0, [.. ancestors.Select(Hash)]);

        static Hash256 Hash(JsonElement element) => new(Convert.FromHexString(element.GetProperty("hash").GetString()!));
    }
}
