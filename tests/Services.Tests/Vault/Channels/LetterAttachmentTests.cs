using System.Net;
using System.Security.Cryptography;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using Services.Tests.Client;
using static Services.Tests.Vault.StoredAttachments;

namespace Services.Tests.Vault.Channels;

/// <summary>docs/spec/vault-api.md, "Channels": what a letter names, its guest may read, and nobody else.</summary>
public sealed class LetterAttachmentTests(Vaults vaults) : IClassFixture<Vaults>
{
    [Theory, OnBothEngines]
    public async Task A_guest_reads_what_a_letter_names_from_any_place_on(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        byte[][] parts = [Bytes(1_000), Bytes(200_000), Bytes(1)];
        var whole = parts.SelectMany(part => part).ToArray();
        var id = await alice.UploadAsync(parts);
        await alice.GiveAsync(guest, attachments: [id, await alice.UploadAsync(Bytes(10))]);

        foreach (var (offset, length) in ((int, int)[])[(0, 201_001), (0, 1), (999, 2), (500, 200_000), (200_999, 500), (201_001, 1)])
        {
            var answer = (await ReadAsync(guest, id, offset, length)).Is(HttpStatusCode.OK);
            Assert.Equal("application/octet-stream", answer.ContentType);
            Assert.Equal(whole.Skip(offset).Take(length), answer.Body);
        }

        foreach (var length in (long[])[0, VaultRoutes.MaxPartBytes + 1])
            (await ReadAsync(guest, id, 0, length)).IsProblem(ProblemTypes.MalformedRequest);
    }

    [Theory, OnBothEngines]
    public async Task I14_nobody_else_reads_it_and_what_no_letter_names_is_nobodys(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var (alice, bob) = (await VaultPerson.SignedUpAsync(service), await VaultPerson.SignedUpAsync(service));
        var (guest, other, bobs) = (await alice.InviteAsync(), await alice.InviteAsync(), await bob.InviteAsync());
        var (shared, own, forOther, ofBob) = (await alice.UploadAsync(Bytes(10)), await alice.UploadAsync(Bytes(10)), await alice.UploadAsync(Bytes(10)), await bob.UploadAsync(Bytes(10)));
        await alice.PutAsync(VaultPerson.NewAttribute(attachment: own));
        await alice.GiveAsync(guest, attachments: [shared]);
        await alice.GiveAsync(other, attachments: [forOther]);
        await bob.GiveAsync(bobs, attachments: [ofBob]);

        (await ReadAsync(guest, shared, 0, 10)).Is(HttpStatusCode.OK);
        foreach (var id in (Guid[])[own, forOther, ofBob, Guid.NewGuid()])
            (await ReadAsync(guest, id, 0, 10)).IsProblem(ProblemTypes.NotFound);
        (await ReadAsync(other, shared, 0, 10)).IsProblem(ProblemTypes.NotFound);
        (await ReadAsync(bobs, shared, 0, 10)).IsProblem(ProblemTypes.NotFound);
        (await ReadAsync(guest with { Key = other.Key }, shared, 0, 10)).IsProblem(ProblemTypes.SignInRequired);
        (await ReadAsync(guest with { Channel = Guid.NewGuid() }, shared, 0, 10)).IsProblem(ProblemTypes.SignInRequired);
        (await bob.SendAsync(Request.Get(Target(shared, 0, 10)))).IsProblem(ProblemTypes.SignInRequired);
        (await Request.Get(Target(shared, 0, 10)).SendAsync(service.Http)).IsProblem(ProblemTypes.SignInRequired);
    }

    public static TheoryData<Engine, string> Ends() => Engines.With("letter replaced", "letter removed", "channel removed", "guest replaced");

    [Theory, MemberData(nameof(Ends))]
    public async Task What_no_letter_names_any_more_is_read_no_more_and_goes_after_a_day(Engine engine, string end)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        var (id, twice) = (await alice.UploadAsync(Bytes(10)), await alice.UploadAsync(Bytes(20)));
        var letter = await alice.GiveAsync(guest, attachments: [id, twice]);
        // Named by an object too: it stays, for the account.
        await alice.PutAsync(VaultPerson.NewAttribute(attachment: twice));
        await PassAsync(service, TimeSpan.FromDays(30));
        await alice.SignInAsync();
        Assert.Equal([10, 20], Files(service));

