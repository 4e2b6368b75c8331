using System.Net;
using System.Security.Cryptography;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using Keyladder.Vault;
using Services.Tests.Client;

namespace Services.Tests.Vault.Channels;

/// <summary>How many and how long: sizes, quotas, and what one answer carries.</summary>
public sealed class LetterTests(Vaults vaults) : IClassFixture<Vaults>
{
    private const int MiB = 1024 * 1024;

    [Theory, OnBothEngines]
    public async Task A_letter_has_at_least_one_byte_and_at_most_as_many_as_it_may(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        var before = await service.Database.DumpAsync();
        (await guest.LeaveAsync(Guid.NewGuid(), [])).IsProblem(ProblemTypes.MalformedRequest);
        (await guest.LeaveAsync(Guid.NewGuid(), new byte[VaultRoutes.MaxReceivedBytes + 1])).IsProblem(ProblemTypes.TooLarge);
        (await alice.SendWriteAsync(alice.WriteChannels(letters: [Letter(guest, 0)]))).IsProblem(ProblemTypes.MalformedRequest);
        (await alice.SendWriteAsync(alice.WriteChannels(letters: [Letter(guest, VaultRoutes.MaxGivenBytes + 1)]))).IsProblem(ProblemTypes.TooLarge);
        Assert.Equal(before, await service.Database.DumpAsync());
        await guest.LeaveAsync(VaultRoutes.MaxReceivedBytes);
        var given = await alice.GiveAsync(guest, VaultRoutes.MaxGivenBytes);
        Assert.Equal(given.Sealed, Assert.Single(await guest.ReadAsync()).Sealed);
        Assert.Equal(VaultRoutes.MaxReceivedBytes, Assert.Single(await alice.ReceivedAsync()).Sealed.Length);
    }

    public static TheoryData<Engine, string> Malformed() => Engines.With("a key of another length", "no point", "a channel twice", "a channel made and removed", "a letter twice", "a taken letter twice");

    [Theory, MemberData(nameof(Malformed))]
    public async Task A_write_of_another_form_is_refused(Engine engine, string what)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        var (channel, letter, taken) = (Guest.Generate(service).InWrite, Letter(guest, 1), Guid.NewGuid());
        var write = what switch
        {
            "a key of another length" => alice.WriteChannels([channel with { Key = channel.Key![..^1] }]),
            "no point" => alice.WriteChannels([channel with { Key = new byte[32] }]),
            "a channel twice" => alice.WriteChannels([channel, channel]),
            "a channel made and removed" => alice.WriteChannels([channel, channel with { Key = null }]),
            "a letter twice" => alice.WriteChannels(letters: [letter, letter with { Sealed = null }]),
            _ => alice.WriteChannels(taken: [taken, taken]),
        };
        var before = await service.Database.DumpAsync();
        (await alice.SendWriteAsync(write)).IsProblem(ProblemTypes.MalformedRequest);
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    [Theory, OnBothEngines]
    public async Task A_write_holds_so_many_channels_and_letters_and_no_more(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        var channels = Enumerable.Range(0, VaultRoutes.MaxChannels + 1).Select(_ => new ChannelMessage(Guid.NewGuid(), guest.InWrite.Key)).ToArray();
        var letters = Enumerable.Range(0, VaultRoutes.MaxLetters + 1).Select(_ => Letter(guest, 1)).ToArray();
        var taken = letters.Select(letter => letter.Id).ToArray();
        foreach (var write in new[] { alice.WriteChannels(channels), alice.WriteChannels(letters: letters), alice.WriteChannels(taken: taken) })
            (await alice.SendWriteAsync(write)).IsProblem(ProblemTypes.TooLarge);
        await alice.LandAsync(alice.WriteChannels(channels[1..], letters[1..], taken[1..]));

        // As many letters as one answer holds, however short they are.
        await alice.LandAsync(alice.WriteChannels(letters: letters[..1]));
        var first = await guest.ReadAsync();
        Assert.Equal(VaultRoutes.MaxLetters, first.Length);
        Assert.Equal(letters[0].Id, Assert.Single(await guest.ReadAsync(first[^1].Number)).Id);
    }

