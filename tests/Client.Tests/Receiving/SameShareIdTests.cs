using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Receiving.ReceivingScene;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Receiving;

/// <summary>Who shares chooses the id of a share (docs/spec/relationships.md section 7): Bob takes the one that Alice's has.</summary>
public sealed class SameShareIdTests : IAsyncLifetime
{
    private readonly ReceivingScene _scene = new();

    public ValueTask InitializeAsync() => _scene.InitializeAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task What_Alice_takes_back_is_forgotten_though_Bob_shares_something_with_the_same_id()
    {
        var alices = await ShareAsync(_scene.Alice);
        var bobs = (await WithAsync(_scene.Operator, "Bob")).Id;
        await using var receiver = _scene.Start();
        await receiver.ReceivesAsync(alices);
        Show(alices.Id, await BobsLetterAsync(alices.Id, 7), hidesAlices: false);
        await receiver.ReceivesAsync(bobs, alices.Id, 7);

        _scene.Vault.TellTheTruth();
        await _scene.Alice.Relationships.RevokeAsync(alices, Cancellation);
        await receiver.ForgetsAsync(alices);
        Assert.DoesNotContain((bobs, alices.Id), receiver.Forgotten);
        Assert.Equal(2, receiver.Received.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task What_Bob_shares_is_not_handed_over_as_what_Alice_shares(bool hidesAlices)
    {
        var alices = await ShareAsync(_scene.Alice);
        var bobs = (await WithAsync(_scene.Operator, "Bob")).Id;
        await _scene.Operator.Relationships.SyncAsync(cancellationToken: Cancellation);
        Show(alices.Id, await BobsLetterAsync(alices.Id, alices.Statement.Number), hidesAlices);

        var received = new ConcurrentBag<(RelationshipId, string)>();
        await using var receiver = _scene.Start(receive: share =>
        {
            received.Add((share.Relationship, share.Content.Attributes[0].Content.GetText()));
            return Task.CompletedTask;
        });
        await receiver.ReceivesAsync(bobs, alices.Id, alices.Statement.Number);
        if (!hidesAlices)
            await receiver.ReceivesAsync((await WithAsync(_scene.Operator, "Alice")).Id, alices.Id, alices.Statement.Number);
        await receiver.ReceivesAsync(await ShareAsync(_scene.Alice)); // a look later
        Assert.Equal((bobs, "BOB"), Assert.Single(received, each => each.Item2 == "BOB"));
        Assert.DoesNotContain((bobs, "DE01"), received);
    }

    /// <summary>From now on the Vault shows Bob's letter to everybody who reads as a guest.</summary>
    private void Show(ShareId share, byte[] bobs, bool hidesAlices) => _scene.Vault.Proxy.Lie = answer =>
    {
        if (answer is not { Method: "GET", Path: "/v1/channel", Status: 200 } || answer.Target.Contains("after=1001", StringComparison.Ordinal))
            return;
        answer.Edit(json =>
        {
            var shown = json["letters"]!.AsArray();
            foreach (var letter in shown.Where(letter => hidesAlices && letter!["id"]!.GetValue<string>() == share.ToString()))
                letter!["sealed"] = Base64UrlText.Encode([1, 2, 3]);
            shown.Add(new JsonObject { ["id"] = $"{share}", ["number"] = 1001, ["sealed"] = Base64UrlText.Encode(bobs) });
        });
    };

    private async Task<byte[]> BobsLetterAsync(ShareId share, long number)
    {
        var bobs = await _scene.BobsKeyAsync();
        var with = await WithAsync(_scene.Bob, "worker");
        var (to, attribute) = (with.Item.OtherKeys()!, AttributeId.Generate());
        using var dek = SharingDataEncryptionKey.Generate(AccountId.Generate());
        var copy = dek.Seal(to.Relationship, share, SharedContent.OfAttribute(attribute, ItemAttribute.Text("iban", "BOB")), number);
        var jws = bobs.Sign(new ShareStatement(
            bobs.Did, to.Subject, to.Relationship, share, number, ShareStates.Given, [attribute], new DateOnly(2026, 1, 31),
            number == 1 ? null : new Hash256(new byte[32]), to.SealingKeyName, dek.NameFor(to.Relationship, share), Letter.HashOf(copy)));
        return Letter.Seal(to, bobs.Did, share.Value, [jws], dek, copy);
    }
}