        await alice.LandAsync(end switch
        {
            "letter replaced" => alice.WriteChannels(letters: [letter with { Attachments = null }]),
            "letter removed" => alice.WriteChannels(letters: [letter with { Sealed = null, Attachments = null }]),
            "channel removed" => alice.WriteChannels([new(guest.Channel)]),
            _ => alice.WriteChannels([guest.InWrite with { Key = Guest.Generate(service).InWrite.Key }]),
        });
        (await ReadAsync(guest, id, 0, 10)).IsProblem(end is "channel removed" or "guest replaced" ? ProblemTypes.SignInRequired : ProblemTypes.NotFound);
        await PassAsync(service, TimeSpan.FromHours(23));
        Assert.Equal([10, 20], Files(service));
        await PassAsync(service, TimeSpan.FromHours(3));
        await alice.SignInAsync();
        Assert.Equal(end == "guest replaced" ? [10, 20] : [20], Files(service));
        Assert.Equal(20, (await alice.ReadAsync(twice, 0, 20)).Length);
    }

    [Theory, OnBothEngines]
    public async Task What_an_object_stops_naming_stays_while_a_letter_names_it(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var guest = await alice.InviteAsync();
        var id = await alice.UploadAsync(Bytes(10));
        var attribute = VaultPerson.NewAttribute(attachment: id);
        await alice.PutAsync(attribute);
        var letter = await alice.GiveAsync(guest, attachments: [id]);
        await alice.DeleteAsync(attribute.Id);
        await alice.LandAsync(alice.WriteChannels(letters: [letter with { Sealed = Bytes(500) }]));
        await PassAsync(service, TimeSpan.FromHours(40));
        await alice.SignInAsync();
        Assert.Equal(10, (await ReadAsync(guest, id, 0, 20)).Is(HttpStatusCode.OK).Body.Length);
    }

    [Theory, OnBothEngines]
    public async Task G02_what_a_letter_names_counts_for_what_is_given_until_it_goes(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { MaxGivenBytes = 4_096 });
        var alice = await VaultPerson.SignedUpAsync(service);
        var (guest, other) = (await alice.InviteAsync(), await alice.InviteAsync());
        var ids = new List<Guid>();
        for (var number = 0; number < 4; number++)
            ids.Add(await alice.UploadAsync(Bytes(10)));
        var letter = await alice.GiveAsync(guest, attachments: [.. ids[..3]]); // 1,024 and three times 512
        (await alice.SendWriteAsync(alice.WriteChannels(letters: [Letter(other, ids[0], ids[1])]))).IsProblem(ProblemTypes.QuotaExceeded);
        await alice.LandAsync(alice.WriteChannels(letters: [letter with { Attachments = [ids[3]] }])); // in its place
        await alice.LandAsync(alice.WriteChannels(letters: [Letter(other, ids[0], ids[1])]));
        (await alice.SendWriteAsync(alice.WriteChannels(letters: [Letter(other, ids[2])]))).IsProblem(ProblemTypes.QuotaExceeded);
        await alice.LandAsync(alice.WriteChannels([new(other.Channel)]));
        await alice.GiveAsync(guest, attachments: [.. ids[..3]]);
    }

    public static TheoryData<Engine, string> Refused() => Engines.With("not there", "not whole", "another account's", "twice", "too many", "without a letter", "too many together");

    [Theory, MemberData(nameof(Refused))]
    public async Task A_letter_names_only_what_there_is(Engine engine, string what)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var (alice, bob) = (await VaultPerson.SignedUpAsync(service), await VaultPerson.SignedUpAsync(service));
        var guest = await alice.InviteAsync();
        var (whole, begun, ofBob) = (await alice.UploadAsync(Bytes(10)), Guid.NewGuid(), await bob.UploadAsync(Bytes(10)));
        await alice.SendPartAsync(begun, 0, Bytes(10), last: false);
        var letter = Letter(guest, what switch
        {
            "not there" => [whole, Guid.NewGuid()],
            "not whole" => [begun],
            "another account's" => [ofBob],
            "twice" => [whole, whole],
            "too many" => [whole, .. Enumerable.Range(0, VaultRoutes.MaxLetterAttachments).Select(_ => Guid.NewGuid())],
            _ => [whole],
        });
        var before = await service.Database.DumpAsync();
        if (what == "too many together")
        {
            var many = Enumerable.Range(0, 4).Select(_ => Letter(guest, [.. Enumerable.Range(0, 251).Select(_ => Guid.NewGuid())])).ToArray();
            (await alice.SendWriteAsync(alice.WriteChannels(letters: many))).IsProblem(ProblemTypes.TooLarge);
            Assert.Equal(before, await service.Database.DumpAsync());
            return;
        }

        (await alice.SendWriteAsync(alice.WriteChannels(letters: [what == "without a letter" ? letter with { Sealed = null } : letter])))
            .IsProblem(what is "not there" or "not whole" or "another account's" ? ProblemTypes.AttachmentMissing : ProblemTypes.MalformedRequest);
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    private static byte[] Bytes(int length) => RandomNumberGenerator.GetBytes(length);

    private static GivenLetterMessage Letter(Guest guest, params Guid[] attachments) => new(guest.Channel, Guid.NewGuid(), Bytes(457), attachments);

    private static string Target(Guid id, long offset, long length) =>
        $"{VaultRoutes.ChannelAttachment.Replace("{id}", id.ToString(), StringComparison.Ordinal)}?offset={offset}&length={length}";

    private static Task<Answer> ReadAsync(Guest guest, Guid id, long offset, long length) => guest.SendAsync(Request.Get(Target(id, offset, length)));
}