    [Theory, OnBothEngines]
    public async Task An_answer_carries_8_MiB_and_the_next_one_what_follows(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        var letters = Enumerable.Range(0, 9).Select(_ => Letter(guest, MiB)).ToArray();
        await alice.LandAsync(alice.WriteChannels(letters: letters[..5]));
        await alice.LandAsync(alice.WriteChannels(letters: letters[5..]));
        var first = await guest.ReadAsync();
        Assert.Equal(letters[..8].Select(letter => letter.Id), first.Select(letter => letter.Id));
        Assert.Equal(letters[7].Sealed, first[7].Sealed);
        Assert.Equal(letters[8].Id, Assert.Single(await guest.ReadAsync(first[^1].Number)).Id);

        // A person who asks for all that is kept of them gets no more at once.
        var data = (await alice.SendAsync(Request.Get($"{ServiceRoutes.AccountData}?table=given_letters&skip=0"))).As<AccountDataResponse>();
        Assert.Equal((8, new DataPlaceMessage("given_letters", 8)), (data.Rows.Length, data.Next));

        for (var left = 0; left < 129; left++)
            await guest.LeaveAsync(VaultRoutes.MaxReceivedBytes);
        var received = await alice.ReceivedAsync();
        Assert.Equal(Enumerable.Range(1, 128).Select(number => (long)number), received.Select(letter => letter.Number));
        Assert.Equal(129, Assert.Single(await alice.ReceivedAsync(received[^1].Number)).Number);
    }

    [Theory, OnBothEngines]
    public async Task An_account_has_as_many_channels_and_gives_as_much_as_it_may_and_can_always_become_smaller(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { MaxChannels = 2, MaxGivenBytes = 5_000 });
        var alice = await VaultPerson.SignedUpAsync(service);
        var (guest, other) = (await alice.InviteAsync(), await alice.InviteAsync());
        await QuotaExceededAsync(service, alice, alice.WriteChannels([Guest.Generate(service).InWrite]));
        await alice.LandAsync(alice.WriteChannels([new(other.Channel), Guest.Generate(service).InWrite]));
        await QuotaExceededAsync(service, alice, alice.WriteChannels([Guest.Generate(service).InWrite]));

