using Keyladder.Client.Tests.Vaults;
using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;
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
        var accepted = await his.Relationships.AcceptAsync(invitation.DangerousLink.ToString().AsMemory(), "Alice", Cancellation);
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
        var given = Assert.Single(await hers.Relationships.ShareAsync([toBob.Id], bank.Id, iban, new ShareTerms("For the rent only.", TellWhenRead: true), cancellationToken: Cancellation));
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
        await hers.Relationships.UpdateAsync(seen, cancellationToken: Cancellation);
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

    [Theory, OnBothEngines]
    public async Task Another_device_of_either_has_the_same_relationships_and_goes_on_with_them(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var (hers, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        var bank = await hers.PutAsync(ItemDraft.New("Bank", "account").With(ItemAttribute.Text("iban", "DE01")), Cancellation);
        var invitation = await hers.Relationships.InviteAsync("Bob", cancellationToken: Cancellation);
        await his.Relationships.AcceptAsync(invitation.DangerousLink.ToString().AsMemory(), "Alice", Cancellation);

        // Each next step on a device that knows the secret and nothing else.
        Assert.Single((await (await alice.OpenAsync()).Relationships.SyncAsync(cancellationToken: Cancellation)).Established);
        Assert.Single((await (await bob.OpenAsync()).Relationships.SyncAsync(cancellationToken: Cancellation)).Established);
        var share = Assert.Single(await (await alice.OpenAsync()).Relationships.ShareAsync([invitation.Relationship.Id], bank.Id, cancellationToken: Cancellation));
        Assert.Equal([share.Id], (await (await bob.OpenAsync()).Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);

        // Those that stood still have nothing to ask for, and open what the others took.
        Assert.Empty((await his.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);
        var held = Assert.Single(await his.Relationships.ListHeldAsync(Cancellation));
        var content = await his.Relationships.OpenAsync(held, Cancellation);
        Assert.Equal(("Bank", "account", "DE01"), (content.Name, content.Kind, content.Attributes[0].Content.GetText()));
        Assert.True(Assert.Single(await hers.Relationships.ListGivenAsync(Cancellation)).State == ShareStates.Given);
    }

    /// <summary>Two devices at once take two keys: one DID for two relationships would show each of the two others who else there is.</summary>
    [Theory, OnBothEngines]
    public async Task Devices_that_invite_at_once_use_no_key_twice(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var first = await alice.CreateAsync();
        await first.Relationships.InviteAsync("one", cancellationToken: Cancellation); // makes the keys that all know of
        Client.Vault[] devices = [first, await alice.OpenAsync(), await alice.OpenAsync(), await alice.OpenAsync()];

        await Task.WhenAll(devices.SelectMany((device, index) => Enumerable.Range(0, 3).Select(round => device.Relationships.InviteAsync($"{index} {round}", cancellationToken: Cancellation))));

        var all = await first.Relationships.ListAsync(Cancellation);
        Assert.Equal(13, all.Count);
        Assert.Equal(13, all.Select(relationship => relationship.Did).Distinct().Count());
        Assert.Equal(13, all.SelectMany(relationship => relationship.Item.State.Keys).Distinct().Count());
    }

    [Theory, OnBothEngines]
    public async Task A_relationship_is_renamed_blocked_unblocked_and_ended_on_one_side_alone(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var (hers, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        var note = await his.PutAsync(ItemDraft.New("Note").With(ItemAttribute.Text("text", "hello")), Cancellation);
        await RelationshipScene.ConnectAsync(hers, "Alice", his, "Bob");
        var id = (await RelationshipScene.WithAsync(hers, "Bob")).Id;

        await hers.Relationships.RenameAsync(id, "Robert", Cancellation);
        Assert.Equal("Robert", Assert.Single(await hers.Relationships.ListAsync(Cancellation)).Name);
        Assert.Equal("Alice", Assert.Single(await his.Relationships.ListAsync(Cancellation)).Name);

        await hers.Relationships.BlockAsync(id, Cancellation);
        Assert.Equal(RelationshipStatus.Blocked, Assert.Single(await hers.Relationships.ListAsync(Cancellation)).Status);
        var share = Assert.Single(await his.Relationships.ShareAsync([(await RelationshipScene.WithAsync(his, "Alice")).Id], note.Id, cancellationToken: Cancellation));
        Assert.Empty((await hers.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);
        var hersToo = await hers.PutAsync(ItemDraft.New("Note").With(ItemAttribute.Text("text", "hello")), Cancellation);
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => hers.Relationships.ShareAsync([id], hersToo.Id, cancellationToken: Cancellation));
        Assert.Empty((await his.Relationships.SyncAsync(cancellationToken: Cancellation)).Refused);

        await hers.Relationships.UnblockAsync(id, Cancellation);
        Assert.Equal([share.Id], (await hers.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);

        await hers.Relationships.EndAsync(id, Cancellation);
        Assert.Empty(await hers.Relationships.ListAsync(Cancellation));
        Assert.Empty(await hers.Relationships.ListHeldAsync(Cancellation));
        Assert.Equal(RelationshipStatus.Established, Assert.Single(await his.Relationships.ListAsync(Cancellation)).Status);
        Assert.Empty((await his.Relationships.SyncAsync(cancellationToken: Cancellation)).Refused);
        var account = await alice.UnlockAsync();
        Assert.DoesNotContain(await account.Keys.ListAsync(Cancellation), key => key.Purpose == KeyPurpose.SharingDek);
        await Lies.Expect.FailureAsync(FailureReason.NotFound, () => hers.Relationships.RenameAsync(id, "nobody", Cancellation));
    }

    [Fact]
    public async Task What_cannot_be_shared_is_refused_and_changes_nothing()
    {
        await using var alice = await OwnerAsync(Engine.Sqlite);
        await using var bob = await OwnerAsync(Engine.Sqlite);
        var (hers, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        await RelationshipScene.ConnectAsync(hers, "Alice", his, "Bob");
        var id = (await RelationshipScene.WithAsync(hers, "Bob")).Id;
        var empty = await hers.PutAsync(ItemDraft.New("Empty"), Cancellation);
        var note = await hers.PutAsync(ItemDraft.New("Note").With(ItemAttribute.Text("text", "hello")), Cancellation);
        var invited = await hers.Relationships.InviteAsync("Carol", cancellationToken: Cancellation);
        var change = hers.Change;

        await FailsAsync(FailureReason.NotAllowed, [id], empty.Id);
        await FailsAsync(FailureReason.NotAllowed, [id], note.Id, AttributeId.Generate());
        await FailsAsync(FailureReason.NotFound, [id], ItemId.Generate());
        await FailsAsync(FailureReason.NotFound, [RelationshipId.Generate()], note.Id);
        await FailsAsync(FailureReason.NotAllowed, [id, invited.Relationship.Id], note.Id);
        await FailsAsync(FailureReason.NotAllowed, [id], note.Id, terms: new ShareTerms(new string('x', 4097)));
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => hers.PutAsync(ItemDraft.New("Mine", "vault/relationship"), Cancellation));
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => hers.Relationships.AcceptAsync("https://example.org/#nothing".AsMemory(), "x", Cancellation));
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => hers.Relationships.InviteAsync("", cancellationToken: Cancellation));

        Assert.Equal(change, hers.Change);
        Assert.DoesNotContain(await (await alice.UnlockAsync()).Keys.ListAsync(Cancellation), key => key.Purpose == KeyPurpose.SharingDek);
        Assert.Empty(await hers.Relationships.ListGivenAsync(Cancellation));
        Assert.Empty((await his.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);

        Task FailsAsync(FailureReason reason, RelationshipId[] with, ItemId item, AttributeId? attribute = null, ShareTerms? terms = null) =>
            Lies.Expect.FailureAsync(reason, () => hers.Relationships.ShareAsync(with, item, attribute, terms, cancellationToken: Cancellation));
    }

    /// <summary>Attributes keep their ids; numbers tell of which share, and of which terms, the holder speaks.</summary>
    [Theory, OnBothEngines]
    public async Task What_a_holder_accepts_counts_for_the_terms_that_he_saw_and_for_no_later_ones(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var (hers, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        await RelationshipScene.ConnectAsync(hers, "Alice", his, "Bob");
        var bank = await hers.PutAsync(ItemDraft.New("Bank").With(ItemAttribute.Text("iban", "DE01")).With(ItemAttribute.Text("pin", "1234")), Cancellation);
        var (id, iban) = ((await RelationshipScene.WithAsync(hers, "Bob")).Id, (await hers.GetAsync(bank.Id, Cancellation)).Attributes[0].Id);
        var first = await ShareAsync("For a year.", iban);
        var beside = await ShareAsync("For a day.", null); // at once, and of the same attribute
        await his.Relationships.SyncAsync(cancellationToken: Cancellation);
        for (var times = 0; times < 2; times++) // it is told once that it was opened
        {
            var held = (await his.Relationships.ListHeldAsync(Cancellation)).Single(share => share.Id == beside.Id);
            if (times == 0)
                await his.Relationships.AcceptTermsAsync(held, Cancellation);
            await his.Relationships.OpenAsync(held, Cancellation);
        }

        Assert.Equal(["accepted", "accepted", "read", "read"], (await hers.Relationships.SyncAsync(cancellationToken: Cancellation)).Events.Select(each => each.Event.Event));
        var seen = (await hers.Relationships.ListGivenAsync(Cancellation)).ToDictionary(share => share.Id);
        Assert.False(seen[first.Id].IsAccepted || seen[first.Id].IsRead);
        Assert.True(seen[beside.Id].IsAccepted && seen[beside.Id].IsRead);
        await his.Relationships.AcceptTermsAsync((await his.Relationships.ListHeldAsync(Cancellation)).Single(share => share.Id == first.Id), Cancellation);

        await hers.Relationships.RevokeAsync(first, Cancellation);
        var second = await ShareAsync("For ever.", null);
        Assert.Contains(first.Statement.Attributes[0], second.Statement.Attributes);
        var told = (await hers.Relationships.SyncAsync(cancellationToken: Cancellation)).Events;

        Assert.Equal(["accepted"], told.Select(each => each.Event.Event));
        Assert.Equal(first.Statement.Number, told[0].Event.Number);
        var given = (await hers.Relationships.ListGivenAsync(Cancellation)).ToDictionary(share => share.Id);
        Assert.False(given[second.Id].IsAccepted || given[second.Id].IsRead);
        Assert.False(given[first.Id].IsAccepted);
        Assert.Equal(["revoked", "shared", "shared"], (await his.Relationships.SyncAsync(cancellationToken: Cancellation)).Events.Select(each => each.Event.Event).Order(StringComparer.Ordinal));

        async Task<GivenShare> ShareAsync(string terms, AttributeId? attribute) =>
            Assert.Single(await hers.Relationships.ShareAsync([id], bank.Id, attribute, new ShareTerms(terms, TellWhenRead: true), cancellationToken: Cancellation));
    }

    [Theory, InlineData(-366), InlineData(366)]
    public async Task J06_a_clock_that_is_a_year_off_opens_nothing_that_is_over_and_deletes_nothing(int days)
    {
        var keystore = await keystores.On(Engine.Sqlite);
        var vault = await vaults.On(Engine.Sqlite);
        await using var alice = await OwnerAsync(Engine.Sqlite);
        await using var bob = new Person(keystore.Origin);
        var clock = new MovableTime();
        var account = await bob.SignUpAsync(bob.Device(time: clock));
        await using var his = await account.Vaults.CreateAsync(vault.Origin, cancellationToken: Cancellation);
        var hers = await alice.CreateAsync();
        await RelationshipScene.ConnectAsync(hers, "Alice", his, "Bob");
        var note = await hers.PutAsync(ItemDraft.New("Note").With(ItemAttribute.Text("text", "hello")), Cancellation);
        var other = await hers.PutAsync(ItemDraft.New("Note").With(ItemAttribute.Text("text", "hello")), Cancellation);
        var id = (await RelationshipScene.WithAsync(hers, "Bob")).Id;
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var over = Assert.Single(await hers.Relationships.ShareAsync([id], note.Id, terms: new ShareTerms(Expires: today.AddDays(-1)), cancellationToken: Cancellation));
        var good = Assert.Single(await hers.Relationships.ShareAsync([id], other.Id, terms: new ShareTerms(Expires: today), cancellationToken: Cancellation));

        clock.Move(TimeSpan.FromDays(days));
        await his.Relationships.SyncAsync(cancellationToken: Cancellation);
        var held = (await his.Relationships.ListHeldAsync(Cancellation)).ToDictionary(share => share.Id);
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => his.Relationships.OpenAsync(held[over.Id], Cancellation));
        if (days < 0)
            Assert.Single((await his.Relationships.OpenAsync(held[good.Id], Cancellation)).Attributes);
        else
            await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => his.Relationships.OpenAsync(held[good.Id], Cancellation));

        clock.Move(TimeSpan.FromDays(-days));
        Assert.Single((await his.Relationships.OpenAsync(held[good.Id], Cancellation)).Attributes);
        Assert.Equal([over.Id], (await hers.Relationships.EndExpiredAsync(Cancellation)).Select(share => share.Id));
        Assert.Equal([over.Id], (await his.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);
        Assert.Equal(ShareStates.Expired, (await his.Relationships.ListHeldAsync(Cancellation)).Single(share => share.Id == over.Id).State);
    }

    [Fact]
    public async Task An_export_holds_relationships_and_no_other_Vault_takes_them()
    {
        await using var alice = new Person((await keystores.On(Engine.Sqlite)).Origin) { Secret = NewWords() };
        await using var bob = await OwnerAsync(Engine.Sqlite);
        var account = await alice.SignUpAsync();
        await using var hers = await account.Vaults.CreateAsync((await vaults.On(Engine.Sqlite)).Origin, cancellationToken: Cancellation);
        await hers.PutAsync(ItemDraft.New("Note").With(ItemAttribute.Text("text", "hello")), Cancellation);
        await RelationshipScene.ConnectAsync(hers, "Alice", await bob.CreateAsync(), "Bob");
        using var file = new MemoryStream();
        await account.ExportVaultAsync(hers, file, cancellationToken: Cancellation);
        file.Position = 0;
        using var export = await ExportedVault.OpenAsync(file, alice.Secret, Cancellation);
        Assert.Equal(2, export.Items.Count);

        await using var another = await OwnerAsync(Engine.Sqlite);
        var there = await another.CreateAsync();
        Assert.Equal(1, (await there.ImportAsync(export, cancellationToken: Cancellation)).Imported);
        Assert.Empty(await there.Relationships.ListAsync(Cancellation));
        Assert.Equal("Note", Assert.Single(await there.ListAsync(Cancellation)).Name);
    }

    [Fact]
    public async Task An_invitation_ends_with_its_time_and_when_it_is_withdrawn()
    {
        await using var alice = await OwnerAsync(Engine.Sqlite);
        await using var bob = await OwnerAsync(Engine.Sqlite);
        var (hers, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        var brief = await hers.Relationships.InviteAsync("Bob", TimeSpan.FromMilliseconds(1), Cancellation);
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => his.Relationships.AcceptAsync(brief.DangerousLink.ToString().AsMemory(), "Alice", Cancellation));
        var withdrawn = await hers.Relationships.InviteAsync("Bob", cancellationToken: Cancellation);
        await hers.Relationships.EndAsync(withdrawn.Relationship.Id, Cancellation);
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => his.Relationships.AcceptAsync(withdrawn.DangerousLink.ToString().AsMemory(), "Alice", Cancellation));
        Assert.Empty(await his.Relationships.ListAsync(Cancellation));
    }

    private async Task<VaultOwner> OwnerAsync(Engine engine) => new((await keystores.On(engine)).Origin, (await vaults.On(engine)).Origin);
}
