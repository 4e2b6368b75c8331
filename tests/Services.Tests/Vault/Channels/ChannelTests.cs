using System.Net;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Vault.Channels;

/// <summary>docs/spec/vault-api.md, "Channels": an account and its guests.</summary>
public sealed class ChannelTests(Vaults vaults) : IClassFixture<Vaults>
{
    [Theory, OnBothEngines]
    public async Task Letters_go_both_ways_until_the_channel_is_removed(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        Assert.Empty(await guest.ReadAsync());
        var (first, second) = (await alice.GiveAsync(guest), await alice.GiveAsync(guest));
        Assert.Equal([(first.Id, 1L), (second.Id, 2L)], Numbered(await guest.ReadAsync()));
        Assert.Equal([(second.Id, 2L)], Numbered(await guest.ReadAsync(after: 1)));
        Assert.Equal(second.Sealed, (await guest.ReadAsync(after: 1))[0].Sealed);

        // What takes another's place is new to a guest; what is removed is there no more, and its number never again.
        await alice.LandAsync(alice.WriteChannels(letters: [first with { Sealed = [7] }]));
        Assert.Equal([(second.Id, 2L), (first.Id, 3L)], Numbered(await guest.ReadAsync()));
        await alice.LandAsync(alice.WriteChannels(letters: [first with { Sealed = null }, new(guest.Channel, Guid.NewGuid())]));
        Assert.Equal([(second.Id, 2L)], Numbered(await guest.ReadAsync()));
        var third = await alice.GiveAsync(guest);
        Assert.Equal([(third.Id, 4L)], Numbered(await guest.ReadAsync(after: 3)));

        var (left, later) = (await guest.LeaveAsync(), await guest.LeaveAsync());
        var received = await alice.ReceivedAsync();
        Assert.Equal([(guest.Channel, left, 1L), (guest.Channel, later, 2L)], received.Select(letter => (letter.Channel, letter.Id, letter.Number)));
        await alice.TakeAsync(left, Guid.NewGuid());
        Assert.Equal(later, Assert.Single(await alice.ReceivedAsync()).Id);
        await alice.TakeAsync(later);
        await guest.LeaveAsync();
        Assert.Equal(3, Assert.Single(await alice.ReceivedAsync()).Number);

        await alice.LandAsync(alice.WriteChannels([new(guest.Channel)]));
        (await guest.SendReadAsync()).IsProblem(ProblemTypes.SignInRequired);
        (await guest.LeaveAsync(Guid.NewGuid(), [1])).IsProblem(ProblemTypes.SignInRequired);
        Assert.Empty(await alice.ReceivedAsync());
        Assert.Equal(0L, await service.Database.ScalarAsync<long>($"SELECT given FROM usage WHERE account_id = '{alice.Account}'"));
        await RefusedAsync(service, alice, alice.WriteChannels([guest.InWrite]), ProblemTypes.NotFound);
        await RefusedAsync(service, alice, alice.WriteChannels(letters: [second]), ProblemTypes.NotFound);
    }

    [Theory, OnBothEngines]
    public async Task A_channel_gets_another_key_and_keeps_its_letters(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        var letter = await alice.GiveAsync(guest);
        var left = await guest.LeaveAsync();
        var renewed = guest with { Key = Ed25519PrivateKey.Generate() };
        await alice.LandAsync(alice.WriteChannels([renewed.InWrite]));
        (await guest.SendReadAsync()).IsProblem(ProblemTypes.SignInRequired);
        Assert.Equal(letter.Id, Assert.Single(await renewed.ReadAsync()).Id);
        Assert.Equal(left, Assert.Single(await alice.ReceivedAsync()).Id);
    }

    [Theory, OnBothEngines]
    public async Task What_is_another_accounts_cannot_be_reached_and_its_guests_see_nothing_of_each_other(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var (alice, mallory) = (await VaultPerson.SignedUpAsync(service), await VaultPerson.SignedUpAsync(service));
        var (guest, other, his) = (await alice.InviteAsync(), await alice.InviteAsync(), await mallory.InviteAsync());
        var letter = await alice.GiveAsync(guest);
        var left = await guest.LeaveAsync();

        await RefusedAsync(service, mallory, mallory.WriteChannels([guest.InWrite]), ProblemTypes.NotFound);
        await RefusedAsync(service, mallory, mallory.WriteChannels([guest.InWrite with { Key = his.InWrite.Key }]), ProblemTypes.NotFound);
        await RefusedAsync(service, mallory, mallory.WriteChannels(letters: [letter with { Sealed = [1] }]), ProblemTypes.NotFound);
        var before = await service.Database.DumpAsync("heads", "audit_events");
        await mallory.LandAsync(mallory.WriteChannels([new(guest.Channel)], [letter with { Sealed = null }], [left]));
        Assert.Equal(before, await service.Database.DumpAsync("heads", "audit_events"));
        Assert.Empty(await mallory.ReceivedAsync());

        // Under the guest's channel with another guest's key, even one of the same account.
        (await (guest with { Key = his.Key }).SendReadAsync()).IsProblem(ProblemTypes.SignInRequired);
        (await (guest with { Key = other.Key }).SendReadAsync()).IsProblem(ProblemTypes.SignInRequired);
        Assert.Equal(letter.Sealed, Assert.Single(await guest.ReadAsync()).Sealed);
        Assert.Empty(await other.ReadAsync());
        Assert.Equal((left, guest.Channel), (Assert.Single(await alice.ReceivedAsync()) is var received ? (received.Id, received.Channel) : default));

        // Each guest counts from one.
        var hers = await alice.GiveAsync(other);
        Assert.Equal([(hers.Id, 1L)], Numbered(await other.ReadAsync()));
        var answer = System.Text.Encoding.UTF8.GetString((await other.SendReadAsync()).Body);
        foreach (var foreign in new[] { alice.Account.ToString(), guest.Channel.ToString(), letter.Id.ToString() })
            Assert.DoesNotContain(foreign, answer, StringComparison.Ordinal);
    }

