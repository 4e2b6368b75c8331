using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using Keyladder.Vectors;
using static Keyladder.Keys.Tests.Vectors.RelationshipVectors;

namespace Keyladder.Keys.Tests.Vectors;

/// <summary>What the parties of a relationship leave for each other.</summary>
internal static class ShareVectors
{
    public static bool DekNames(VectorCase vector)
    {
        using var dek = Dek(vector.Bytes("dek"));
        vector.Gives("dekName", dek.NameFor(Id<RelationshipId>(vector.Text("relationship")), Id<ShareId>(vector.Text("share"))).ToString());
        return true;
    }

    public static bool Copies(VectorCase vector)
    {
        using var dek = Dek(vector.Bytes("dek"));
        try
        {
            var content = dek.Open(
                Id<RelationshipId>(vector.Text("relationship")), Id<ShareId>(vector.Text("share")), vector.Bytes("envelope"), vector.Integer("number"));
            vector.GivesJson("content", JsonSerializer.SerializeToElement(new JsonObject
            {
                ["name"] = content.Name ?? "",
                ["kind"] = content.Kind ?? "",
                ["attributes"] = new JsonArray([.. content.Attributes.Select(attribute => new JsonObject
                {
                    ["id"] = attribute.Id.ToString(),
                    ["name"] = attribute.Content.Name,
                    ["type"] = attribute.Content.Type,
                    ["value"] = Convert.ToHexStringLower(attribute.Content.Value.Span),
                })]),
            }));
            return true;
        }
        catch (OpenFailedException)
        {
            return false;
        }
    }

    public static bool Attachments(VectorCase vector)
    {
        var members = new AttachmentMembers(Id<AttachmentId>(vector.Text("id")), vector.Bytes("key"), vector.Bytes("header"), vector.Integer("size"));
        try
        {
            vector.Gives("content", Convert.ToHexStringLower(Envelopes.Attachments.Open(Id<RelationshipId>(vector.Text("relationship")), members, vector.Bytes("envelope"))));
            return true;
        }
        catch (OpenFailedException)
        {
            return false;
        }
    }

    // The letter is made here of what the case says of it: a statement is read in the letter that it came in.
    public static bool Statements(VectorCase vector)
    {
        using var holder = Party(vector.Bytes("seed"));
        Assert.Equal(vector.Text("to"), holder.Did.ToString());
        var relationship = Id<RelationshipId>(vector.Text("relationship"));
        var from = Pinned(Subject(vector, "from"), relationship.ToString());
        var (said, keys) = (vector.Json("letter"), Bundle(holder, relationship));
        var id = Guid.ParseExact(said.GetProperty("id").GetString()!, "D");
        Assert.Equal(said.GetProperty("key").GetString(), Convert.ToHexStringLower(keys.SealingKeyName));
        using var dek = Optional(said, "dek") is { } key ? Dek(key) : null;
        var jws = vector.Text("jws");
        using var letter = holder.Open(from, id, Letter.Seal(keys, from.Subject, id, [jws], dek, Optional(said, "copy") ?? []));

        if (!ShareStatement.TryVerify(jws, from, holder.Did, letter, out var statement))
            return false;
        vector.GivesJson("statement", JsonSerializer.SerializeToElement(Shown(statement)));
        return true;
    }

    public static bool Orders(VectorCase vector)
    {
        Assert.True(ShareStatement.TryRead(vector.Text("jws"), out var next));
        return next.Follows(vector.Text("known"));
    }

    public static bool Events(VectorCase vector)
    {
        if (!ShareEvent.TryVerify(vector.Text("jws"), Subject(vector, "issuer"), out var told))
            return false;

        vector.GivesJson("event", JsonSerializer.SerializeToElement(new JsonObject
        {
            ["iss"] = told.Issuer.ToString(),
            ["attribute"] = told.Attribute.ToString(),
            ["event"] = told.Event,
            ["number"] = told.Number,
        }));
        return true;
    }

    public static bool Letters(VectorCase vector)
    {
        using var key = Party(vector.Bytes("seed"));
        var from = Pinned(Subject(vector, "from"), vector.Text("relationship"));
        var sealedLetter = vector.Bytes("letter");
        try
        {
            using var letter = key.Open(from, Guid.ParseExact(vector.Text("id"), "D"), sealedLetter);
            Assert.True(key.IsAddressee(sealedLetter));
            vector.GivesJson("statements", JsonSerializer.SerializeToElement(letter.Statements));
            using var dek = letter.HasDek ? letter.TakeDek(AccountId.Generate()) : null;
            using var bytes = dek?.CopyKeyBytes();
            vector.Gives("dek", bytes is null ? [] : bytes.DangerousSpan);
            vector.Gives("copy", letter.Copy.Span);
            return true;
        }
        catch (OpenFailedException)
        {
            return false;
        }
    }

    private static SharingDataEncryptionKey Dek(byte[] key) => new(AccountId.Generate(), KeyId.Generate(), KeyState.Active, SecretBytes.CopyOf(key));

    private static byte[]? Optional(JsonElement json, string member) => json.GetProperty(member).GetString() is { } text ? Convert.FromHexString(text) : null;

    private static JsonObject Shown(ShareStatement statement)
    {
        var shown = new JsonObject
        {
            ["iss"] = statement.Issuer.ToString(),
            ["aud"] = statement.Audience.ToString(),
            ["relationship"] = statement.Relationship.ToString(),
            ["share"] = statement.Share.ToString(),
            ["number"] = statement.Number,
            ["state"] = statement.State,
            ["attributes"] = new JsonArray([.. statement.Attributes.Select(id => JsonValue.Create(id.ToString()))]),
            ["day"] = Day(statement.Day),
        };
        Add("previous", statement.Previous?.ToString());
        Add("key", statement.Key is { } key ? Convert.ToHexStringLower(key) : null);
        Add("dek", statement.Dek?.ToString());
        Add("copy", statement.Copy?.ToString());
        Add("terms", statement.Terms);
        Add("expires", statement.Expires is { } last ? Day(last) : null);
        if (statement.Receipts is { } receipts)
            shown["receipts"] = receipts;
        return shown;

        void Add(string name, string? value)
        {
            if (value is not null)
                shown[name] = value;
        }
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
