using System.Text;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.RestoreScene;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>Docs/spec/heads.md section 6 and docs/spec/vault.md section 7, through real backups, restores and restarts of a Vault.</summary>
public sealed class VaultRestoreTests
{
    [Theory, OnBothEngines]
    public async Task Who_has_seen_more_is_told_chooses_and_goes_on(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync();
        var bank = await phone.PutAsync("Bank", "old");
        var mail = await phone.PutAsync("Mail", "mail");
        await scene.BackUpAsync();
        await phone.PutAsync("Letters", "letters");
        await phone.ChangeAsync(bank, "new");
        await phone.DeleteAsync(mail);
        await scene.RestoreAsync();

        // An open Vault uses nothing, as often as it is asked; one that is opened is not opened.
        for (var times = 0; times < 2; times++)
        {
            var open = await Assert.ThrowsAsync<RestoredException>(() => phone.Vault.ListAsync(Cancellation));
            Assert.Equal((6, 3, scene.Proxy.Address), (open.Seen, open.Shown, open.Vault));
            Assert.Equal(["Missing Letters", "Older Bank", "Returned Mail"], Name(open.Items!));
        }

        await Assert.ThrowsAsync<RestoredException>(() => phone.ChangeAsync(bank, "newer"));
        var seen = await phone.PinAsync();
        var told = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
        Assert.Null(told.Items);
        Assert.Equal(seen!.Hash, (await phone.PinAsync())!.Hash);

        var again = await phone.OpenAsync(told);
        Assert.Null(again.Restoration.Notice);
        Assert.Empty(await again.Restoration.CompareAsync(Cancellation));
        Assert.Equal(["Bank old", "Mail mail"], await ReadAsync(again));
        Assert.Equal(4, again.Change);
        await phone.PutAsync("More", "more");
        Assert.Equal(["Bank old", "Mail mail", "More more"], await ReadAsync(await phone.OpenAsync()));
        Assert.Contains(await phone.Vault.ReadAuditAsync(Cancellation), known => known.Kind == "restore-accepted");
    }

    [Theory, OnBothEngines]
    public async Task What_this_device_holds_comes_back_under_its_ids_and_every_device_hears_of_it(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        var bank = await phone.PutAsync("Bank", "old");
        var mail = await phone.PutAsync("Mail", "mail");
        var twice = await phone.PutAsync("Twice", "zero");
        var tablet = await scene.UnlockAsync();
        await scene.BackUpAsync();
        var letters = await phone.PutAsync("Letters", "letters");
        var diary = await phone.PutAsync("Diary", "first");
        await phone.ChangeAsync(diary, "second");
        await phone.ChangeAsync(bank, "new");
        await phone.ChangeAsync(twice, "one");
        await phone.ChangeAsync(twice, "two");
        await phone.DeleteAsync(mail);
        var before = await ReadAsync(phone.Vault);
        var leaves = await LeavesAsync(phone.Vault);
        var laptop = await scene.UnlockAsync(keepsCopy: true);
        var locked = await scene.UnlockAsync();
        await scene.RestoreAsync();

        var told = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
        Assert.Equal((11, 4), (told.Seen, told.Shown));
        Assert.Equal(["Missing Diary", "Missing Letters", "Older Bank", "Older Twice", "Returned Mail"], Name(told.Items!));
        var again = await phone.OpenAsync(told, putBack: true);
        var back = await again.Restoration.CompareAsync(Cancellation);
        Assert.Equal(Name(told.Items!), Name(back));
        Assert.All(back, each => Assert.True(each is { IsPutBack: true, Conflict: null, Lacks: [] }));
        Assert.Equal(before, await ReadAsync(again));
        Assert.Empty(await again.Restoration.PutBackAsync(Cancellation));

        // What fits is the same ciphertext; what does not begins anew, or follows what is there.
        var now = await LeavesAsync(again);
        Assert.Equal([leaves[letters], leaves[bank]], [now[letters], now[bank]]);
        Assert.Equal((1, 2), ((await again.GetAsync(diary, Cancellation)).Item.Revision, (await again.GetAsync(twice, Cancellation)).Item.Revision));

        // Who has seen what was given up follows, and is told; so is who has seen less. What they hold is there again: nothing is to be put back.
        var there = await laptop.OpenAsync();
        Assert.Equal((11, 4, true), (there.Restoration.Notice!.Seen, there.Restoration.Notice.Shown, there.Restoration.Notice.IsLossHere));
        Assert.Empty(await there.Restoration.CompareAsync(Cancellation));
        Assert.Equal(before, await ReadAsync(there));
        Assert.Null((await laptop.OpenAsync()).Restoration.Notice);
        Assert.True((await locked.OpenAsync()).Restoration.Notice!.IsLossHere);
        Assert.Equal(before, await ReadAsync(tablet.Vault));
        Assert.Equal((11, 4, false), (tablet.Vault.Restoration.Notice!.Seen, tablet.Vault.Restoration.Notice.Shown, tablet.Vault.Restoration.Notice.IsLossHere));
        Assert.Equal(before, await ReadAsync((await scene.UnlockAsync()).Vault));
    }

