using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Relationships;

/// <summary>
/// Alice and Bob have a relationship. She invites somebody under another name, with her bent client and her Vault's help, and wants to know whether that is Bob too
/// (docs/spec/relationships.md section 4): whatever she puts into the invitation, Bob's program does what a stranger's would.
/// </summary>
public sealed class SeveralNamesTests : IAsyncLifetime
{
    private readonly RelationshipScene _scene = new();
    private readonly RelationshipKey _another =
        RelationshipKey.Generate(AccountId.Generate(), new KeyService(Origin.TryParse("https://alice.example.org", out var origin) ? origin : throw new FormatException(), AccountId.Generate()));

    public ValueTask InitializeAsync() => _scene.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _scene.DisposeAsync();
        _another.Dispose();
    }

    [Theory]
    [InlineData("the id of the relationship that she has with Bob")]
    [InlineData("that, and the DID that she has there")]
    [InlineData("that, and the DID that Bob has there")]
    public async Task I01_an_inviter_does_not_learn_whether_who_accepts_has_what_the_invitation_names(string what)
    {
        using var alices = await _scene.KeyOfAsync(_scene.Alice, "Bob");
        var bob = await PinnedAsync(_scene.Alice, "Bob");
        var (inviter, bundle) = what switch
        {
            "the id of the relationship that she has with Bob" => (_another.Did, _another.SignBundle(bob.Relationship, 1)),
            "that, and the DID that she has there" => (alices.Did, alices.SignBundle(bob.Relationship, 1)),
            _ => (bob.Subject, (await WithAsync(_scene.Alice, "Bob")).Item.State.Other!.Bundle), // which he signed
        };
        using var invitation = Invite(inviter);
        Offer(invitation, bundle);
        foreach (var person in (Client.Vault[])[_scene.Bob, await _scene.NewPersonAsync()])
            Assert.Equal(inviter, (await AcceptAsync(person, invitation)).OtherDid);

        // And neither is mistaken for the other.
        _scene.Hostile.TellTheTruth();
        Assert.Empty((await _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation)).Refused);
        Assert.Equal((RelationshipStatus.Established, RelationshipStatus.Accepted), ((await WithAsync(_scene.Bob, "Alice")).Status, (await WithAsync(_scene.Bob, "somebody")).Status));
        var given = Assert.Single(await _scene.ShareAsync("Bob"));
        Assert.Equal([given.Id], (await _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);
        Assert.Equal((await WithAsync(_scene.Bob, "Alice")).Id, Assert.Single(await _scene.Bob.Relationships.ListHeldAsync(Cancellation)).Relationship);
        Assert.NotEqual((await WithAsync(_scene.Bob, "Alice")).Id, (await WithAsync(_scene.Bob, "somebody")).Id);
        await _scene.Bob.Relationships.EndAsync((await WithAsync(_scene.Bob, "somebody")).Id, Cancellation);
        Assert.Equal(["Alice", "Carol"], (await _scene.Bob.Relationships.ListAsync(Cancellation)).Select(each => each.Name));
        Assert.Equal("DE01", (await _scene.Bob.Relationships.OpenAsync(Assert.Single(await _scene.Bob.Relationships.ListHeldAsync(Cancellation)), Cancellation)).Attributes[0].Content.GetText());
    }

    [Fact]
    public async Task I01_one_link_under_two_names_is_accepted_under_both()
    {
        using var invitation = Invite(_another.Did);
        Offer(invitation, _another.SignBundle(RelationshipId.Generate(), 1));
        var accepted = new[] { await AcceptAsync(_scene.Bob, invitation), await AcceptAsync(_scene.Bob, invitation, "somebody else"), await AcceptAsync(_scene.Carol, invitation) };

        // Nothing in the three letters that she gets is the same in two of them.
        Assert.Equal(3, accepted.Select(each => each.Id).Distinct().Count());
        Assert.Equal(3, accepted.Select(each => each.Did).Distinct().Count());
        Assert.Equal(3, accepted.Select(each => each.Item.State.Channel).Distinct().Count());
    }

    private RelationshipInvitation Invite(Did inviter) => RelationshipInvitation.Generate(
        Origin.TryParse(_scene.Hostile.Proxy.Address.GetLeftPart(UriPartial.Authority), out var origin) ? origin : throw new FormatException(), ChannelId.Generate(), inviter, DateTimeOffset.UtcNow.AddDays(1));

    /// <summary>From now on her Vault has that channel, and takes every acceptance.</summary>
    private void Offer(RelationshipInvitation invitation, string bundle)
    {
        var offer = new JsonObject { ["id"] = $"{Guid.NewGuid():D}", ["number"] = 1, ["sealed"] = Base64UrlText.Encode(invitation.SealOffer(bundle)) };
        var letters = System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["letters"] = new JsonArray(offer) }.ToJsonString());
        _scene.Hostile.Proxy.Invent = (call, _) => call switch
        {
            "GET /v1/channel" => letters,
            "POST /v1/channel" => [],
            _ => null,
        };
        _scene.Hostile.Proxy.Lie = answer => answer.Status = $"{answer.Method} {answer.Path}" == "POST /v1/channel" ? 201 : answer.Status;
    }

    /// <summary>Whose acceptance comes in.</summary>
    private async Task<Relationship> AcceptAsync(Client.Vault person, RelationshipInvitation invitation, string name = "somebody")
    {
        var before = _scene.Hostile.Proxy.Calls.Count;
        var accepted = await person.Relationships.AcceptAsync(invitation.DangerousToLink(new Uri("https://keyladder.example.org/")).ToString().AsMemory(), name, Cancellation);
        Assert.Contains("POST /v1/channel", _scene.Hostile.Proxy.Calls.Skip(before));
        return accepted;
    }
}
