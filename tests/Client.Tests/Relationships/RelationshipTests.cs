using Keyladder.Client.Tests.Vaults;
using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Relationships;

public sealed class RelationshipTests(Keystores keystores, Testing.Vaults vaults) : IClassFixture<Keystores>, IClassFixture<Testing.Vaults>
{
    [Theory, OnBothEngines]
    public async Task Two_people_connect_share_read_update_and_take_back(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var (hers, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        var bank = await hers.PutAsync(ItemDraft.New("Bank", "account").With(ItemAttribute.Text("iban", "DE01")).With(ItemAttribute.Text("pin", "1234")), Cancellation);

        var invitation = await hers.Relationships.InviteAsync("Bob", cancellationToken: Cancellation);
        Assert.Equal(RelationshipStatus.Invited, invitation.Relationship.Status);
        var accepted = await his.Relationships.AcceptAsync(invitation.DangerousLink.ToString(), "Alice", Cancellation);
        Assert.Equal(RelationshipStatus.Accepted, accepted.Status);
        Assert.Equal([invitation.Relationship.Id], (await hers.Relationships.SyncAsync(cancellationToken: Cancellation)).Established);
        Assert.Equal([accepted.Id], (await his.Relationships.SyncAsync(cancellationToken: Cancellation)).Established);

        var (toBob, toAlice) = (Assert.Single(await hers.Relationships.ListAsync(Cancellation)), Assert.Single(await his.Relationships.ListAsync(Cancellation)));
        Assert.Equal((RelationshipStatus.Established, RelationshipStatus.Established), (toBob.Status, toAlice.Status));
        Assert.Equal((toBob.Did, toBob.OtherDid), (toAlice.OtherDid, toAlice.Did));
        Assert.Equal(toBob.SafetyWords, toAlice.SafetyWords);
        Assert.Equal(8, toBob.SafetyWords!.Split(' ').Length);
        Assert.Equal(("Bob", "Alice"), (toBob.Name, toAlice.Name));

        var iban = (await hers.GetAsync(bank.Id, Cancellation)).Attributes[0].Id;
        var given = Assert.Single(await hers.Relationships.ShareAsync([toBob.Id], bank.Id, iban, new ShareTerms("For the rent only.", TellWhenRead: true), Cancellation));
        var news = await his.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Empty(news.Refused);
        Assert.Equal([given.Id], news.Shares);
        Assert.Equal(["shared"], news.Events.Select(told => told.Event.Event));
        var held = Assert.Single(await his.Relationships.ListHeldAsync(Cancellation));
        Assert.Equal("For the rent only.", held.Terms);
        await Assert.ThrowsAsync<KeyladderException>(() => his.Relationships.OpenAsync(held, Cancellation));
        await his.Relationships.AcceptTermsAsync(held, Cancellation);
        var content = await his.Relationships.OpenAsync(held, Cancellation);
        Assert.Null(content.Name);
        var shared = Assert.Single(content.Attributes);
        Assert.Equal(("iban", "DE01"), (shared.Content.Name, shared.Content.GetText()));
        Assert.NotEqual(iban, shared.Id);

        var told = await hers.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Equal(["accepted", "read"], told.Events.Select(each => each.Event.Event));
        Assert.All(told.Events, each => Assert.Equal(shared.Id, each.Event.Attribute));
        var seen = Assert.Single(await hers.Relationships.ListGivenAsync(Cancellation));
        Assert.True(seen.IsAccepted && seen.IsRead);

        await hers.PutAsync((await hers.GetAsync(bank.Id, Cancellation)).Edit().With(ItemAttribute.Text("iban", "DE02")), Cancellation);
        await hers.Relationships.UpdateAsync(seen, Cancellation);
        Assert.Equal(["changed"], (await his.Relationships.SyncAsync(cancellationToken: Cancellation)).Events.Select(each => each.Event.Event));
        held = Assert.Single(await his.Relationships.ListHeldAsync(Cancellation));
        await his.Relationships.AcceptTermsAsync(held, Cancellation);
        content = await his.Relationships.OpenAsync(held, Cancellation);
        Assert.Equal("DE02", content.Attributes[0].Content.GetText());
        Assert.Equal(shared.Id, content.Attributes[0].Id);

        await hers.Relationships.RevokeAsync(seen, Cancellation);
        Assert.Equal(["revoked"], (await his.Relationships.SyncAsync(cancellationToken: Cancellation)).Events.Select(each => each.Event.Event));
        Assert.Equal("revoked", Assert.Single(await his.Relationships.ListHeldAsync(Cancellation)).State);
        await Assert.ThrowsAsync<KeyladderException>(() => his.Relationships.OpenAsync(held, Cancellation));
        Assert.Empty(await his.ListAsync(Cancellation));
        Assert.Single(await hers.ListAsync(Cancellation));
    }

    private async Task<VaultOwner> OwnerAsync(Engine engine) => new((await keystores.On(engine)).Origin, (await vaults.On(engine)).Origin);
}
