using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Relationships;

/// <summary>Parties whose own keys sign and seal what no client of ours does, or so much of it; whatever they do, the others go on.</summary>
public sealed class BentParties : IAsyncLifetime
{
    private const int MostLetters = 1_000; // that one write takes, by docs/spec/vault-api.md

    private readonly RelationshipScene _scene = new();

    public ValueTask InitializeAsync() => _scene.InitializeAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task Of_a_letter_with_one_event_that_is_not_so_no_event_is_told()
    {
        var share = Assert.Single(await _scene.ShareAsync("Bob"));
        await _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation);
        var held = Assert.Single(await _scene.Bob.Relationships.ListHeldAsync(Cancellation));
        var (bobs, alices) = (await _scene.KeyOfAsync(_scene.Bob, "Alice"), await PinnedAsync(_scene.Bob, "Alice"));
        var (good, bad) = (bobs.Sign(Read(held.Attributes[0])), bobs.Sign(Read(AttributeId.Generate())));
        var letter = LetterId.Generate().Value;
        Leave([(letter, await ChannelOfAsync("Bob"), Letter.Seal(alices, bobs.Did, letter, [good, bad]))]);

        var news = await _scene.Alice.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Single(news.Refused);
        Assert.Empty(news.Events);
        Assert.False(Assert.Single(await _scene.Alice.Relationships.ListGivenAsync(Cancellation)).IsRead);

        // The control: alone the good one is told.
        Leave([(letter, await ChannelOfAsync("Bob"), Letter.Seal(alices, bobs.Did, letter, [good]))]);
        news = await _scene.Alice.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Empty(news.Refused);
        Assert.Equal([ShareEvents.Read], news.Events.Select(told => told.Event.Event));
        Assert.Equal([true], (await _scene.Alice.Relationships.ListGivenAsync(Cancellation)).Where(given => given.Id == share.Id).Select(given => given.IsRead));

