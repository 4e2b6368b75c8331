using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Vaults;

public sealed class VaultTests(Keystores keystores, Testing.Vaults vaults) : IClassFixture<Keystores>, IClassFixture<Testing.Vaults>
{
    [Theory, OnBothEngines]
    public async Task What_is_put_on_one_device_is_read_on_another(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        var written = await here.PutAsync(Login("Bank", "s3cret") with { Tags = ["money", "home"] }, Cancellation);

        var there = await alice.OpenAsync();
        var listed = Assert.Single(await there.ListAsync(Cancellation));
        var opened = await there.GetAsync(listed.Id, Cancellation);

        Assert.Equal(here.Id, there.Id);
        Assert.Null(written.Conflict);
        Assert.Equal(("Bank", "login", 1L, 2), (listed.Name, listed.Kind, listed.Revision, listed.AttributeCount));
        Assert.Equal(["money", "home"], listed.Tags);
        Assert.Equal(["user", "password"], opened.Attributes.Select(attribute => attribute.Content.Name));
        Assert.Equal("s3cret", opened.Find("password")!.GetText());
    }

    [Theory, OnBothEngines]
    public async Task Every_type_of_attribute_comes_back_as_it_was(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        ItemAttribute[] all =
        [
            ItemAttribute.Text("text", "Grüße 🗝"), ItemAttribute.Number("number", -12.50m), ItemAttribute.Date("date", new(2026, 2, 28)), ItemAttribute.Boolean("boolean", false),
            ItemAttribute.Json("json", """{"a":[1,null,"x"]}"""), ItemAttribute.Binary("binary", new byte[] { 0, 255, 128 }), ItemAttribute.Create("own", "org.example/iban", "DE00"u8.ToArray()),
        ];
        var here = await alice.CreateAsync();
        var id = (await here.PutAsync(all.Aggregate(ItemDraft.New("All of them"), (draft, attribute) => draft.With(attribute)), Cancellation)).Id;

        var read = (await (await alice.OpenAsync()).GetAsync(id, Cancellation)).Attributes.Select(attribute => attribute.Content).ToList();

        Assert.Equal(
            all.Select(attribute => (attribute.Name, attribute.Type, Convert.ToHexString(attribute.Value.Span))),
            read.Select(attribute => (attribute.Name, attribute.Type, Convert.ToHexString(attribute.Value.Span))));
    }

    [Theory, OnBothEngines]
    public async Task A_change_follows_on_every_device_and_leaves_the_rest_as_it_is(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        var id = (await here.PutAsync(Login("Bank", "old"), Cancellation)).Id;
        await here.PutAsync(Login("Mail", "mail"), Cancellation);
        var there = await alice.OpenAsync();
        var before = await there.GetAsync(id, Cancellation);

        await there.PutAsync(before.Edit().With(ItemAttribute.Text("password", "new")).With(ItemAttribute.Number("pin", 1234)) with { Name = "My bank" }, Cancellation);
        var changed = await here.SyncAsync(Cancellation);
        var after = await here.GetAsync(id, Cancellation);

        Assert.Equal([id], changed);
        Assert.Equal(("My bank", 2L), (after.Name, after.Item.Revision));
        Assert.Equal(["user", "password", "pin"], after.Attributes.Select(attribute => attribute.Content.Name));
        Assert.Equal("new", after.Find("password")!.GetText());
        Assert.Equal(before.Attributes.Select(attribute => attribute.Id), after.Attributes.Take(2).Select(attribute => attribute.Id));
    }

    [Theory, OnBothEngines]
    public async Task What_says_the_same_is_not_written(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        var id = (await here.PutAsync(Login("Bank", "same"), Cancellation)).Id;
        var change = here.Change;

        await here.PutAsync((await here.GetAsync(id, Cancellation)).Edit().With(ItemAttribute.Text("password", "same")), Cancellation);

        Assert.Equal(change, here.Change);
    }

