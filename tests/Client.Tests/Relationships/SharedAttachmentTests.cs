using System.Security.Cryptography;
using System.Text.Json;
using Keyladder.Client.Tests.Vaults;
using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Relationships;

/// <summary>Attachments of what is shared: each holder's is sealed for it alone, and is read from the sharer's Vault while the share is good.</summary>
public sealed class SharedAttachmentTests : IAsyncLifetime
{
    private const string Put = "PUT /v1/attachments/";

    private readonly RelationshipScene _scene = new();

    private Client.Vault Alice => _scene.Alice;

    private Client.Vault Bob => _scene.Bob;

    public ValueTask InitializeAsync() => _scene.InitializeAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task An_item_with_attachments_is_shared_read_updated_and_taken_back()
    {
        // Nothing, within a chunk, and more than one part.
        var contents = ((int[])[0, 1_000, (4 * 1024 * 1024) + 7]).ToDictionary(size => $"{size}", RandomNumberGenerator.GetBytes);
        var item = await PutAsync(contents);
        var progress = new Heard();
        var given = Assert.Single(await Alice.Relationships.ShareAsync([(await WithAsync(Alice, "Bob")).Id], item, progress: progress, cancellationToken: Cancellation));
        Assert.Equal(contents.Values.Sum(content => content.LongLength), progress.Last);
        var (held, shared) = await OpenAsync();
        Assert.Equal("Album", shared.Name);
        var own = (await Alice.GetAsync(item, Cancellation)).Attributes.Select(attribute => attribute.Content.GetAttachment()).OfType<Attachment>().ToList();
        foreach (var (name, content) in contents)
        {
            var attachment = Find(shared, name);
            Assert.Equal((content.LongLength, "cat.jpg", "image/jpeg"), (attachment.Size, attachment.FileName, attachment.MediaType));
            Assert.DoesNotContain(own, each => each.Id == attachment.Id);
            Assert.Equal(content, await ReadAsync(Bob, held, attachment));
        }

        await using (var stream = await Bob.Relationships.OpenAttachmentAsync(held, Find(shared, $"{(4 * 1024 * 1024) + 7}"), Cancellation))
        {
            stream.Position = 4 * 1024 * 1024;
            var end = new byte[100];
            Assert.Equal(7, await stream.ReadAtLeastAsync(end, end.Length, throwOnEndOfStream: false, Cancellation));
            Assert.Equal(contents[$"{(4 * 1024 * 1024) + 7}"][^7..], end[..7]);
        }

        // What he has is not sent again; what is new is.
        await Alice.PutAsync((await Alice.GetAsync(item, Cancellation)).Edit().With(ItemAttribute.Text("note", "changed")), Cancellation);
        Assert.DoesNotContain(await PassedAsync(() => Alice.Relationships.UpdateAsync(given, cancellationToken: Cancellation)), call => call.StartsWith(Put, StringComparison.Ordinal));
        var more = RandomNumberGenerator.GetBytes(2_000);
        await Alice.PutAsync((await Alice.GetAsync(item, Cancellation)).Edit().Without("1000").With((await AttachmentTests.UploadAsync(Alice, more)).ToAttribute("more")), Cancellation);
        Assert.Single(await PassedAsync(() => Alice.Relationships.UpdateAsync(given, cancellationToken: Cancellation)), call => call.StartsWith(Put, StringComparison.Ordinal));
        var gone = Find(shared, "1000");
        (held, shared) = await OpenAsync();
        Assert.Equal(more, await ReadAsync(Bob, held, Find(shared, "more")));
        Assert.Equal(contents["0"], await ReadAsync(Bob, held, Find(shared, "0")));
        await Lies.Expect.FailureAsync(FailureReason.NotFound, () => ReadAsync(Bob, held, gone));

        var begun = await Bob.Relationships.OpenAttachmentAsync(held, Find(shared, "more"), Cancellation);
        await Alice.Relationships.RevokeAsync(given, Cancellation);
        await Lies.Expect.FailureAsync(FailureReason.NotFound, () => begun.CopyToAsync(Stream.Null, Cancellation));
        await Bob.Relationships.SyncAsync(cancellationToken: Cancellation);
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => Bob.Relationships.OpenAttachmentAsync(held, Find(shared, "more"), Cancellation));
        Assert.Equal(more, await AttachmentTests.ReadAsync(Alice, (await Alice.GetAsync(item, Cancellation)).Find("more")!.GetAttachment()!));
    }

    [Fact]
    public async Task One_attachment_alone_is_shared_on_terms_and_another_device_of_the_sharer_goes_on_with_it()
    {
        var content = RandomNumberGenerator.GetBytes(5_000);
        var item = await PutAsync(new() { ["picture"] = content });
        var attribute = (await Alice.GetAsync(item, Cancellation)).Attributes.Single(each => each.Content.Name == "picture").Id;
        var given = Assert.Single(await Alice.Relationships.ShareAsync([(await WithAsync(Alice, "Bob")).Id], item, attribute, new ShareTerms("Not for print."), cancellationToken: Cancellation));
        await Bob.Relationships.SyncAsync(cancellationToken: Cancellation);
        var held = Assert.Single(await Bob.Relationships.ListHeldAsync(Cancellation));
        // Whatever he might take for its attachment.
        await Lies.Expect.FailureAsync(
            FailureReason.NotAllowed, async () => await Bob.Relationships.OpenAttachmentAsync(held, (await Alice.GetAsync(item, Cancellation)).Find("picture")!.GetAttachment()!, Cancellation));
        await Bob.Relationships.AcceptTermsAsync(held, Cancellation);
        var shared = await Bob.Relationships.OpenAsync(held, Cancellation);
        Assert.Equal(content, await ReadAsync(Bob, held, Find(shared, "picture")));

        var other = await _scene.AnotherDeviceAsync(Alice);
        await other.PutAsync((await other.GetAsync(item, Cancellation)).Edit() with { Name = "Renamed" }, Cancellation);
        Assert.DoesNotContain(
            await PassedAsync(async () => await other.Relationships.UpdateAsync(Assert.Single(await other.Relationships.ListGivenAsync(Cancellation)), cancellationToken: Cancellation)),
            call => call.StartsWith(Put, StringComparison.Ordinal));
        await Bob.Relationships.SyncAsync(cancellationToken: Cancellation);
        held = Assert.Single(await Bob.Relationships.ListHeldAsync(Cancellation));
        await Bob.Relationships.AcceptTermsAsync(held, Cancellation);
        Assert.Equal(content, await ReadAsync(Bob, held, Find(await Bob.Relationships.OpenAsync(held, Cancellation), "picture")));
        Assert.Equal(given.Id, held.Id);
    }

    public static TheoryData<string> Shown => [.. AttachmentLies.All([], []).Keys];

    [Theory, MemberData(nameof(Shown))]
    public async Task B11_D10_what_was_not_sealed_for_this_relationship_is_not_read(string lie)
    {
        // Padded to six whole chunks, as for an attachment of one's own.
        var content = RandomNumberGenerator.GetBytes(98_000);
        var item = await PutAsync(new() { ["picture"] = content });
        var relationships = new[] { (await WithAsync(Alice, "Bob")).Id, (await WithAsync(Alice, "Carol")).Id };
        foreach (var with in relationships.Append(relationships[0]))
            await Alice.Relationships.ShareAsync([with], item, cancellationToken: Cancellation);
        await Bob.Relationships.SyncAsync(cancellationToken: Cancellation);
        var held = await Bob.Relationships.ListHeldAsync(Cancellation);
        var (first, second) = (await Bob.Relationships.OpenAsync(held[0], Cancellation), await Bob.Relationships.OpenAsync(held[1], Cancellation));
        var (attachment, other) = (Find(first, "picture"), Find(second, "picture"));
        await _scene.Carol.Relationships.SyncAsync(cancellationToken: Cancellation);
        var carols = Find(await _scene.Carol.Relationships.OpenAsync(Assert.Single(await _scene.Carol.Relationships.ListHeldAsync(Cancellation)), Cancellation), "picture");

        var tell = AttachmentLies.All(await StoredAsync(other), await StoredAsync(carols))[lie];
        var told = 0;
        _scene.Hostile.Proxy.Lie = answer =>
        {
            if (answer.Method != "GET" || !answer.Path.StartsWith("/v1/channel/attachments/", StringComparison.Ordinal))
                return;
            var (offset, length) = AttachmentLies.Asked(answer.Target);
            answer.Body = tell(StoredAsync(attachment).GetAwaiter().GetResult()) is { } shown ? [.. shown.Skip(offset).Take(length)] : answer.Body;
            told++;
        };
        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => ReadAsync(Bob, held[0], attachment));
        Assert.NotEqual(0, told);
        Assert.Equal($"attachment {attachment.Id} of share {held[0].Id}", refusal.Object);
        _scene.Hostile.TellTheTruth();
        Assert.Equal(content, await ReadAsync(Bob, held[0], attachment));
    }

    /// <summary>The slow one has read the item before the others change it.</summary>
    [Fact]
    public async Task What_is_removed_while_an_update_is_being_sent_is_not_given_back_by_it()
    {
        var item = await PutAsync(new() { ["picture"] = RandomNumberGenerator.GetBytes(1_000) });
        var given = Assert.Single(await Alice.Relationships.ShareAsync([(await WithAsync(Alice, "Bob")).Id], item, cancellationToken: Cancellation));
        var other = await _scene.AnotherDeviceAsync(Alice);
        await Alice.PutAsync((await Alice.GetAsync(item, Cancellation)).Edit().With((await AttachmentTests.UploadAsync(Alice, [1, 2, 3])).ToAttribute("slow")), Cancellation);
        var isUnderWay = 0;
        _scene.Hostile.Proxy.Lie = answer =>
        {
            if (answer.Method == "PUT" && Interlocked.Exchange(ref isUnderWay, 1) == 0)
                RemoveAsync().GetAwaiter().GetResult();
        };
        await Alice.Relationships.UpdateAsync(given, cancellationToken: Cancellation);
        _scene.Hostile.TellTheTruth();
        Assert.Equal(1, isUnderWay);
        var (held, shared) = await OpenAsync();
        Assert.Equal(["picture", "slow"], shared.Attributes.Select(attribute => attribute.Content.Name).Order());
        Assert.Equal([1, 2, 3], await ReadAsync(Bob, held, Find(shared, "slow")));

        async Task RemoveAsync()
        {
            await other.PutAsync((await other.GetAsync(item, Cancellation)).Edit().Without("note"), Cancellation);
            await other.Relationships.UpdateAsync(Assert.Single(await other.Relationships.ListGivenAsync(Cancellation)), cancellationToken: Cancellation);
        }
    }

    /// <summary>As after a restore of the Vault, or where it was sent more than a day before.</summary>
    [Fact]
    public async Task What_the_Vault_has_lost_of_a_share_is_sent_again_with_its_update()
    {
        var content = RandomNumberGenerator.GetBytes(1_000);
        var item = await PutAsync(new() { ["picture"] = content });
        var given = Assert.Single(await Alice.Relationships.ShareAsync([(await WithAsync(Alice, "Bob")).Id], item, cancellationToken: Cancellation));
        var (_, shared) = await OpenAsync();
        await _scene.Hostile.Real.Database.ExecuteAsync($"DELETE FROM attachments WHERE attachment_id = '{Find(shared, "picture").Id}'");
        await Alice.Relationships.UpdateAsync(given, cancellationToken: Cancellation);
        (var held, shared) = await OpenAsync();
        Assert.Equal(content, await ReadAsync(Bob, held, Find(shared, "picture")));
    }

    [Fact]
    public async Task A_Vault_that_keeps_nothing_of_what_is_sent_for_a_share_is_told_as_that()
    {
        var item = await PutAsync(new() { ["picture"] = RandomNumberGenerator.GetBytes(1_000) });
        _scene.Hostile.Proxy.Lie = answer =>
        {
            if (answer.Method == "PUT")
                _scene.Hostile.Real.Database.ExecuteAsync("DELETE FROM attachments WHERE expires IS NOT NULL").GetAwaiter().GetResult();
        };
        var with = (await WithAsync(Alice, "Bob")).Id;
        var refusal = await Assert.ThrowsAnyAsync<KeyladderException>(() => Alice.Relationships.ShareAsync([with], item, cancellationToken: Cancellation));
        Assert.Equal((FailureReason.NotFound, "Try again; if it stays so, tell the Vault's operator."), (refusal.Reason, refusal.NextStep));
        _scene.Hostile.TellTheTruth();
        Assert.Empty(await Alice.Relationships.ListGivenAsync(Cancellation));
    }

    [Fact]
    public async Task More_than_a_share_has_room_for_is_refused_before_anything_is_sent()
    {
        var draft = ItemDraft.New("Album");
        for (var number = 0; number < 80; number++)
        {
            await using var upload = Alice.Upload(new MemoryStream([1]), new string('x', 250));
            draft = draft.With((await upload.RunAsync(cancellationToken: Cancellation)).ToAttribute($"{number}"));
        }

        var (item, with) = ((await Alice.PutAsync(draft, Cancellation)).Id, (await WithAsync(Alice, "Bob")).Id);
        var passed = await PassedAsync(() => Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => Alice.Relationships.ShareAsync([with], item, cancellationToken: Cancellation)));
        Assert.DoesNotContain(passed, call => call.StartsWith(Put, StringComparison.Ordinal) || call == "POST /v1/changes");
    }

    [Fact]
    public async Task I01_the_same_picture_is_stored_for_two_as_if_it_were_two_pictures()
    {
        var item = await PutAsync(new() { ["picture"] = RandomNumberGenerator.GetBytes(3_000) });
        await Alice.Relationships.ShareAsync([(await WithAsync(Alice, "Bob")).Id, (await WithAsync(Alice, "Carol")).Id], item, cancellationToken: Cancellation);
        var own = (await Alice.GetAsync(item, Cancellation)).Find("picture")!.GetAttachment()!;
        var found = new List<(Attachment Attachment, byte[] Stored)> { (own, await StoredAsync(own)) };
        foreach (var person in (Client.Vault[])[Bob, _scene.Carol])
        {
            await person.Relationships.SyncAsync(cancellationToken: Cancellation);
            var attachment = Find(await person.Relationships.OpenAsync(Assert.Single(await person.Relationships.ListHeldAsync(Cancellation)), Cancellation), "picture");
            found.Add((attachment, await StoredAsync(attachment)));
        }

        // Its name and its type both are told; what opens it is each one's own.
        var views = found.ConvertAll(each => SharedValues.Of([("stored", each.Stored), .. Told(each.Attachment, "id", "key", "header")]));
        for (var one = 0; one < views.Count; one++)
        {
            for (var other = one + 1; other < views.Count; other++)
                Assert.Empty(SharedValues.Find(views[one], views[other]));
        }

        // The control: eight bytes of one, planted in the other.
        Assert.NotEmpty(SharedValues.Find(views[1], SharedValues.Of([("planted", found[1].Stored[100..108])])));
    }

    [Fact]
    public async Task I01_an_inviter_who_chose_one_id_for_two_relationships_gets_two_attachments()
    {
        var attribute = (await AttachmentTests.UploadAsync(Alice, RandomNumberGenerator.GetBytes(1_000))).ToAttribute("picture");
        var one = (await WithAsync(Alice, "Bob")).Item;
        var other = RelationshipItem.New("Bob's other name", one.State);
        var sent = new SharedAttachments();
        foreach (var relationship in (RelationshipItem[])[one, other])
            await sent.SendAsync(Alice, relationship, sent.MissingFor(relationship, [attribute.GetAttachment()!], []), Cancellation);
        Assert.NotEqual(sent.Of(one, attribute, []).GetAttachment()!.Id, sent.Of(other, attribute, []).GetAttachment()!.Id);
    }

    private static IEnumerable<(string, object)> Told(Attachment attachment, params string[] members)
    {
        var json = JsonDocument.Parse(attachment.ToAttribute("picture").Value);
        return members.Select(member => (member, (object)json.RootElement.GetProperty(member)));
    }

    private async Task<ItemId> PutAsync(Dictionary<string, byte[]> contents)
    {
        var draft = ItemDraft.New("Album").With(ItemAttribute.Text("note", "summer"));
        foreach (var (name, content) in contents)
            draft = draft.With((await AttachmentTests.UploadAsync(Alice, content)).ToAttribute(name));
        return (await Alice.PutAsync(draft, Cancellation)).Id;
    }

    private async Task<(HeldShare Share, SharedContent Content)> OpenAsync()
    {
        Assert.Empty((await Bob.Relationships.SyncAsync(cancellationToken: Cancellation)).Refused);
        var held = Assert.Single(await Bob.Relationships.ListHeldAsync(Cancellation));
        return (held, await Bob.Relationships.OpenAsync(held, Cancellation));
    }

    private async Task<IReadOnlyList<string>> PassedAsync(Func<Task> work) => (await _scene.Hostile.Proxy.RecordAsync(work)).Calls;

    private static Attachment Find(SharedContent content, string name) => content.Attributes.Single(attribute => attribute.Content.Name == name).Content.GetAttachment()!;

    internal static async Task<byte[]> ReadAsync(Client.Vault person, HeldShare share, Attachment attachment)
    {
        await using var stream = await person.Relationships.OpenAttachmentAsync(share, attachment, Cancellation);
        var content = new MemoryStream();
        await stream.CopyToAsync(content, Cancellation);
        return content.ToArray();
    }

    /// <summary>What the Vault keeps of it.</summary>
    private async Task<byte[]> StoredAsync(Attachment attachment)
    {
        var (_, columns, rows) = (await _scene.Hostile.Real.Database.TablesAsync()).Single(table => table.Table == "attachment_parts");
        var (id, file) = (Array.IndexOf(columns, "attachment_id"), Array.IndexOf(columns, "file"));
        var name = Guid.Parse(rows.Single(row => row[id] == $"{attachment.Id}")[file]);
        return await File.ReadAllBytesAsync(Path.Combine(_scene.Hostile.Real.Database.Folder.FullName, "attachments", name.ToString("N")[..2], $"{name}"), Cancellation);
    }

    private sealed class Heard : IProgress<long>
    {
        public long Last { get; private set; }

        public void Report(long value) => Last = value >= Last ? value : throw new InvalidOperationException("It went back.");
    }
}