        ShareEvent Read(AttributeId attribute) => new(bobs.Did, attribute, ShareEvents.Read, 1);
    }

    [Fact]
    public async Task Of_a_share_with_one_event_that_is_not_so_nothing_is_told()
    {
        var (alices, bobs) = (await _scene.KeyOfAsync(_scene.Alice, "Bob"), await PinnedAsync(_scene.Alice, "Bob"));
        var (share, attribute) = (ShareId.Generate(), AttributeId.Generate());
        using var dek = SharingDataEncryptionKey.Generate(AccountId.Generate());
        foreach (var (other, isGood) in ((AttributeId, bool)[])[(AttributeId.Generate(), false), (attribute, true)])
        {
            var (statement, copy) = Give(alices, bobs, bobs.Relationship, share, attribute, dek);
            string[] events = [.. new[] { attribute, other }.Select(each => alices.Sign(new ShareEvent(alices.Did, each, ShareEvents.Shared, 1)))];
            _scene.ShowInChannel((share.Value, Letter.Seal(bobs, alices.Did, share.Value, [statement, .. events], dek, copy)));

            var news = await _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation);
            Assert.Equal(isGood ? 2 : 0, news.Events.Count);
            Assert.Equal(isGood ? 1 : 0, news.Shares.Count);
            Assert.Equal(isGood, !news.Refused.Any(refused => refused.Message.Contains("tells of something else", StringComparison.Ordinal)));
        }
    }

    /// <summary>An item has room for 256 attributes: one for the relationship, one for each share.</summary>
    [Fact]
    public async Task Who_shares_more_than_there_is_room_for_stops_nothing()
    {
        var (alices, bobs) = (await _scene.KeyOfAsync(_scene.Alice, "Bob"), await PinnedAsync(_scene.Alice, "Bob"));
        using var dek = SharingDataEncryptionKey.Generate(AccountId.Generate());
        var letters = new List<(Guid, byte[])>();
        for (var count = 0; count < 260; count++)
        {
            var share = ShareId.Generate();
            var (statement, copy) = Give(alices, bobs, bobs.Relationship, share, AttributeId.Generate(), dek);
            letters.Add((share.Value, Letter.Seal(bobs, alices.Did, share.Value, [statement], dek, copy)));
        }

        _scene.ShowInChannel([.. letters]);
        await _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation);
        var held = await _scene.Bob.Relationships.ListHeldAsync(Cancellation);
        var id = (await WithAsync(_scene.Bob, "Alice")).Id;
        Assert.Equal(255, held.Count(share => share.Relationship == id));

        // And what others share is heard all the same.
        _scene.Hostile.TellTheTruth();
        await ShareWithBobAsync(_scene.Carol);
        Assert.Single((await _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);
    }

    /// <summary>JSON lets white space pass, and what was signed is kept as it is.</summary>
    [Fact]
    public async Task What_is_longer_than_there_is_room_for_stops_nothing()
    {
        var (alices, bobs) = (await _scene.KeyOfAsync(_scene.Alice, "Bob"), await PinnedAsync(_scene.Alice, "Bob"));
        using var dek = SharingDataEncryptionKey.Generate(AccountId.Generate());
        using var next = RelationshipKey.Generate(AccountId.Generate(), new KeyService(Vault, AccountId.Generate()));
        var (share, change) = (ShareId.Generate(), LetterId.Generate().Value);
        var (statement, copy) = Give(alices, bobs, bobs.Relationship, share, AttributeId.Generate(), dek);
        var bundle = Padded(JwsKind.KeyBundle, next.SignBundle(bobs.Relationship, 2), next);
        _scene.ShowInChannel(
            (share.Value, Letter.Seal(bobs, alices.Did, share.Value, [Padded(JwsKind.Share, statement, alices)], dek, copy)),
            (change, Letter.Seal(bobs, alices.Did, change, [alices.Sign(new KeyChange(alices.Did, bobs.Subject, bobs.Relationship, next.Did, bundle))])));
        await ShareWithBobAsync(_scene.Carol);

        var news = await _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Equal(4, news.Refused.Count); // in both channels that Bob reads
        Assert.Single(news.Shares);
        Assert.Empty(news.Changed);

        // The control: without the spaces it is taken.
        _scene.ShowInChannel((share.Value, Letter.Seal(bobs, alices.Did, share.Value, [statement], dek, copy)));
        Assert.Equal([share], (await _scene.Bob.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);
    }

    [Fact]
    public async Task Two_letters_of_one_id_in_two_channels_stop_nothing()
    {
        var letter = LetterId.Generate().Value;
        Leave([(letter, await ChannelOfAsync("Bob"), [1, 2, 3]), (letter, await ChannelOfAsync("Carol"), [4, 5, 6])]);

        Assert.NotEmpty((await _scene.Alice.Relationships.SyncAsync(cancellationToken: Cancellation)).Refused);

        _scene.Hostile.TellTheTruth();
        Assert.Empty((await _scene.Alice.Relationships.SyncAsync(cancellationToken: Cancellation)).Refused);
    }

    [Fact]
    public async Task More_letters_than_one_write_takes_are_taken_one_write_after_the_other()
    {
        var channel = await ChannelOfAsync("Bob");
        Leave([.. Enumerable.Range(0, 2 * MostLetters + 1).Select(_ => (LetterId.Generate().Value, channel, new byte[] { 1 }))]);

        Assert.Equal(MostLetters, (await _scene.Alice.Relationships.SyncAsync(cancellationToken: Cancellation)).Refused.Count);
    }

    private static (string Statement, byte[] Copy) Give(
        RelationshipKey from, KeyBundle to, RelationshipId relationship, ShareId share, AttributeId attribute, SharingDataEncryptionKey dek)
    {
        var copy = dek.Seal(relationship, share, SharedContent.OfAttribute(attribute, ItemAttribute.Text("iban", "DE01")), 1);
        return (
            from.Sign(new ShareStatement(
                from.Did, to.Subject, relationship, share, 1, ShareStates.Given, [attribute], new DateOnly(2026, 1, 31), null, to.SealingKeyName, dek.NameFor(relationship, share), Letter.HashOf(copy))),
            copy);
    }

    private static Origin Vault { get; } = Origin.TryParse("https://vault.example.org", out var origin) ? origin : throw new InvalidOperationException();

    /// <summary>The same, with more white space behind it than an attribute has room for; by the key that follows from the relationship's seed (docs/spec/relationships.md section 1).</summary>
    private static string Padded(JwsKind kind, string jws, RelationshipKey key)
    {
        using var bytes = key.CopyKeyBytes();
        using var seed = HkdfSha512.Expand(bytes.DangerousSpan[..32], Fields.Encode("relationship/v1/did-keypair"), 32);
        using var didKey = Ed25519PrivateKey.FromSeed(seed.DangerousSpan);
        Assert.True(Jws.TryReadUnverified(kind, jws, out var payload));
        return Jws.Sign(kind, [.. payload, .. Enumerable.Repeat((byte)' ', 60_000)], didKey);
    }

    private static async Task ShareWithBobAsync(Client.Vault person)
    {
        var note = await person.PutAsync(ItemDraft.New("Note").With(ItemAttribute.Text("text", "hello")), Cancellation);
        await person.Relationships.ShareAsync([(await WithAsync(person, "Bob")).Id], note.Id, cancellationToken: Cancellation);
    }

    private async Task<Guid> ChannelOfAsync(string name) => (await WithAsync(_scene.Alice, name)).Item.State.Channel.Value;

    /// <summary>From now on these are the letters that wait at everybody's own Vault, and nothing takes them away.</summary>
    private void Leave(IReadOnlyList<(Guid Id, Guid Channel, byte[] Sealed)> letters) => _scene.Hostile.Proxy.Lie = answer =>
    {
        if ($"{answer.Method} {answer.Path}" != Letters || answer.Status != 200)
            return;
        var after = int.Parse(answer.Target.Split("after=")[1].Split('&')[0], System.Globalization.CultureInfo.InvariantCulture);
        answer.Edit(json => json["letters"] = new JsonArray([.. letters.Skip(after).Take(MostLetters).Select((letter, index) => new JsonObject
        {
            ["id"] = $"{letter.Id:D}",
            ["channel"] = $"{letter.Channel:D}",
            ["number"] = after + index + 1,
            ["sealed"] = Base64UrlText.Encode(letter.Sealed),
        })]));
    };
}