    [Theory, OnBothEngines]
    public async Task A_new_item_that_is_put_twice_is_one_and_what_differs_the_second_time_is_kept(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        var draft = Login("Bank", "first");
        await here.PutAsync(draft, Cancellation);
        Assert.Null((await here.PutAsync(draft, Cancellation)).Conflict);

        var other = (await here.PutAsync(draft.With(ItemAttribute.Text("password", "second")), Cancellation)).Conflict!.Value;

        Assert.Equal(2, (await here.ListAsync(Cancellation)).Count);
        Assert.Equal("first", (await here.GetAsync(draft.Id, Cancellation)).Find("password")!.GetText());
        Assert.Equal("second", (await here.GetAsync(other, Cancellation)).Find("password")!.GetText());
    }

    [Theory, OnBothEngines]
    public async Task The_trash_gives_back_and_deleting_does_not(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        var id = (await here.PutAsync(Login("Bank", "kept"), Cancellation)).Id;
        await here.PutAsync((await here.GetAsync(id, Cancellation)).Edit() with { IsRemoved = true }, Cancellation);
        var there = await alice.OpenAsync();
        Assert.NotNull(Assert.Single(await there.ListAsync(Cancellation)).Removed);

        await there.PutAsync((await there.GetAsync(id, Cancellation)).Edit() with { IsRemoved = false }, Cancellation);
        var back = Assert.Single(await here.ListAsync(Cancellation));
        Assert.Null(back.Removed);
        Assert.Equal("kept", (await here.GetAsync(id, Cancellation)).Find("password")!.GetText());

        await here.DeleteManyAsync([back], Cancellation);
        Assert.Empty(await there.ListAsync(Cancellation));
        await FailsAsync(FailureReason.NotFound, () => there.GetAsync(id, Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task An_attribute_that_was_removed_comes_back_under_its_id(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        var id = (await here.PutAsync(Login("Bank", "kept"), Cancellation)).Id;
        var whole = await here.GetAsync(id, Cancellation);
        await here.PutAsync(whole.Edit().Without("password"), Cancellation);
        var without = await (await alice.OpenAsync()).GetAsync(id, Cancellation);
        Assert.Equal(["user"], without.Attributes.Select(attribute => attribute.Content.Name));

        await here.PutAsync((await here.GetAsync(id, Cancellation)).Edit() with { Attributes = whole.Attributes }, Cancellation);

        var back = await here.GetAsync(id, Cancellation);
        Assert.Equal(whole.Attributes.Select(attribute => attribute.Id), back.Attributes.Select(attribute => attribute.Id));
        Assert.Equal("kept", back.Find("password")!.GetText());
    }

    [Theory, OnBothEngines]
    public async Task Many_items_are_written_at_once_or_not_at_all(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        var change = here.Change;
        await here.PutManyAsync([.. Enumerable.Range(0, 300).Select(number => Login($"Item {number:000}", $"secret {number}"))], Cancellation);
        Assert.Equal(change + 1, here.Change);

        var tooLong = ItemDraft.New(new string('x', 300));
        await FailsAsync(FailureReason.NotAllowed, () => here.PutManyAsync([Login("fine", "x"), tooLong], Cancellation));

        var there = await alice.OpenAsync();
        var listed = await there.ListAsync(Cancellation);
        Assert.Equal(Enumerable.Range(0, 300).Select(number => $"Item {number:000}"), listed.Select(item => item.Name));
        var opened = await there.GetManyAsync([.. listed.Select(item => item.Id)], Cancellation);
        Assert.Equal(Enumerable.Range(0, 300).Select(number => $"secret {number}"), opened.Select(item => item.Find("password")!.GetText()));
    }

    [Theory, OnBothEngines]
    public async Task Searching_finds_names_tags_and_values(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        await here.PutManyAsync([Login("Zürich bank", "alpha"), Login("Mail", "beta") with { Tags = ["Zurich"] }, Login("Shop", "zurich-shop")], Cancellation);

        Assert.Equal(["Mail", "Zürich bank"], (await here.SearchAsync("zurich", cancellationToken: Cancellation)).Select(item => item.Name));
        Assert.Equal(["Mail", "Shop", "Zürich bank"], (await here.SearchAsync("zurich", inValues: true, Cancellation)).Select(item => item.Name));
        Assert.Empty(await here.SearchAsync("nowhere", inValues: true, Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task Two_people_have_nothing_of_each_other(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var hers = await alice.CreateAsync();
        var his = await bob.CreateAsync();
        var id = (await hers.PutAsync(Login("Bank", "hers"), Cancellation)).Id;

        Assert.NotEqual(hers.Id, his.Id);
        Assert.Empty(await his.ListAsync(Cancellation));
        await FailsAsync(FailureReason.NotFound, () => his.GetAsync(id, Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task A_Vault_is_found_by_the_account_alone_and_made_once(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var account = await alice.SignUpAsync();
        var address = (await vaults.On(engine)).Origin;
        Assert.Empty(await account.Vaults.ListAsync(Cancellation));
        await FailsAsync(FailureReason.NotFound, () => account.Vaults.OpenAsync(address, cancellationToken: Cancellation));

        await using var made = await account.Vaults.CreateAsync(address, cancellationToken: Cancellation);
        await made.PutAsync(Login("Bank", "kept"), Cancellation);
        await using var again = await account.Vaults.CreateAsync(address, cancellationToken: Cancellation);

        Assert.Equal(made.Id, again.Id);
        Assert.Single(await again.ListAsync(Cancellation));
        Assert.Equal([address], await (await alice.UnlockAsync()).Vaults.ListAsync(Cancellation));
        Assert.Equal(
            [KeyPurpose.PersonalDek, KeyPurpose.VaultSignIn, KeyPurpose.VaultHead],
            (await account.Keys.ListAsync(Cancellation)).Select(key => key.Purpose).Order());
    }

    [Theory, OnBothEngines]
    public async Task The_keypairs_of_a_Vault_are_not_renamed_deactivated_or_deleted(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var account = await alice.SignUpAsync();
        await using var made = await account.Vaults.CreateAsync((await vaults.On(engine)).Origin, cancellationToken: Cancellation);

        foreach (var key in (await account.Keys.ListAsync(Cancellation)).Where(key => key.Purpose.IsForVault()))
        {
            await FailsAsync(FailureReason.NotAllowed, () => account.Keys.RenameAsync(key.Id, "mine", Cancellation));
            await FailsAsync(FailureReason.NotAllowed, () => account.Keys.SetStateAsync(key.Id, KeyState.Compromised, Cancellation));
            await FailsAsync(FailureReason.NotAllowed, () => account.Keys.DeleteAsync(key.Id, Cancellation));
        }
    }

    [Theory, OnBothEngines]
    public async Task Locking_the_account_ends_what_its_keys_open(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var account = await alice.SignUpAsync();
        await using var made = await account.Vaults.CreateAsync((await vaults.On(engine)).Origin, cancellationToken: Cancellation);
        var id = (await made.PutAsync(Login("Bank", "gone"), Cancellation)).Id;

        await account.LockAsync(Cancellation);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => made.GetAsync(id, Cancellation));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => made.PutAsync(Login("Mail", "x"), Cancellation));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => made.ListAsync(Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task An_item_beyond_what_an_object_holds_is_refused_and_nothing_is_sent(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        var change = here.Change;

        await FailsAsync(FailureReason.NotAllowed, () => here.PutAsync(ItemDraft.New("Big").With(ItemAttribute.Binary("file", new byte[70_000])), Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => here.PutAsync(ItemDraft.New("Tags") with { Tags = ["same", "same"] }, Cancellation));
        await FailsAsync(FailureReason.NotAllowed, () => here.PutAsync(ItemDraft.New("line\nbreak"), Cancellation));

        Assert.Equal(change, here.Change);
        Assert.Empty(await (await alice.OpenAsync()).ListAsync(Cancellation));
    }

    internal static ItemDraft Login(string name, string password) =>
        ItemDraft.New(name, "login").With(ItemAttribute.Text("user", "alice")).With(ItemAttribute.Text("password", password));

    private async Task<VaultOwner> OwnerAsync(Engine engine) => new((await keystores.On(engine)).Origin, (await vaults.On(engine)).Origin);

    private static Task FailsAsync(FailureReason reason, Func<Task> call) => Lies.Expect.FailureAsync(reason, call);
}
