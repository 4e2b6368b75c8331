using System.Security.Cryptography;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Vaults;

public sealed class AttachmentTests(Keystores keystores, Testing.Vaults vaults) : IClassFixture<Keystores>, IClassFixture<Testing.Vaults>
{
    [Theory, OnBothEngines]
    public async Task What_one_device_stores_another_reads_whole_and_from_any_place_on(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        var draft = ItemDraft.New("Pictures");
        // Around a chunk, around a part, and more than one part.
        int[] sizes = [0, 1, 63, 16_383, 16_384, 16_385, 4 * 1024 * 1024, (9 * 1024 * 1024) + 7];
        var contents = sizes.ToDictionary(size => $"{size}", RandomNumberGenerator.GetBytes);
        foreach (var (name, content) in contents)
            draft = draft.With((await UploadAsync(here, content)).ToAttribute(name));
        var id = (await here.PutAsync(draft, Cancellation)).Id;

        var there = await alice.OpenAsync();
        var item = await there.GetAsync(id, Cancellation);
        foreach (var (name, content) in contents)
        {
            var attachment = item.Find(name)!.GetAttachment()!;
            Assert.Equal((content.LongLength, "cat.jpg", "image/jpeg"), (attachment.Size, attachment.FileName, attachment.MediaType));
            Assert.Equal(content, await ReadAsync(there, attachment));
            await using var stream = there.Open(attachment);
            Assert.Equal(content.Length, stream.Length);
            foreach (var offset in Places(content.Length))
            {
                stream.Position = offset;
                var part = new byte[50_000];
                var read = await stream.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false, Cancellation);
                Assert.Equal(content.AsSpan(Math.Min(offset, content.Length)).ToArray().Take(part.Length), part.Take(read));
            }
        }
    }

    /// <summary>What is fetched ahead is used by who reads on, and by nobody else.</summary>
    [Fact]
    public async Task Who_reads_on_may_jump_and_give_up_waiting_and_goes_on_reading_what_is_there()
    {
        await using var alice = await OwnerAsync(Engine.Sqlite);
        var here = await alice.CreateAsync();
        var content = RandomNumberGenerator.GetBytes(14 * 1024 * 1024);
        var attachment = await UploadAsync(here, content);
        var random = new Random(14);
        var part = new byte[700_000];
        for (var streams = 0; streams < 3; streams++)
        {
            var stream = here.Open(attachment);
            for (var step = 0; step < 40; step++)
            {
                if (step % 13 == 12)
                    stream.Position = random.Next(content.Length);
                var at = stream.Position;
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
                if (random.Next(4) == 0)
                    patience.CancelAfter(random.Next(2));
                try
                {
                    var read = await stream.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false, patience.Token);
                    Assert.Equal((int)Math.Min(part.Length, content.Length - at), read);
                    Assert.True(content.AsSpan((int)at, read).SequenceEqual(part.AsSpan(0, read)));
                }
                catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
                {
                    stream.Position = at;
                }
            }

            await stream.DisposeAsync(); // something is on its way, or not
        }

        Assert.Equal(content, await ReadAsync(here, attachment));
    }

    [Theory, OnBothEngines]
    public async Task It_stays_when_the_item_is_changed_and_comes_along_into_the_other_version(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        var content = RandomNumberGenerator.GetBytes(1_000);
        var id = (await here.PutAsync(ItemDraft.New("Cat").With((await UploadAsync(here, content)).ToAttribute("picture")), Cancellation)).Id;
        var there = await alice.OpenAsync();
        var mine = (await here.GetAsync(id, Cancellation)).Edit();
        await there.PutAsync((await there.GetAsync(id, Cancellation)).Edit() with { Name = "Their cat" }, Cancellation);
        var written = await here.PutAsync(mine with { Name = "My cat" }, Cancellation);

        foreach (var one in (Keyladder.Cryptography.ItemId[])[id, written.Conflict!.Value])
            Assert.Equal(content, await ReadAsync(there, (await there.GetAsync(one, Cancellation)).Find("picture")!.GetAttachment()!));
    }

    /// <summary>Whole calls; the runs of docs/soak.md cut at bytes.</summary>
    [Fact]
    public async Task Calls_that_are_lost_on_the_way_there_or_back_cost_nothing_that_has_arrived()
    {
        await using var hostile = new HostileVault();
        await hostile.InitializeAsync();
        await using var keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        await using var alice = new VaultOwner(keystore.Origin, hostile.Proxy.Address);
        var vault = await alice.CreateAsync();
        var content = RandomNumberGenerator.GetBytes(14 * 1024 * 1024);
        var arrived = new List<long>();
        await using var upload = vault.Upload(new MemoryStream(content));

        // Every other call is lost: before the service has heard of it, or after it has done it.
        var calls = 0;
        hostile.Proxy.Block = call => call.StartsWith("PUT", StringComparison.Ordinal) && ++calls % 3 != 0;
        hostile.Proxy.Lie = answer => answer.Lost = answer.Method == "PUT" && calls % 2 == 0;
        Attachment? attachment = null;
        while (attachment is null)
        {
            try
            {
                attachment = await upload.RunAsync(new Heard(arrived), Cancellation);
            }
            catch (KeyladderException e) when (e.Reason == FailureReason.Unreachable)
            {
            }
        }

        hostile.TellTheTruth();
        Assert.True(calls > 6, $"{calls} calls");
        Assert.Equal(arrived.Order().Distinct(), arrived);
        Assert.Equal(content, await ReadAsync(vault, attachment));
    }

    [Fact]
    public async Task What_the_Vault_no_longer_keeps_is_begun_anew_and_not_continued()
    {
        await using var hostile = new HostileVault();
        await hostile.InitializeAsync();
        await using var keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        await using var alice = new VaultOwner(keystore.Origin, hostile.Proxy.Address);
        var vault = await alice.CreateAsync();
        await using var upload = vault.Upload(new MemoryStream(RandomNumberGenerator.GetBytes(6 * 1024 * 1024)));
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload.RunAsync(new Stop(stop), stop.Token));
        await hostile.Real.Database.ExecuteAsync("DELETE FROM attachments");
        var refusal = await Assert.ThrowsAsync<KeyladderException>(() => upload.RunAsync(cancellationToken: Cancellation));
        Assert.Contains("Begin it again", refusal.NextStep, StringComparison.Ordinal);
    }

    [Theory, OnBothEngines]
    public async Task An_item_whose_attachment_was_sent_too_long_before_it_is_refused_and_it_is_said_what_to_do(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var vault = await alice.CreateAsync();
        var attachment = await UploadAsync(vault, new byte[10]);
        await (await vaults.On(engine)).Database.ExecuteAsync($"DELETE FROM attachments WHERE attachment_id = '{attachment.Id}'");
        var refusal = await Assert.ThrowsAnyAsync<KeyladderException>(() => vault.PutAsync(ItemDraft.New("Cat").With(attachment.ToAttribute("picture")), Cancellation));
        Assert.Equal((FailureReason.NotFound, "Attach it again."), (refusal.Reason, refusal.NextStep));
        Assert.Empty(await vault.ListAsync(Cancellation));
    }

    [Theory, InlineData("", null), InlineData("a/b", null), InlineData("..", null), InlineData("a\nb", null), InlineData(null, ""), InlineData(null, "image/ö")]
    public async Task A_name_or_type_that_cannot_be_stored_is_said_before_anything_is_sent(string? fileName, string? mediaType)
    {
        await using var alice = await OwnerAsync(Engine.Sqlite);
        var vault = await alice.CreateAsync();
        Assert.Throws<ArgumentException>(() => vault.Upload(new MemoryStream(), fileName, mediaType));
    }

    internal static async Task<Attachment> UploadAsync(Client.Vault vault, byte[] content)
    {
        await using var upload = vault.Upload(new MemoryStream(content), "cat.jpg", "image/jpeg");
        return await upload.RunAsync(cancellationToken: Cancellation);
    }

    internal static async Task<byte[]> ReadAsync(Client.Vault vault, Attachment attachment)
    {
        await using var stream = vault.Open(attachment);
        var content = new MemoryStream();
        await stream.CopyToAsync(content, Cancellation);
        return content.ToArray();
    }

    private static IEnumerable<int> Places(int length) =>
        ((int[])[length - 1, 0, length / 2, length, 16_384, length - 16_385, 3, length + 10]).Where(place => place >= 0);

    private async Task<VaultOwner> OwnerAsync(Engine engine) => new((await keystores.On(engine)).Origin, (await vaults.On(engine)).Origin);

    private sealed class Heard(List<long> reports) : IProgress<long>
    {
        public void Report(long value) => reports.Add(value);
    }

    private sealed class Stop(CancellationTokenSource source) : IProgress<long>
    {
        public void Report(long value) => source.Cancel();
    }
}