    [Theory, OnBothEngines]
    public async Task A_device_that_follows_puts_back_what_nobody_else_held_and_an_open_Vault_is_enough(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var tablet = await scene.SignUpAsync();
        await scene.BackUpAsync();
        await tablet.PutAsync("Letters", "letters");
        var phone = await scene.UnlockAsync();
        await phone.Vault.DisposeAsync();
        await scene.RestoreAsync();
        var told = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
        Assert.Null(told.Items);
        await phone.OpenAsync(told, putBack: true);
        Assert.Empty(await ReadAsync(phone.Vault));

        // It was open all the time, and goes on where the account has gone on.
        Assert.Empty(await ReadAsync(tablet.Vault));
        Assert.True(tablet.Vault.Restoration.Notice!.IsLossHere);
        Assert.Equal(["Missing Letters"], Name(await tablet.Vault.Restoration.CompareAsync(Cancellation)));
        Assert.Equal(["Missing Letters"], Name(await tablet.Vault.Restoration.PutBackAsync(Cancellation)));
        Assert.Equal(["Letters letters"], await ReadAsync(phone.Vault));
    }

    [Theory, OnBothEngines]
    public async Task What_another_device_wrote_since_the_restore_stays(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync();
        var bank = await phone.PutAsync("Bank", "old");
        var mail = await phone.PutAsync("Mail", "mail");
        await phone.PutAsync("Same", "same");
        var laptop = await scene.UnlockAsync();
        await scene.BackUpAsync();
        foreach (var password in new[] { "mine 1", "mine 2" })
            await phone.ChangeAsync(bank, password);
        await phone.PutAsync("Letters", "letters");
        await phone.DeleteAsync(mail);
        await scene.RestoreAsync();

        // The laptop has lost nothing, and goes on.
        await laptop.ChangeAsync(bank, "laptop's");
        await laptop.ChangeAsync(mail, "laptop's");
        await laptop.PutAsync("New", "new");
        Assert.Equal((0, false), (laptop.Vault.Restoration.Notice!.Seen, laptop.Vault.Restoration.Notice.IsLossHere));
        var told = await Assert.ThrowsAsync<RestoredException>(() => phone.Vault.SyncAsync(Cancellation));
        Assert.Equal(["Missing Letters", "Older Bank", "Unknown Mail", "Unknown New"], Name(told.Items!));
        var back = await (await phone.OpenAsync(told, putBack: true)).Restoration.CompareAsync(Cancellation);
        Assert.Equal(["Missing Letters", "Older Bank"], Name(back.Where(each => each.IsPutBack)));
        Assert.NotNull(back.Single(each => each.Held?.Name == "Bank").Conflict);
        Assert.Equal(["Bank laptop's", "Bank mine 2", "Letters letters", "Mail laptop's", "New new", "Same same"], await ReadAsync(laptop.Vault));
    }

    [Theory, OnBothEngines]
    public async Task What_another_device_wrote_since_the_choice_is_merged_and_is_not_deleted(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        var bank = await phone.PutAsync("Bank", "old");
        var mail = await phone.PutAsync("Mail", "mail");
        var same = await phone.PutAsync("Same", "same");
        var laptop = await scene.UnlockAsync();
        await scene.BackUpAsync();
        foreach (var password in new[] { "mine 1", "mine 2" })
            await phone.ChangeAsync(bank, password);
        await phone.DeleteAsync(mail);
        await scene.RestoreAsync();
        await phone.OpenAsync(await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync()));
        await laptop.ChangeAsync(mail, "laptop's");
        await laptop.ChangeAsync(same, "laptop's");
        await laptop.Vault.PutAsync((await laptop.Vault.GetAsync(bank, Cancellation)).Edit() with { Tags = ["laptop's"] }, Cancellation);