        // Short ones count as 1,024: with 3,976 that is all.
        var (shortOne, longOne) = (await alice.GiveAsync(guest, 1), await alice.GiveAsync(guest, 3_976));
        await QuotaExceededAsync(service, alice, alice.WriteChannels(letters: [Letter(guest, 1)]));
        await QuotaExceededAsync(service, alice, alice.WriteChannels(letters: [longOne with { Sealed = new byte[3_977] }]));
        await alice.LandAsync(alice.WriteChannels(letters: [longOne, shortOne with { Sealed = new byte[1_024] }]));
        await service.Database.ExecuteAsync("UPDATE usage SET given = given + 4000"); // as if it had been given under another rule
        await alice.LandAsync(alice.WriteChannels(letters: [longOne with { Sealed = new byte[2_000] }]));
        await alice.LandAsync(alice.WriteChannels([guest.InWrite]));
        await QuotaExceededAsync(service, alice, alice.WriteChannels(letters: [longOne with { Sealed = new byte[2_001] }]));
        await alice.LandAsync(alice.WriteChannels(letters: [longOne with { Sealed = null }]));
        Assert.Equal(4_000L + 1_024, await service.Database.ScalarAsync<long>("SELECT given FROM usage"));
    }

    [Theory, OnBothEngines]
    public async Task A_channel_holds_so_many_letters_that_were_not_taken_whatever_other_channels_hold(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { MaxWaitingLetters = 2 });
        var alice = await VaultPerson.SignedUpAsync(service);
        var (guest, other) = (await alice.InviteAsync(), await alice.InviteAsync());
        var last = new LeaveLetterRequest(Guid.NewGuid(), [1]);
        var first = await guest.LeaveAsync();
        (await guest.LeaveAsync(last.Id, last.Sealed)).Is(HttpStatusCode.Created);
        var before = await service.Database.DumpAsync();
        (await guest.LeaveAsync(Guid.NewGuid(), [1])).IsProblem(ProblemTypes.QuotaExceeded);
        (await guest.LeaveAsync(last.Id, last.Sealed)).Is(HttpStatusCode.Created); // its answer was lost
        Assert.Equal(before, await service.Database.DumpAsync());
        await other.LeaveAsync();
        await alice.TakeAsync(first);
        await guest.LeaveAsync();
    }

    [Theory, OnBothEngines]
    public async Task Of_many_letters_at_once_each_has_a_number_of_its_own_and_no_channel_holds_more_than_it_may(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { MaxWaitingLetters = 5 });
        var alice = await VaultPerson.SignedUpAsync(service);
        Guest[] guests = [await alice.InviteAsync(), await alice.InviteAsync()];
        var giving = alice.GiveAsync(guests[0]);
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(call => guests[call % 2].LeaveAsync(Guid.NewGuid(), RandomNumberGenerator.GetBytes(9))));
        await giving;
        Assert.Equal((10, 6), (answers.Count(answer => answer.Status == HttpStatusCode.Created), answers.Count(answer => answer.Status == HttpStatusCode.Forbidden)));
        var received = await alice.ReceivedAsync();
        Assert.Equal(Enumerable.Range(1, 10).Select(number => (long)number), received.Select(letter => letter.Number));
        Assert.All(received.GroupBy(letter => letter.Channel), channel => Assert.Equal(5, channel.Count()));
    }

    [Theory, OnBothEngines]
    public async Task Who_leaves_a_letter_while_the_channel_or_the_account_is_removed_leaves_nothing_behind(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        for (var round = 0; round < 10; round++)
        {
            var guest = await alice.InviteAsync();
            var leaving = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => guest.LeaveAsync(Guid.NewGuid(), [1])));
            await alice.LandAsync(alice.WriteChannels([new(guest.Channel)]));
            Assert.All(await leaving, answer => Assert.True(answer.Status is HttpStatusCode.Created or HttpStatusCode.Unauthorized));
            Assert.Empty(await alice.ReceivedAsync());
        }

        var last = await alice.InviteAsync();
        var deletion = Request.Post(ServiceRoutes.AccountDeletion, await alice.DeletionAsync());
        var late = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => last.LeaveAsync(Guid.NewGuid(), [1])));
        (await alice.SendAsync(deletion)).Is(HttpStatusCode.OK);
        await late;
        Assert.Equal(0L, await service.Database.ScalarAsync<long>("SELECT count(*) FROM received_letters"));
    }

    [Theory, OnBothEngines]
    public async Task After_a_restore_no_number_is_one_that_was_seen_and_lost(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var folder = Directory.CreateTempSubdirectory("keyladder-test-");
        try
        {
            var alice = await VaultPerson.SignedUpAsync(service);
            var guest = await alice.InviteAsync();
            var kept = await alice.GiveAsync(guest);
            var (file, options) = (Path.Combine(folder.FullName, "backup"), new VaultOptions { Data = service.Database.Folder.FullName, Database = service.Database.Postgres });
            await VaultService.Backups.WriteAsync(options, file, service.Time, TestContext.Current.CancellationToken);
            var before = await alice.AtAnotherDeviceAsync();
            await alice.GiveAsync(guest);
            await guest.LeaveAsync();
            var (seen, received) = (Assert.Single(await guest.ReadAsync(after: 1)).Number, Assert.Single(await alice.ReceivedAsync()).Number);

            await VaultService.Backups.RestoreAsync(options, file, replace: true, service.Time, TestContext.Current.CancellationToken);
            await before.SignInAsync();
            var next = await before.GiveAsync(guest);
            var left = await guest.LeaveAsync();
            Assert.Equal(next.Id, Assert.Single(await guest.ReadAsync(after: seen)).Id);
            Assert.Equal(left, Assert.Single(await before.ReceivedAsync(after: received)).Id);
            Assert.Equal([kept.Id, next.Id], (await guest.ReadAsync()).Select(letter => letter.Id));
            var last = await before.GiveAsync(guest);
            Assert.Equal(last.Id, (await guest.ReadAsync())[^1].Id);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static GivenLetterMessage Letter(Guest guest, int size) => new(guest.Channel, Guid.NewGuid(), RandomNumberGenerator.GetBytes(size));

    private static async Task QuotaExceededAsync(RunningService service, VaultPerson person, ObjectWriteRequest write)
    {
        var before = await service.Database.DumpAsync("limits");
        (await person.SendWriteAsync(write)).IsProblem(ProblemTypes.QuotaExceeded);
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
    }
}
