using System.Net;
using System.Security.Cryptography;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using Services.Tests.Client;
using static Services.Tests.Vault.StoredAttachments;

namespace Services.Tests.Vault;

public sealed class AttachmentTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, OnBothEngines]
    public async Task What_came_in_parts_is_read_from_any_place_on(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        byte[][] parts = [Bytes(1_000), Bytes(200_000), Bytes(1)];
        var whole = parts.SelectMany(part => part).ToArray();
        var id = await alice.UploadAsync(parts);

        foreach (var (offset, length) in ((int, int)[])[(0, 201_001), (0, 1), (999, 2), (1_000, 1), (500, 200_000), (201_000, 1), (200_999, 500), (201_001, 1)])
            Assert.Equal(whole.Skip(offset).Take(length), await alice.ReadAsync(id, offset, length));
    }

    [Theory, OnBothEngines]
    public async Task A_part_that_was_sent_before_or_does_not_follow_changes_nothing_and_is_told_where_to_go_on(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var id = Guid.NewGuid();
        (byte[] first, byte[] second) = (Bytes(300), Bytes(200));
        Assert.Equal(new(0, false), await PartAsync(100, second, last: false)); // of nothing, too
        Assert.Equal(new(300, false), await PartAsync(0, first, last: false));
        Assert.Equal(new(300, false), await PartAsync(0, Bytes(300), last: false));
        Assert.Equal(new(300, false), await PartAsync(0, Bytes(400), last: true));
        Assert.Equal(new(300, false), await PartAsync(299, second, last: true));
        Assert.Equal(new(500, true), await PartAsync(300, second, last: true));
        Assert.Equal(new(500, true), await PartAsync(300, Bytes(200), last: true));
        Assert.Equal(new(500, true), await PartAsync(500, Bytes(200), last: false));
        Assert.Equal(first.Concat(second), await alice.ReadAsync(id, 0, 1_000));
        Assert.Equal(2, Files(service).Count);

        async Task<AttachmentPartResponse> PartAsync(long offset, byte[] bytes, bool last) => (await alice.SendPartAsync(id, offset, bytes, last)).As<AttachmentPartResponse>();
    }

    [Theory, OnBothEngines]
    public async Task Of_several_that_bring_the_same_part_at_once_one_counts(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        using var other = await service.StartAnotherInstanceAsync();
        var id = Guid.NewGuid();
        var part = Bytes(50_000);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(each => alice.SendPartAsync(id, 0, part, last: true, each % 2 == 0 ? other : service.Http)));
        Assert.All(answers, answer => Assert.Equal(new(part.Length, true), answer.As<AttachmentPartResponse>()));
        Assert.Equal(part, await alice.ReadAsync(id, 0, 100_000));
        Assert.Single(Files(service));
    }

    [Theory, OnBothEngines]
    public async Task What_is_not_the_body_that_was_signed_for_is_not_kept(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var id = Guid.NewGuid();
        var request = new Request("PUT", $"/v1/attachments/{id}?offset=0&last=1") { Body = Bytes(5_000), ContentType = "application/octet-stream" };
        var signed = request.SignedBy(alice.Session, alice.Now);
        foreach (var body in (byte[][])[Bytes(5_000), Bytes(4_999), []])
            (await (signed with { Body = body }).SendAsync(service.Http)).IsProblem(ProblemTypes.SignInRequired);
        (await (signed with { Signature = alice.Session is var session ? request.SignedBy(session, alice.Now.AddSeconds(1)).Signature : null }).SendAsync(service.Http)).IsProblem(ProblemTypes.SignInRequired);
        (await request.SendAsync(service.Http)).IsProblem(ProblemTypes.SignInRequired);

        Assert.Empty(Files(service));
        (await alice.SendReadAsync(id, 0, 1)).IsProblem(ProblemTypes.NotFound);
    }

    [Theory, OnBothEngines]
    public async Task What_is_not_well_formed_is_refused(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var id = await alice.UploadAsync(Bytes(10));
        (await alice.SendPartAsync(Guid.NewGuid(), 0, [], last: true)).IsProblem(ProblemTypes.MalformedRequest);
        (await alice.SendPartAsync(Guid.NewGuid(), 0, Bytes(VaultRoutes.MaxPartBytes + 1), last: true)).IsProblem(ProblemTypes.TooLarge);
        var put = new Request("PUT", $"/v1/attachments/{Guid.NewGuid()}?offset=0") { Body = Bytes(10), ContentType = "application/octet-stream" };
        foreach (var target in (string[])["", "?offset=-1", "?offset=00", "?offset=x", "?offset=0&last=0", "?offset=0&last="])
            (await alice.SendAsync(put with { Target = $"/v1/attachments/{Guid.NewGuid()}{target}" })).IsProblem(ProblemTypes.MalformedRequest);
        (await alice.SendAsync(put with { ContentType = "application/json" })).IsProblem(ProblemTypes.UnsupportedMediaType);
        foreach (var target in (string[])["", "?offset=0", "?length=1", "?offset=0&length=0", "?offset=0&length=8388609", "?offset=-1&length=1"])
            (await alice.SendAsync(Request.Get($"/v1/attachments/{id}{target}"))).IsProblem(ProblemTypes.MalformedRequest);
        Assert.Single(Files(service));
    }

    [Theory, OnBothEngines]
    public async Task An_object_names_no_attachment_that_is_not_there_whole(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var bob = await VaultPerson.SignedUpAsync(service);
        var begun = Guid.NewGuid();
        await alice.SendPartAsync(begun, 0, Bytes(10), last: false);
        var head = alice.Pin.Number;
        foreach (var id in (Guid[])[Guid.NewGuid(), begun, await bob.UploadAsync(Bytes(10))])
            (await alice.SendWriteAsync(alice.Write([VaultPerson.NewItem(), VaultPerson.NewAttribute(attachment: id)], []))).IsProblem(ProblemTypes.AttachmentMissing);
        Assert.Equal(head, Convert.ToInt64(await service.Database.ScalarAsync<object>($"SELECT max(number) FROM heads WHERE account_id = '{alice.Account}'"), System.Globalization.CultureInfo.InvariantCulture));

        (await alice.SendReadAsync(begun, 0, 1)).IsProblem(ProblemTypes.NotFound);
        var whole = await alice.UploadAsync(Bytes(10));
        await alice.PutAsync(VaultPerson.NewAttribute(attachment: whole), VaultPerson.NewAttribute(attachment: whole));
        (await bob.SendReadAsync(whole, 0, 1)).IsProblem(ProblemTypes.NotFound);
    }

    [Theory, OnBothEngines]
    public async Task An_account_holds_as_many_bytes_of_attachments_as_it_may(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { MaxAttachmentBytes = 100_000 });
        var alice = await VaultPerson.SignedUpAsync(service);
        await alice.UploadAsync(Bytes(60_000));
        var id = Guid.NewGuid();
        (await alice.SendPartAsync(id, 0, Bytes(40_001), last: true)).IsProblem(ProblemTypes.QuotaExceeded);
        await alice.SendPartAsync(id, 0, Bytes(30_000), last: false);
        (await alice.SendPartAsync(id, 30_000, Bytes(10_001), last: true)).IsProblem(ProblemTypes.QuotaExceeded);
        Assert.Equal(2, Files(service).Count);
        (await alice.SendPartAsync(id, 30_000, Bytes(10_000), last: true)).Is(HttpStatusCode.OK);
    }

    [Theory, OnBothEngines]
    public async Task A_part_of_one_byte_takes_a_block_of_the_quota(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { MaxAttachmentBytes = 3 * 4096 });
        var alice = await VaultPerson.SignedUpAsync(service);
        await alice.UploadAsync(Bytes(1), Bytes(1));
        await alice.UploadAsync(Bytes(4096));

        (await alice.SendPartAsync(Guid.NewGuid(), 0, Bytes(1), last: true)).IsProblem(ProblemTypes.QuotaExceeded);
        Assert.Equal(3, Files(service).Count);
    }

    [Theory, OnBothEngines]
    public async Task An_attachment_goes_a_day_after_nothing_names_it_any_more_and_never_before(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { MaxVersions = 1 });
        var alice = await VaultPerson.SignedUpAsync(service);
        var (kept, replaced, deleted, unnamed) =
            (await alice.UploadAsync(Bytes(10)), await alice.UploadAsync(Bytes(20), Bytes(21)), await alice.UploadAsync(Bytes(30)), await alice.UploadAsync(Bytes(40)));
        await alice.SendPartAsync(Guid.NewGuid(), 0, Bytes(50), last: false);
        var objects = new[] { kept, replaced, deleted }.Select(id => VaultPerson.NewAttribute(attachment: id)).ToArray();
        await alice.PutAsync(objects);
        await PassAsync(service, TimeSpan.FromDays(30));
        await alice.SignInAsync();
        Assert.Equal([10, 20, 21, 30], Files(service));
        (await alice.SendReadAsync(unnamed, 0, 1)).IsProblem(ProblemTypes.NotFound);

        // The version still names it; the one after that does not.
        await alice.PutAsync(alice.NextRevision(objects[1].Id) with { Attachment = null });
        await alice.DeleteAsync(objects[2].Id);
        await PassAsync(service, TimeSpan.FromHours(23));
        Assert.Equal([10, 20, 21, 30], Files(service));
        await PassAsync(service, TimeSpan.FromHours(3));
        await alice.SignInAsync();
        Assert.Equal([10, 20, 21], Files(service));
        Assert.Equal(20, (await alice.ReadAsync(replaced, 0, 20)).Length);

        await alice.PutAsync(alice.NextRevision(objects[1].Id));
        await PassAsync(service, TimeSpan.FromHours(2));
        // Named once more before its end: it stays.
        await alice.PutAsync(alice.NextRevision(objects[1].Id) with { Attachment = replaced });
        await PassAsync(service, TimeSpan.FromHours(40));
        await alice.SignInAsync();
        Assert.Equal([10, 20, 21], Files(service));
    }

    [Theory, OnBothEngines]
    public async Task With_the_account_its_attachments_go(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var (alice, bob) = (await VaultPerson.SignedUpAsync(service), await VaultPerson.SignedUpAsync(service));
        await alice.PutAsync(VaultPerson.NewAttribute(attachment: await alice.UploadAsync(Bytes(10), Bytes(11))));
        await bob.PutAsync(VaultPerson.NewAttribute(attachment: await bob.UploadAsync(Bytes(20))));
        (await alice.SendAsync(Request.Post(ServiceRoutes.AccountDeletion, await alice.DeletionAsync()))).Is(HttpStatusCode.OK);
        await PassAsync(service, TimeSpan.FromHours(2));
        Assert.Equal([20], Files(service));
        Assert.Equal(1L, Convert.ToInt64(await service.Database.ScalarAsync<object>("SELECT count(*) FROM attachment_parts"), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory, OnBothEngines]
    public async Task G13_a_part_that_comes_while_the_account_is_deleted_is_not_left_behind(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        for (var round = 0; round < 20; round++)
        {
            var alice = await VaultPerson.SignedUpAsync(service);
            var deletion = await alice.DeletionAsync();
            await Task.WhenAll(
                alice.SendAsync(Request.Post(ServiceRoutes.AccountDeletion, deletion)),
                alice.SendPartAsync(Guid.NewGuid(), 0, Bytes(10), last: true),
                alice.SendPartAsync(Guid.NewGuid(), 0, Bytes(10), last: true));
            (await alice.SendReadAsync(Guid.NewGuid(), 0, 1)).IsProblem(ProblemTypes.SignInRequired);
            Assert.DoesNotContain(alice.Account.ToString(), await service.Database.DumpAsync(), StringComparison.Ordinal);
        }
    }

    [Theory, OnBothEngines]
    public async Task H10_where_no_file_can_be_written_it_is_said_and_goes_on_afterwards(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var id = Guid.NewGuid();
        await alice.SendPartAsync(id, 0, Bytes(10), last: false);
        // No permission stops a test that runs as root: a file stands where the folder should be.
        var (folder, aside) = (Folder(service), $"{Folder(service)}-aside");
        Directory.Move(folder, aside);
        await File.WriteAllTextAsync(folder, "", Cancellation);
        (await alice.SendPartAsync(id, 10, Bytes(10), last: true)).IsProblem(ProblemTypes.Unavailable);
        File.Delete(folder);
        Directory.Move(aside, folder);
        (await alice.SendPartAsync(id, 10, Bytes(10), last: true)).Is(HttpStatusCode.OK);
        Assert.Equal(20, (await alice.ReadAsync(id, 0, 100)).Length);
    }

    [Theory, OnBothEngines]
    public async Task Bytes_that_are_lost_are_not_found_and_the_operator_hears_of_it(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var id = await alice.UploadAsync(Bytes(10), Bytes(20));
        var path = Directory.EnumerateFiles(Folder(service), "*", SearchOption.AllDirectories).Single(file => new FileInfo(file).Length == 20);
        await File.WriteAllBytesAsync(path, Bytes(19), Cancellation);
        (await alice.SendReadAsync(id, 0, 30)).IsProblem(ProblemTypes.NotFound);
        Assert.Contains("missing from the attachments' folder", string.Join('\n', service.Logs.Lines), StringComparison.Ordinal);
        Assert.Equal(10, (await alice.ReadAsync(id, 0, 10)).Length);
    }

    private static byte[] Bytes(int length) => RandomNumberGenerator.GetBytes(length);
}
