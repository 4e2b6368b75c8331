using System.Security.Cryptography;
using Keyladder.Client.Tests.Vaults;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Relationships;

/// <summary>Who has opened an attachment while its share was good, and reads on when it is over.</summary>
public sealed class SharedAttachmentExpiryTests(Keystores keystores, Testing.Vaults vaults) : IClassFixture<Keystores>, IClassFixture<Testing.Vaults>
{
    [Fact]
    public async Task J06_an_attachment_that_is_being_read_ends_with_the_last_day_of_its_share()
    {
        var (keystore, vault, clock) = ((await keystores.On(Engine.Sqlite)).Origin, (await vaults.On(Engine.Sqlite)).Origin, new MovableTime());
        await using var alice = new VaultOwner(keystore, vault);
        await using var bob = new Person(keystore);
        var hers = await alice.CreateAsync();
        await using var his = await (await bob.SignUpAsync(bob.Device(time: clock))).Vaults.CreateAsync(vault, cancellationToken: Cancellation);
        await ConnectAsync(hers, "Alice", his, "Bob");
        var content = RandomNumberGenerator.GetBytes(1024 * 1024);
        var item = await hers.PutAsync(ItemDraft.New("Film").With((await AttachmentTests.UploadAsync(hers, content)).ToAttribute("film")), Cancellation);
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        await hers.Relationships.ShareAsync([(await WithAsync(hers, "Bob")).Id], item.Id, terms: new ShareTerms(Expires: today.AddDays(1)), cancellationToken: Cancellation);
        await his.Relationships.SyncAsync(cancellationToken: Cancellation);
        var held = Assert.Single(await his.Relationships.ListHeldAsync(Cancellation));
        var film = (await his.Relationships.OpenAsync(held, Cancellation)).Attributes.Single().Content.GetAttachment()!;

        await using var stream = await his.Relationships.OpenAttachmentAsync(held, film, Cancellation);
        var begin = new byte[1_000];
        await stream.ReadExactlyAsync(begin, Cancellation);
        Assert.Equal(content[..begin.Length], begin);
        clock.Move(TimeSpan.FromDays(2));
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => stream.CopyToAsync(Stream.Null, Cancellation));
        clock.Move(TimeSpan.FromDays(-2));
        Assert.Equal(content, await SharedAttachmentTests.ReadAsync(his, held, film));
    }
}
