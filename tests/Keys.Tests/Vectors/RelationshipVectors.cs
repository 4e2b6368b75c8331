using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.PublicKeyEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Vectors;

namespace Keyladder.Keys.Tests.Vectors;

/// <summary>How a relationship begins and changes its keys.</summary>
internal static class RelationshipVectors
{
    public static bool Keys(VectorCase vector)
    {
        using var key = Party(vector.Bytes("seed"));
        var bundle = Bundle(key, RelationshipId.Generate());
        vector.Gives("did", key.Did.ToString());
        vector.Gives("sealingKey", bundle.SealingKey);
        vector.Gives("sealingKeyName", bundle.SealingKeyName);
        vector.Gives("channelKey", key.ChannelPublicKey.Bytes);
        using var didKey = Ed25519PrivateKey.FromSeed(vector.Bytes("didSeed"));
        using var channelKey = Ed25519PrivateKey.FromSeed(vector.Bytes("channelSeed"));
        using var sealingKey = XWingPrivateKey.FromSeed(vector.Bytes("sealingSeed"));
        Assert.Equal((key.PublicKey, key.ChannelPublicKey), (didKey.PublicKey, channelKey.PublicKey));
        Assert.Equal(bundle.SealingKey, sealingKey.PublicKey.ToArray());
        return true;
    }

    public static bool Bundles(VectorCase vector)
    {
        if (!KeyBundle.TryVerify(vector.Text("jws"), Subject(vector, "subject"), out var bundle))
            return false;

        vector.GivesJson("bundle", JsonSerializer.SerializeToElement(new JsonObject
        {
            ["sub"] = bundle.Subject.ToString(),
            ["relationship"] = bundle.Relationship.ToString(),
            ["purpose"] = bundle.Purpose,
            ["epoch"] = bundle.Epoch,
            ["sealingKey"] = Convert.ToHexStringLower(bundle.SealingKey),
            ["channelKey"] = Convert.ToHexStringLower(bundle.ChannelKey.Bytes),
        }));
        return true;
    }

    public static bool Links(VectorCase vector)
    {
        if (!RelationshipInvitation.TryParse(vector.Text("link"), out var invitation))
            return false;

        using (invitation)
        {
            vector.Gives("origin", invitation.Origin.ToString());
            vector.Gives("channel", invitation.Channel.ToString());
            vector.Gives("inviter", invitation.Inviter.ToString());
            vector.Gives("expires", invitation.Expires.ToUnixTimeSeconds());
            using var guest = invitation.DeriveChannelKey();
            vector.Gives("guestKey", guest.PublicKey.Bytes);

            // The secret stays inside; what it seals with, invitation-letters show.
            using var same = RelationshipInvitation.Of(
                invitation.Origin, invitation.Channel, invitation.Inviter, invitation.Expires, SecretBytes.CopyOf(vector.Bytes("secret")));
            Assert.Equal(same.DangerousEncode(), invitation.DangerousEncode());
        }

        return true;
    }

    public static bool Letters(VectorCase vector)
    {
        Assert.True(RelationshipInvitation.TryParse(vector.Text("link"), out var invitation));
        using (invitation)
        {
            try
            {
                var isOffer = vector.Text("what") == "offer";
                var envelope = vector.Bytes("envelope");
                vector.Gives("statement", isOffer ? invitation.OpenOffer(envelope) : invitation.OpenAcceptance(envelope));
                return true;
            }
            catch (OpenFailedException)
            {
                return false;
            }
        }
    }

    public static bool Words(VectorCase vector)
    {
        vector.Gives("words", SafetyWords.Of(Id<RelationshipId>(vector.Text("relationship")), Subject(vector, "one"), Subject(vector, "other")));
        return true;
    }

    public static bool Acceptances(VectorCase vector)
    {
        if (!Acceptance.TryVerify(
                vector.Text("jws"), Subject(vector, "inviter"), Id<RelationshipId>(vector.Text("relationship")), out var acceptance, out var keys))
            return false;

        vector.GivesJson("acceptance", JsonSerializer.SerializeToElement(new JsonObject
        {
            ["iss"] = acceptance.Issuer.ToString(),
            ["aud"] = acceptance.Audience.ToString(),
            ["relationship"] = acceptance.Relationship.ToString(),
            ["origin"] = acceptance.Origin.ToString(),
            ["channel"] = acceptance.Channel.ToString(),
            ["bundle"] = acceptance.Bundle,
        }));
        Assert.Equal(acceptance.Issuer, keys.Subject);
        return true;
    }

    public static bool Confirmations(VectorCase vector) => Confirmation.TryVerify(
        vector.Text("jws"), Pinned(Subject(vector, "from"), vector.Text("relationship")), Subject(vector, "to"), vector.Text("acceptance"));

    public static bool Changes(VectorCase vector)
    {
        var from = Pinned(Subject(vector, "from"), vector.Text("relationship"), vector.Integer("epoch"));
        if (!KeyChange.TryVerify(vector.Text("jws"), from, Subject(vector, "to"), out var change, out var next))
            return false;

        vector.GivesJson("change", JsonSerializer.SerializeToElement(new JsonObject
        {
            ["iss"] = change.Issuer.ToString(),
            ["aud"] = change.Audience.ToString(),
            ["relationship"] = change.Relationship.ToString(),
            ["next"] = change.Next.ToString(),
            ["bundle"] = change.Bundle,
        }));
        Assert.Equal(change.Next, next.Subject);
        return true;
    }

    /// <summary>Account and key id play no part in a relationship: they are others each time.</summary>
    public static RelationshipKey Party(byte[] seed)
    {
        Assert.True(Origin.TryParse("https://vault.example.org", out var origin));
        return RelationshipKey.Generate(AccountId.Generate(), new KeyService(origin, AccountId.Generate()), SecretBytes.CopyOf(seed));
    }

    public static KeyBundle Bundle(RelationshipKey key, RelationshipId relationship)
    {
        Assert.True(KeyBundle.TryVerify(key.SignBundle(relationship, 1), key.Did, out var bundle));
        return bundle;
    }

    /// <summary>What a reader has pinned of a party whose signature it checks: of the keys, the DID alone counts.</summary>
    public static KeyBundle Pinned(Did subject, string relationship, long epoch = 1) =>
        new(subject, Id<RelationshipId>(relationship), "relationship", epoch, [], (Ed25519PublicKey)subject.PublicKey!);

    public static Did Subject(VectorCase vector, string member)
    {
        Assert.True(Did.TryParse(vector.Text(member), out var did));
        return did;
    }

    public static TId Id<TId>(string text)
        where TId : struct, IUuid<TId> => TId.From(Guid.ParseExact(text, "D"));
}
