using Keyladder.Client.Tests.Vaults;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Relationships;

/// <summary>A service that is not there in the middle of what a person does with relationships.</summary>
public sealed class RelationshipFailuresTests : IAsyncLifetime
{
    private readonly HostileKeystore _keystore = new();
    private readonly HostileVault _hersAt = new();
    private readonly HostileVault _hisAt = new();
    private VaultOwner _alice = null!;
    private VaultOwner _bob = null!;
    private Client.Vault _hers = null!;
    private Client.Vault _his = null!;

    public async ValueTask InitializeAsync()
    {
        await _keystore.InitializeAsync();
        await _hersAt.InitializeAsync();
        await _hisAt.InitializeAsync();
        (_alice, _bob) = (new(_keystore.Proxy.Address, _hersAt.Proxy.Address), new(_keystore.Proxy.Address, _hisAt.Proxy.Address));
        (_hers, _his) = (await _alice.CreateAsync(), await _bob.CreateAsync());
        await ConnectAsync(_hers, "Alice", _his, "Bob");
    }

    public async ValueTask DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _bob.DisposeAsync();
        await _hisAt.DisposeAsync();
        await _hersAt.DisposeAsync();
        await _keystore.DisposeAsync();
    }

    [Fact]
    public async Task Terms_that_could_not_be_told_are_told_when_they_are_accepted_again()
    {
        await ShareAsync(new ShareTerms("For the rent only."));
        await _his.Relationships.SyncAsync(cancellationToken: Cancellation);
        var held = Assert.Single(await _his.Relationships.ListHeldAsync(Cancellation));

        _hersAt.Proxy.Block = _ => true;
        await Lies.Expect.FailureAsync(FailureReason.Unreachable, () => _his.Relationships.AcceptTermsAsync(held, Cancellation));
        _hersAt.TellTheTruth();
        Assert.Empty((await _hers.Relationships.SyncAsync(cancellationToken: Cancellation)).Events);
        await _his.Relationships.AcceptTermsAsync(held, Cancellation);

        Assert.Equal(["accepted"], (await _hers.Relationships.SyncAsync(cancellationToken: Cancellation)).Events.Select(told => told.Event.Event));
        Assert.True(Assert.Single(await _hers.Relationships.ListGivenAsync(Cancellation)).IsAccepted);
    }

    [Fact]
    public async Task What_is_taken_back_without_the_Keystore_is_destroyed_there_with_the_next_look()
    {
        var share = await ShareAsync();
        Assert.Equal(1, await SharingDeksAsync());

        _keystore.Proxy.Block = _ => true;
        await Lies.Expect.FailureAsync(FailureReason.Unreachable, () => _hers.Relationships.RevokeAsync(share, Cancellation));
        _keystore.TellTheTruth();
        Assert.Equal(1, await SharingDeksAsync());
        Assert.Equal("revoked", Assert.Single(await _hers.Relationships.ListGivenAsync(Cancellation)).State);

        await _hers.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Equal(0, await SharingDeksAsync());
    }

    [Fact]
    public async Task What_has_ended_without_the_Keystore_is_destroyed_there_by_another_device()
    {
        await ShareAsync();
        var key = (await WithAsync(_hers, "Bob")).Item.State.Keys[0];
        _keystore.Proxy.Block = _ => true;
        await Lies.Expect.FailureAsync(FailureReason.Unreachable, () => RelationshipEndsAsync());
        _keystore.TellTheTruth();
        Assert.Empty(await _hers.Relationships.ListAsync(Cancellation));

        await (await _alice.OpenAsync()).Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Equal(0, await SharingDeksAsync());
        Assert.DoesNotContain(await (await _alice.UnlockAsync()).Keys.ListAsync(Cancellation), each => each.Id == key && each.Purpose == KeyPurpose.Relationship);

        async Task RelationshipEndsAsync() => await _hers.Relationships.EndAsync((await WithAsync(_hers, "Bob")).Id, Cancellation);
    }

    /// <summary>What a synchronization has written down before it failed is told by the next one.</summary>
    [Fact]
    public async Task News_of_a_look_that_failed_are_told_by_the_next_one()
    {
        var share = await ShareAsync();
        await _his.Relationships.SyncAsync(cancellationToken: Cancellation);
        var destroyed = false;
        await _hers.Relationships.RevokeAsync(share, Cancellation);
        _keystore.Proxy.Block = call => destroyed = call == "POST /v1/changes"; // the DEK of what is over
        await Lies.Expect.FailureAsync(FailureReason.Unreachable, () => _his.Relationships.SyncAsync(cancellationToken: Cancellation));
        Assert.True(destroyed);
        _keystore.TellTheTruth();

        Assert.Equal(["revoked"], (await _his.Relationships.SyncAsync(cancellationToken: Cancellation)).Events.Select(told => told.Event.Event));
        Assert.Empty((await _his.Relationships.SyncAsync(cancellationToken: Cancellation)).Events);
    }

    /// <summary>Bob's other device has replaced the key of his Vault; this one hears of that as it accepts, and the Keystore, which has the new key, does not answer.</summary>
    [Fact]
    public async Task J07_no_acceptance_is_sealed_by_a_key_that_was_replaced_though_the_Keystore_is_not_there()
    {
        await ShareAsync(new ShareTerms("For the rent only."));
        await _his.Relationships.SyncAsync(cancellationToken: Cancellation);
        var held = Assert.Single(await _his.Relationships.ListHeldAsync(Cancellation));
        var old = (await WithAsync(_his, "Alice")).Item.Base!.Item.Stored.Dek;
        await (await _bob.UnlockAsync()).Vaults.ReplaceKeyAsync(_hisAt.Proxy.Address, cancellationToken: Cancellation);

        _keystore.Proxy.Block = _ => true;
        await Lies.Expect.FailureAsync(FailureReason.Unreachable, () => _his.Relationships.AcceptTermsAsync(held, Cancellation));
        _keystore.TellTheTruth();
        Assert.False(Assert.Single(await (await _bob.OpenAsync()).Relationships.ListHeldAsync(Cancellation)).IsAccepted);
        Assert.Empty((await _hers.Relationships.SyncAsync(cancellationToken: Cancellation)).Events);

        await _his.Relationships.AcceptTermsAsync(held, Cancellation);
        Assert.True(Assert.Single(await _his.Relationships.ListHeldAsync(Cancellation)).IsAccepted);
        Assert.NotEqual(old, (await WithAsync(_his, "Alice")).Item.Base!.Item.Stored.Dek);
    }

    /// <summary>What stood in the letter's place is told by whoever took it; here it is opened.</summary>
    [Fact]
    public async Task What_another_device_takes_while_this_one_opens_is_not_withheld()
    {
        var share = await ShareAsync();
        await _his.Relationships.SyncAsync(cancellationToken: Cancellation);
        var (held, other) = (Assert.Single(await _his.Relationships.ListHeldAsync(Cancellation)), await _bob.OpenAsync());
        Meanwhile("GET /v1/channel", async () =>
        {
            await _hers.PutAsync((await _hers.GetAsync(share.Item, Cancellation)).Edit().With(ItemAttribute.Text("text", "changed")), Cancellation);
            await _hers.Relationships.UpdateAsync(share, cancellationToken: Cancellation);
            Assert.Equal([share.Id], (await other.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);
        });

        Assert.Equal("changed", (await _his.Relationships.OpenAsync(held, Cancellation)).Attributes[0].Content.GetText());
    }

    [Fact]
    public async Task Whom_another_device_blocks_while_this_one_looks_is_let_in_by_no_change_of_keys()
    {
        var (id, hers, other) = ((await WithAsync(_his, "Alice")).Id, (await WithAsync(_hers, "Bob")).Id, await _bob.OpenAsync());
        await _hers.Relationships.ChangeKeysAsync(hers, Cancellation);
        Meanwhile("GET /v1/channel", () => other.Relationships.BlockAsync(id, Cancellation));

        Assert.Empty((await _his.Relationships.SyncAsync(cancellationToken: Cancellation)).Changed);
        Assert.Equal([hers], (await _hers.Relationships.SyncAsync(cancellationToken: Cancellation)).Shut);

        // What was held back is heard once it may.
        await _his.Relationships.UnblockAsync(id, Cancellation);
        Assert.Equal([id], (await _his.Relationships.SyncAsync(cancellationToken: Cancellation)).Changed.Select(change => change.Relationship));
        Assert.Empty((await _hers.Relationships.SyncAsync(cancellationToken: Cancellation)).Shut);
    }

    [Fact]
    public async Task Who_is_let_in_no_more_is_told_so_where_he_opens_and_hears_of_no_alarm()
    {
        await ShareAsync();
        await _his.Relationships.SyncAsync(cancellationToken: Cancellation);
        var held = Assert.Single(await _his.Relationships.ListHeldAsync(Cancellation));
        await _hers.Relationships.BlockAsync((await WithAsync(_hers, "Bob")).Id, Cancellation);
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => _his.Relationships.OpenAsync(held, Cancellation));
        _hersAt.Proxy.Block = _ => true;
        await Lies.Expect.FailureAsync(FailureReason.Unreachable, () => _his.Relationships.OpenAsync(held, Cancellation));
    }

    /// <summary>Before her Vault hears of the next such call, something else is done.</summary>
    private void Meanwhile(string call, Func<Task> something)
    {
        var isDone = false;
        _hersAt.Proxy.Block = passing =>
        {
            if (passing == call && !isDone)
            {
                isDone = true;
                Task.Run(something).GetAwaiter().GetResult();
            }

            return false;
        };
    }

    private async Task<GivenShare> ShareAsync(ShareTerms? terms = null)
    {
        var note = await _hers.PutAsync(ItemDraft.New("Note").With(ItemAttribute.Text("text", "hello")), Cancellation);
        return Assert.Single(await _hers.Relationships.ShareAsync([(await WithAsync(_hers, "Bob")).Id], note.Id, terms: terms, cancellationToken: Cancellation));
    }

    private async Task<int> SharingDeksAsync() => (await (await _alice.UnlockAsync()).Keys.ListAsync(Cancellation)).Count(key => key.Purpose == KeyPurpose.SharingDek);
}
