using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Vault;
using Keyladder.Vectors;

namespace Keyladder.Keys.Tests.Vectors;

/// <summary>What is sealed for a Vault, through the DEK that opens it.</summary>
internal static class VaultVectors
{
    public static bool DekNames(VectorCase vector)
    {
        Assert.True(AccountId.TryParse(vector.Text("account"), out var account));
        using var dek = Dek(account, vector.Bytes("dek"));
        vector.Gives("dekName", dek.VaultName!.Value.ToString());
        return true;
    }

    public static bool Items(VectorCase vector)
    {
        var place = new Place(vector.Json("context"));
        using var dek = Dek(place.Account, vector.Bytes("key"));
        if (Opened(() => dek.Open(place.Item, vector.Bytes("envelope"), place.Revision)) is not { } item)
            return false;

        vector.GivesJson("item", JsonSerializer.SerializeToElement(Shown(item)));
        var again = dek.Open(place.Item, dek.Seal(place.Item, item, place.Revision), place.Revision);
        Assert.Equal(Shown(item).ToJsonString(), Shown(again).ToJsonString());
        return true;
    }

    public static bool Attributes(VectorCase vector)
    {
        var place = new Place(vector.Json("context"));
        using var dek = Dek(place.Account, vector.Bytes("key"));
        if (Opened(() => dek.Open(place.Item, place.Attribute, vector.Bytes("envelope"), place.Revision)) is not { } attribute)
            return false;

        vector.GivesJson("attribute", JsonSerializer.SerializeToElement(new JsonObject
        {
            ["name"] = attribute.Name,
            ["type"] = attribute.Type,
            ["value"] = Convert.ToHexStringLower(attribute.Value.Span),
        }));
        // Whoever may read it may write it.
        Assert.Equal(attribute.Encode(), ItemAttribute.Create(attribute.Name, attribute.Type, attribute.Value).Encode());
        return true;
    }

    public static bool Attachments(VectorCase vector)
    {
        Assert.True(AccountId.TryParse(vector.Text("account"), out var account));
        Assert.True(AttachmentId.TryParse(vector.Text("id"), out var id));
        var members = new AttachmentMembers(id, vector.Bytes("key"), vector.Bytes("header"), vector.Integer("size"));
        if (Opened(() => Envelopes.Attachments.Open(account, members, vector.Bytes("envelope"))) is not { } content)
            return false;

        vector.Gives("content", Convert.ToHexStringLower(content));
        Assert.Equal(vector.Bytes("envelope").Length, new Attachment(members).SealedLength);
        return true;
    }

    /// <returns>The context as the library encodes it, and the content.</returns>
    public static (byte[] Context, byte[] Content) OpenObject(JsonElement context, byte[] key, byte[] envelope)
    {
        var place = new Place(context);
        using var dek = Dek(place.Account, key);
        var name = dek.VaultName!.Value;
        return place.IsItem
            ? (Contexts.VaultItem(place.Account, place.Item, place.Revision, name), dek.Open(place.Item, envelope, place.Revision).Encode())
            : (Contexts.VaultAttribute(place.Account, place.Item, place.Attribute, place.Revision, name), dek.Open(place.Item, place.Attribute, envelope, place.Revision).Encode());
    }

    /// <summary>Account at the Keystore and key id play no part in what is sealed for a Vault: they are others each time.</summary>
    private static PersonalDataEncryptionKey Dek(AccountId vault, byte[] key)
    {
        Assert.True(Origin.TryParse("https://vault.example.org", out var origin));
        return new(AccountId.Generate(), KeyId.Generate(), KeyState.Active, SecretBytes.CopyOf(key), new KeyService(origin, vault));
    }

    private static T? Opened<T>(Func<T> open)
        where T : class
    {
        try
        {
            return open();
        }
        catch (OpenFailedException)
        {
            return null;
        }
    }

    private static JsonObject Shown(ItemOverview item)
    {
        var shown = new JsonObject
        {
            ["name"] = item.Name,
            ["kind"] = item.Kind,
            ["tags"] = new JsonArray([.. item.Tags.Select(tag => JsonValue.Create(tag))]),
            ["created"] = Day(item.Created),
            ["changed"] = Day(item.Changed),
            ["attributes"] = new JsonArray([.. item.Attributes.Select(Shown)]),
        };
        if (item.Follows is { } follows)
            shown["follows"] = follows.ToString();
        if (item.Removed is { } removed)
            shown["removed"] = Day(removed);
        if (item.ConflictOf is { } other)
            shown["conflictOf"] = other.ToString();
        return shown;
    }

    private static JsonObject Shown(AttributeEntry entry)
    {
        var shown = new JsonObject { ["id"] = entry.Id.ToString(), ["revision"] = entry.Revision, ["leaf"] = entry.Leaf.ToString() };
        if (entry.Removed is { } removed)
            shown["removed"] = Day(removed);
        return shown;
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private sealed class Place(JsonElement context)
    {
        public bool IsItem => context.GetProperty("label").GetString() == Labels.VaultItem;

        public AccountId Account => Id<AccountId>("account");

        public ItemId Item => Id<ItemId>("item");

        public AttributeId Attribute => Id<AttributeId>("attribute");

        public long Revision => context.GetProperty("revision").GetInt64();

        private TId Id<TId>(string member)
            where TId : struct, IUuid<TId> => TId.From(Guid.ParseExact(context.GetProperty(member).GetString()!, "D"));
    }
}