    [Theory, OnBothEngines]
    public async Task Two_guests_that_chose_one_id_do_not_take_each_others_letters_away(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var (guest, other) = (await alice.InviteAsync(), await alice.InviteAsync());
        var id = await guest.LeaveAsync();
        var seen = Assert.Single(await alice.ReceivedAsync());
        (await other.LeaveAsync(id, [9])).Is(HttpStatusCode.Created);
        await alice.TakeAsync(seen.Id);
        Assert.Equal([(other.Channel, id)], (await alice.ReceivedAsync()).Select(letter => (letter.Channel, letter.Id)));
        await alice.TakeAsync(id);
        Assert.Empty(await alice.ReceivedAsync());
    }

    [Theory, OnBothEngines]
    public async Task A_letter_that_is_left_again_is_there_once(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        var letter = new LeaveLetterRequest(Guid.NewGuid(), [1, 2, 3]);
        var request = Request.Post(VaultRoutes.Channel, letter).SignedBy(guest, alice.Now);
        Assert.Empty((await request.SendAsync(service.Http)).Is(HttpStatusCode.Created).Body);
        var before = await service.Database.DumpAsync();
        (await request.SendAsync(service.Http)).Is(HttpStatusCode.Created);
        (await guest.LeaveAsync(letter.Id, letter.Sealed)).Is(HttpStatusCode.Created);
        (await guest.LeaveAsync(letter.Id, [1, 2, 4])).IsProblem(ProblemTypes.MalformedRequest);
        Assert.Equal(before, await service.Database.DumpAsync());

        // As the specification has it: the service has forgotten what was taken.
        await alice.TakeAsync(letter.Id);
        (await request.SendAsync(service.Http)).Is(HttpStatusCode.Created);
        Assert.Equal((letter.Id, 2L), Assert.Single(await alice.ReceivedAsync()) is var again ? (again.Id, again.Number) : default);
    }

    [Theory, OnBothEngines]
    public async Task Channels_and_letters_land_with_the_head_once_or_not_at_all(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var (guest, other) = (await alice.InviteAsync(), Guest.Generate(service));
        var letter = await alice.GiveAsync(guest);
        var left = await guest.LeaveAsync();
        var item = VaultPerson.NewItem();
        var write = alice.Write([item], []) with
        {
            Channels = [other.InWrite],
            Letters = [letter with { Sealed = [1] }, new(other.Channel, Guid.NewGuid(), [2])],
            Taken = [left],
        };

        // A head that is refused, one that comes too late, an object that does not fit, a letter that goes nowhere.
        await RefusedAsync(service, alice, write with { Head = alice.Write([item], [], head => head with { Count = head.Count + 1 }).Head }, ProblemTypes.HeadRejected);
        await RefusedAsync(service, alice, write with { Head = alice.Write([item], [], head => head with { Links = [Keyladder.Cryptography.Heads.Hash256.Of([1]), .. head.Links.Skip(1)] }).Head }, ProblemTypes.HeadConflict);
        await RefusedAsync(service, alice, write with { Put = [new(item, new byte[32])] }, ProblemTypes.HeadRejected);
        await RefusedAsync(service, alice, write with { Letters = [.. write.Letters!, new(Guid.NewGuid(), Guid.NewGuid(), [3])] }, ProblemTypes.NotFound);
        Assert.Equal([(letter.Id, 1L)], Numbered(await guest.ReadAsync()));
        (await other.SendReadAsync()).IsProblem(ProblemTypes.SignInRequired);

        await alice.LandAsync(write);
        Assert.Equal([(letter.Id, 2L)], Numbered(await guest.ReadAsync()));
        Assert.Single(await other.ReadAsync());
        Assert.Empty(await alice.ReceivedAsync());
        Assert.Single((await alice.FetchAsync(VaultPerson.NameOf(item))).Objects);

        // The answer was lost, and a letter came meanwhile under an id that the write would take: sent again it changes nothing.
        (await guest.LeaveAsync(left, [5])).Is(HttpStatusCode.Created);
        var before = await service.Database.DumpAsync();
        Assert.Equal(alice.Pin.Number, (await alice.SendWriteAsync(write)).As<ObjectWriteResponse>().Number);
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    [Theory, OnBothEngines]
    public async Task What_comes_first_in_a_write_is_there_for_what_follows(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        await RefusedAsync(service, alice, alice.WriteChannels([new(guest.Channel)], [new(guest.Channel, Guid.NewGuid(), [1])]), ProblemTypes.NotFound);
        var other = Guest.Generate(service);
        var letters = Enumerable.Range(0, 3).Select(number => new GivenLetterMessage(other.Channel, Guid.NewGuid(), [(byte)number])).ToArray();
        await alice.LandAsync(alice.WriteChannels([other.InWrite, new(guest.Channel), new(Guid.NewGuid())], letters));
        Assert.Equal(letters.Select((letter, index) => (letter.Id, index + 1L)), Numbered(await other.ReadAsync()));
    }

    private static IEnumerable<(Guid Id, long Number)> Numbered(LetterMessage[] letters) => letters.Select(letter => (letter.Id, letter.Number));

    private static async Task RefusedAsync(RunningService service, VaultPerson person, ObjectWriteRequest write, string type)
    {
        var before = await service.Database.DumpAsync("limits");
        (await person.SendWriteAsync(write)).IsProblem(type);
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
    }
}
