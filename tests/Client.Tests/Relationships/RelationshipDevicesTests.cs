using Keyladder.Client.Tests.Vaults;
using Keyladder.Cryptography;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Relationships;

/// <summary>Several devices of a person, each of which has seen something else.</summary>
public sealed class RelationshipDevicesTests(Keystores keystores, Testing.Vaults vaults) : IClassFixture<Keystores>, IClassFixture<Testing.Vaults>
{
    [Theory, OnBothEngines]
    public async Task A_device_that_has_not_heard_of_an_invitation_loses_no_acceptance_of_it(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var (first, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        var second = await alice.OpenAsync();
        Assert.Empty(await second.Relationships.ListAsync(Cancellation));
        var invitation = await first.Relationships.InviteAsync("Bob", cancellationToken: Cancellation);
        await his.Relationships.AcceptAsync(invitation.DangerousLink.ToString().AsMemory(), "Alice", Cancellation);

        Assert.Equal([invitation.Relationship.Id], (await second.Relationships.SyncAsync(cancellationToken: Cancellation)).Established);
        Assert.Empty((await first.Relationships.SyncAsync(cancellationToken: Cancellation)).Refused);
        Assert.Equal(RelationshipStatus.Established, (await WithAsync(first, "Bob")).Status);
        Assert.Equal([(await WithAsync(his, "Alice")).Id], (await his.Relationships.SyncAsync(cancellationToken: Cancellation)).Established);
    }

    [Theory, OnBothEngines]
    public async Task A_relationship_that_another_device_has_ended_is_over_with_its_letters(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var (first, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        await ConnectAsync(first, "Alice", his, "Bob");
        var second = await alice.OpenAsync();
        await second.Relationships.SyncAsync(cancellationToken: Cancellation);
        var note = await first.PutAsync(ItemDraft.New("Note").With(ItemAttribute.Text("text", "hello")), Cancellation);
        var id = (await WithAsync(first, "Bob")).Id;
        await first.Relationships.ShareAsync([id], note.Id, terms: new ShareTerms("Yours."), cancellationToken: Cancellation);
        await his.Relationships.SyncAsync(cancellationToken: Cancellation);
        await his.Relationships.AcceptTermsAsync(Assert.Single(await his.Relationships.ListHeldAsync(Cancellation)), Cancellation);
        await first.Relationships.EndAsync(id, Cancellation);

        var news = await second.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Empty(news.Refused);
        Assert.Empty(news.Events);
        Assert.Empty(await second.Relationships.ListAsync(Cancellation));
        var change = second.Change;
        await second.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Equal(change, second.Change);
    }

    [Fact]
    public async Task Who_accepted_looks_as_often_as_he_likes_before_the_inviter_does()
    {
        await using var alice = await OwnerAsync(Engine.Sqlite);
        await using var bob = await OwnerAsync(Engine.Sqlite);
        var (hers, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        var invitation = await hers.Relationships.InviteAsync("Bob", cancellationToken: Cancellation);
        await his.Relationships.AcceptAsync(invitation.DangerousLink.ToString().AsMemory(), "Alice", Cancellation);
        foreach (var device in (Client.Vault[])[his, await bob.OpenAsync(), his])
        {
            var news = await device.Relationships.SyncAsync(cancellationToken: Cancellation);
            Assert.Empty(news.Unreachable);
            Assert.Empty(news.Shut);
            Assert.Empty(news.Established);
        }

        Assert.Equal([invitation.Relationship.Id], (await hers.Relationships.SyncAsync(cancellationToken: Cancellation)).Established);
        Assert.Equal([(await WithAsync(his, "Alice")).Id], (await his.Relationships.SyncAsync(cancellationToken: Cancellation)).Established);
    }

    [Theory, OnBothEngines]
    public async Task A_device_shares_what_another_one_has_made_of_an_item(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var (first, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        await ConnectAsync(first, "Alice", his, "Bob");
        var id = (await WithAsync(first, "Bob")).Id;
        var bank = await first.PutAsync(ItemDraft.New("Bank").With(ItemAttribute.Text("iban", "DE01")), Cancellation);
        var second = await alice.OpenAsync();
        await second.GetAsync(bank.Id, Cancellation);

        await WriteAsync("DE02");
        var share = Assert.Single(await second.Relationships.ShareAsync([id], bank.Id, cancellationToken: Cancellation));
        Assert.Equal("DE02", await ReadAsync());
        await WriteAsync("DE03");
        await second.Relationships.UpdateAsync(share, cancellationToken: Cancellation);
        Assert.Equal("DE03", await ReadAsync());

        async Task WriteAsync(string iban) => await first.PutAsync((await first.GetAsync(bank.Id, Cancellation)).Edit().With(ItemAttribute.Text("iban", iban)), Cancellation);

        async Task<string> ReadAsync()
        {
            await his.Relationships.SyncAsync(cancellationToken: Cancellation);
            var held = Assert.Single(await his.Relationships.ListHeldAsync(Cancellation));
            return (await his.Relationships.OpenAsync(held, Cancellation)).Attributes[0].Content.GetText();
        }
    }

    /// <summary>Whoever learned of it would have, in two relationships, one DID.</summary>
    [Theory, OnBothEngines]
    public async Task The_key_of_a_relationship_that_is_over_is_taken_by_no_device_again(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var first = await alice.CreateAsync();
        var taken = new List<string>();
        var second = await alice.OpenAsync();
        await second.Relationships.InviteAsync("nobody", cancellationToken: Cancellation); // knows the keys that are made ahead
        for (var round = 0; round < 12; round++)
        {
            var invitation = await (round % 2 == 0 ? first : second).Relationships.InviteAsync($"{round}", cancellationToken: Cancellation);
            taken.Add(invitation.Relationship.Did.ToString());
            await first.Relationships.EndAsync(invitation.Relationship.Id, Cancellation);
        }

        Assert.Equal(taken.Count, taken.Distinct().Count());
    }

    [Theory, OnBothEngines]
    public async Task Keys_that_change_twice_before_the_other_side_looks_are_followed(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var (hers, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        await ConnectAsync(hers, "Alice", his, "Bob");
        var note = await hers.PutAsync(ItemDraft.New("Note").With(ItemAttribute.Text("text", "hello")), Cancellation);
        var (id, toAlice) = ((await WithAsync(hers, "Bob")).Id, (await WithAsync(his, "Alice")).Id);
        var middle = await his.Relationships.ChangeKeysAsync(toAlice, Cancellation);
        var last = await his.Relationships.ChangeKeysAsync(toAlice, Cancellation);

        var news = await hers.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Equal([(id, middle.Did), (id, last.Did)], news.Changed.Select(change => (change.Relationship, change.Change.Next)));
        Assert.Empty(news.Refused);
        Assert.Equal(last.Did, (await WithAsync(hers, "Bob")).OtherDid);
        await hers.Relationships.ShareAsync([id], note.Id, cancellationToken: Cancellation);
        Assert.Single((await his.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);
    }

    /// <summary>The second finds an established relationship, and an acceptance that the first has taken.</summary>
    [Theory, OnBothEngines]
    public async Task Devices_that_look_at_once_refuse_no_letter_that_one_of_them_has_taken(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var his = await bob.CreateAsync();
        Client.Vault[] devices = [await alice.CreateAsync(), await alice.OpenAsync(), await alice.OpenAsync()];
        for (var round = 0; round < 5; round++)
        {
            var invitation = await devices[0].Relationships.InviteAsync($"Bob {round}", cancellationToken: Cancellation);
            await Task.WhenAll(devices.Select(device => device.Relationships.ListAsync(Cancellation)));
            await his.Relationships.AcceptAsync(invitation.DangerousLink.ToString().AsMemory(), $"Alice {round}", Cancellation);

            var news = await Task.WhenAll(devices.Select(device => device.Relationships.SyncAsync(cancellationToken: Cancellation)));
            Assert.All(news, each => Assert.Empty(each.Refused));
            Assert.Single(news.SelectMany(each => each.Established));
        }
    }

    [Theory, OnBothEngines]
    public async Task Waiting_ends_when_an_acceptance_comes(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var (hers, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        var invitation = await hers.Relationships.InviteAsync("Bob", cancellationToken: Cancellation);

        var waiting = hers.Relationships.SyncAsync(TimeSpan.FromSeconds(30), Cancellation);
        await his.Relationships.AcceptAsync(invitation.DangerousLink.ToString().AsMemory(), "Alice", Cancellation);

        Assert.Equal([invitation.Relationship.Id], (await waiting).Established);
    }

    [Theory, OnBothEngines]
    public async Task Waiting_ends_when_something_is_shared(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var (hers, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        await ConnectAsync(hers, "Alice", his, "Bob");
        var note = await hers.PutAsync(ItemDraft.New("Note").With(ItemAttribute.Text("text", "hello")), Cancellation);

        var waiting = his.Relationships.SyncAsync(TimeSpan.FromSeconds(30), Cancellation);
        var share = Assert.Single(await hers.Relationships.ShareAsync([(await WithAsync(hers, "Bob")).Id], note.Id, cancellationToken: Cancellation));

        var first = await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromSeconds(25), Cancellation)); // a fraction of it, however busy the machine is
        Assert.Same(waiting, first);
        Assert.Equal([share.Id], (await waiting).Shares);
    }

    private async Task<VaultOwner> OwnerAsync(Engine engine) => new((await keystores.On(engine)).Origin, (await vaults.On(engine)).Origin);
}