        Assert.Equal(["Older Bank", "Unknown Mail"], Name(await phone.Vault.Restoration.CompareAsync(Cancellation)));
        Assert.Equal(["Older Bank"], Name((await phone.Vault.Restoration.PutBackAsync(Cancellation)).Where(each => each.IsPutBack)));
        Assert.Equal(["Bank mine 2", "Mail laptop's", "Same laptop's"], await ReadAsync(laptop.Vault));
        Assert.Equal(["laptop's"], (await laptop.Vault.GetAsync(bank, Cancellation)).Item.Tags);
    }

    [Theory, OnBothEngines]
    public async Task What_was_deleted_since_the_choice_stays_deleted_and_what_was_changed_since_stays_changed(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        var bank = await phone.PutAsync("Bank", "old");
        var diary = await phone.PutAsync("Diary", "diary");
        await scene.BackUpAsync();
        await phone.ChangeAsync(bank, "new");
        var letters = await phone.PutAsync("Letters", "letters");
        var laptop = await scene.UnlockAsync(keepsCopy: true);
        await laptop.Vault.DisposeAsync();
        await scene.RestoreAsync();
        await phone.OpenAsync(await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync()), putBack: true);
        await phone.DeleteAsync(letters);
        await phone.DeleteAsync(diary);
        await phone.ChangeAsync(bank, "newer");

        var there = await laptop.OpenAsync();
        Assert.Equal(["Missing Diary", "Missing Letters", "Unknown Bank"], Name(await there.Restoration.CompareAsync(Cancellation)));
        Assert.All(await there.Restoration.PutBackAsync(Cancellation), each => Assert.False(each.IsPutBack));
        Assert.Equal(["Bank newer"], await ReadAsync(there));
    }

    [Theory, OnBothEngines]
    public async Task An_attachment_comes_back_where_the_Vault_still_has_its_content_and_is_named_where_not(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        var early = await UploadAsync(phone.Vault, "early");
        var scan = (await phone.Vault.PutAsync(Login("Scan", "scan").With((await UploadAsync(phone.Vault, "old")).ToAttribute("scan")), Cancellation)).Id;
        await scene.BackUpAsync();
        await phone.Vault.PutAsync(Login("Early", "early").With(early.ToAttribute("file")), Cancellation);
        await phone.Vault.PutAsync(Login("Late", "late").With((await UploadAsync(phone.Vault, "late")).ToAttribute("file")), Cancellation);
        await phone.Vault.PutAsync((await phone.Vault.GetAsync(scan, Cancellation)).Edit().With(ItemAttribute.Text("password", "rescanned"))
            .With((await UploadAsync(phone.Vault, "new")).ToAttribute("scan")), Cancellation);
        await scene.RestoreAsync();

        await phone.OpenAsync(await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync()), putBack: true);
        var back = await phone.Vault.Restoration.CompareAsync(Cancellation);
        Assert.Equal(["Early ", "Late file", "Scan scan"], back.Where(each => each.IsPutBack).Select(each => $"{each.Held!.Name} {string.Join(' ', each.Lacks)}"));
        var there = (await scene.UnlockAsync()).Vault;
        Assert.Equal(["Early early", "Late late", "Scan rescanned"], await ReadAsync(there));
        Assert.Equal("early", await DownloadAsync(there, "Early", "file"));
        Assert.Null(await DownloadAsync(there, "Late", "file"));
        Assert.Equal("old", await DownloadAsync(there, "Scan", "scan"));
    }

    [Theory, OnBothEngines]
    public async Task What_waits_is_sent_after_the_choice_and_nothing_of_it_is_lost(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        foreach (var putBack in new[] { false, true })
        {
            var phone = putBack ? await scene.UnlockAsync(keepsCopy: true) : await scene.SignUpAsync(keepsCopy: true);
            var bank = await phone.PutAsync($"Bank {putBack}", "old");
            var mail = await phone.PutAsync($"Mail {putBack}", "mail");
            await scene.BackUpAsync($"{putBack}");
            await phone.ChangeAsync(bank, "seen");
            var letters = await phone.PutAsync($"Letters {putBack}", "letters");
            scene.Proxy.Block = _ => true;
            await phone.ChangeAsync(letters, "waits");
            await phone.PutAsync($"New {putBack}", "waits");
            await phone.DeleteAsync(mail);
            await phone.Vault.PutAsync((await phone.Vault.GetAsync(bank, Cancellation)).Edit() with { Tags = ["waits"] }, Cancellation);
            Assert.Equal(4, phone.Vault.Queued.Count);
            scene.Proxy.Block = null;
            await scene.RestoreAsync($"{putBack}");

            // The alarm sends nothing, and takes nothing away.
            await Assert.ThrowsAsync<RestoredException>(() => phone.Vault.SyncAsync(Cancellation));
            Assert.Equal(4, phone.Vault.Queued.Count);
            var told = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
            await phone.OpenAsync(told, putBack);
            Assert.Empty(phone.Vault.Queued);
            Assert.Null(phone.Vault.Refusal);
            var there = await scene.UnlockAsync();
            Assert.Equal(
                putBack ? ["Bank True seen", "Letters True waits", "New True waits"] : ["Bank False old", "Letters False waits", "New False waits"],
                (await ReadAsync(there.Vault)).Where(item => item.Contains($"{putBack}", StringComparison.Ordinal)));
            Assert.Equal(["waits"], (await there.Vault.GetAsync(bank, Cancellation)).Item.Tags);
            Assert.Equal(putBack, (await there.Vault.ListAsync(Cancellation)).Any(item => item.Id == letters));
        }
    }

    [Theory, OnBothEngines]
    public async Task A_restore_between_what_was_fetched_and_what_is_sent_is_no_refusal(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        var bank = await phone.PutAsync("Bank", "old");
        await scene.BackUpAsync();
        await phone.ChangeAsync(bank, "new");
        scene.Proxy.Block = _ => true;
        await phone.ChangeAsync(bank, "waits");
        scene.Proxy.Block = null;
        scene.RestoreBehind(VaultScene.Changes);
        await Assert.ThrowsAsync<RestoredException>(() => phone.Vault.SyncAsync(Cancellation));
        Assert.Null(phone.Vault.Refusal);
        Assert.Single(phone.Vault.Queued);
    }

    /// <summary>The witness at the Keystore names what the account gave up, or what nobody has chosen about.</summary>
    [Theory, OnBothEngines]
    public async Task D08_a_device_that_remembers_nothing_believes_what_the_account_gave_up_and_nothing_else(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        await scene.BackUpAsync();
        await phone.PutAsync("Bank", "bank");
        await phone.Vault.DisposeAsync();
        var laptop = await scene.UnlockAsync();
        await laptop.PutAsync("Mail", "mail");
        await laptop.Vault.DisposeAsync();
        await scene.RestoreAsync();

        // Nobody has chosen yet; then the phone chooses about less than the laptop had seen, and had left at the Keystore.
        await WitnessScene.UnprovenAsync(() => scene.UnlockAsync());
        var told = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
        var account = await scene.Alice.UnlockAsync(phone.Client);
        await WitnessScene.UnprovenAsync(() => phone.OpenAsync(told, putBack: true));
        await WitnessScene.UnprovenAsync(() => scene.UnlockAsync());

        // What was held here waits for the answer, and is not put back unasked.
        var unproven = await WitnessScene.UnprovenAsync(() => phone.OpenAsync());
        await using (var vault = await account.Vaults.OpenUnprovenAsync(scene.Proxy.Address, unproven.Choice!, cancellationToken: Cancellation))
        {
            Assert.True(vault.Restoration.Notice!.IsLossHere);
            Assert.Empty(await vault.ListAsync(Cancellation));
            Assert.True(Assert.Single(await vault.Restoration.PutBackAsync(Cancellation)).IsPutBack);
        }

        Assert.Equal(["Bank bank"], await ReadAsync((await scene.UnlockAsync()).Vault));

        // The laptop has a choice of its own: its change was above what the phone gave up.
        told = await Assert.ThrowsAsync<RestoredException>(() => laptop.OpenAsync());
        Assert.Equal(3, told.Seen);
        await laptop.OpenAsync(told);
        Assert.Equal(["Bank bank"], await ReadAsync(laptop.Vault));
        Assert.Equal(["Bank bank"], await ReadAsync((await scene.UnlockAsync()).Vault));
    }

    private static async Task<Attachment> UploadAsync(Client.Vault vault, string content)
    {
        await using var upload = vault.Upload(new MemoryStream(Encoding.UTF8.GetBytes(content)), "file.txt");
        return await upload.RunAsync(cancellationToken: Cancellation);
    }

    private static async Task<string?> DownloadAsync(Client.Vault vault, string item, string attribute)
    {
        var opened = await vault.GetAsync((await vault.ListAsync(Cancellation)).Single(each => each.Name == item).Id, Cancellation);
        if (opened.Find(attribute)?.GetAttachment() is not { } attachment)
            return null;
        using var reader = new StreamReader(vault.Open(attachment));
        return await reader.ReadToEndAsync(Cancellation);
    }

    private static async Task<Dictionary<Cryptography.ItemId, Cryptography.Heads.Hash256>> LeavesAsync(Client.Vault vault) =>
        (await vault.ListAsync(Cancellation)).ToDictionary(item => item.Id, item => item.Stored.Leaf);
}
