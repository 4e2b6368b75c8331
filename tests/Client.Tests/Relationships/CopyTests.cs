using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Relationships;

/// <summary>What both sides say of a copy without opening it: whether it still is what it was made of, and how it is called.</summary>
public sealed class CopyTests : IAsyncLifetime
{
    private readonly RelationshipScene _scene = new();

    private Client.Vault Alice => _scene.Alice;

    private Client.Vault Bob => _scene.Bob;

    public ValueTask InitializeAsync() => _scene.InitializeAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task A_copy_of_one_attribute_is_made_anew_only_for_a_change_of_that()
    {
        var item = (await Alice.PutAsync(ItemDraft.New("Bank").With(ItemAttribute.Text("iban", "DE01")).With(ItemAttribute.Text("pin", "1234")), Cancellation)).Id;
        var iban = (await Alice.GetAsync(item, Cancellation)).Attributes.Single(each => each.Content.Name == "iban").Id;
        var given = Assert.Single(await Alice.Relationships.ShareAsync([(await WithAsync(Alice, "Bob")).Id], item, iban, cancellationToken: Cancellation));
        Assert.Equal([iban], given.Attributes);
        Assert.True(await ChangeAsync(draft => draft with { Name = "My bank", Tags = ["money"] }));
        Assert.True(await ChangeAsync(draft => draft.With(ItemAttribute.Text("pin", "4321"))));
        Assert.True(await ChangeAsync(draft => draft.Without("pin")));
        Assert.True(await ChangeAsync(draft => draft with { IsRemoved = true }));
        Assert.False(await ChangeAsync(draft => draft.With(ItemAttribute.Text("iban", "DE02"))));
        given = await Alice.Relationships.UpdateAsync(given, cancellationToken: Cancellation);
        Assert.False(await ChangeAsync(draft => draft.Without("iban").With(ItemAttribute.Text("bic", "GENO"))));
        var other = (await Alice.ListAsync(Cancellation)).Single(each => each.Id == _scene.Bank);
        Assert.Throws<ArgumentException>(() => given.IsCurrent(other));

        async Task<bool> ChangeAsync(Func<ItemDraft, ItemDraft> change)
        {
            await Alice.PutAsync(change((await Alice.GetAsync(item, Cancellation)).Edit()), Cancellation);
            return given.IsCurrent((await Alice.ListAsync(Cancellation)).Single(each => each.Id == item));
        }
    }

    /// <summary>Nothing of the copy is told by its name before it may be opened, or without its sharer hearing of it where it tells.</summary>
    [Theory, InlineData(null, false), InlineData("Not for print.", false), InlineData(null, true)]
    public async Task What_is_held_is_named_once_it_was_opened_or_where_nothing_goes_before_that(string? terms, bool tells)
    {
        var item = (await Alice.PutAsync(ItemDraft.New("Bank").With(ItemAttribute.Text("iban", "DE01")), Cancellation)).Id;
        var given = Assert.Single(await Alice.Relationships.ShareAsync(
            [(await WithAsync(Alice, "Bob")).Id], item, terms: new ShareTerms(terms, TellWhenRead: tells), cancellationToken: Cancellation));
        await Bob.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Equal(terms is null && !tells ? "Bank" : null, (await HeldAsync()).Name);
        await Bob.Relationships.AcceptTermsAsync(await HeldAsync(), Cancellation);
        await Bob.Relationships.OpenAsync(await HeldAsync(), Cancellation);
        Assert.Equal("Bank", (await HeldAsync()).Name);
        Assert.Equal("Bank", Assert.Single(await (await _scene.AnotherDeviceAsync(Bob)).Relationships.ListHeldAsync(Cancellation)).Name);

        // Tags are no part of the copy, and its name is.
        await Alice.PutAsync((await Alice.GetAsync(item, Cancellation)).Edit() with { Tags = ["money"] }, Cancellation);
        Assert.True(given.IsCurrent(await PresentAsync()));
        await Alice.PutAsync((await Alice.GetAsync(item, Cancellation)).Edit() with { Name = "My bank" }, Cancellation);
        Assert.False(given.IsCurrent(await PresentAsync()));
        given = await Alice.Relationships.UpdateAsync(given, cancellationToken: Cancellation);
        Assert.True(given.IsCurrent(await PresentAsync()));
        await Bob.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Equal(terms is null && !tells ? "My bank" : null, (await HeldAsync()).Name);
        await Alice.Relationships.RevokeAsync(given, Cancellation);
        await Bob.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Null((await HeldAsync()).Name);

        async Task<VaultItem> PresentAsync() => (await Alice.ListAsync(Cancellation)).Single(each => each.Id == item);

        async Task<HeldShare> HeldAsync() => Assert.Single(await Bob.Relationships.ListHeldAsync(Cancellation));
    }
}
