using System.Globalization;
using Keyladder.Client;
using Keyladder.Keys.Vault;

namespace Keyladder.Soak.Devices;

/// <summary>What a device does at random: reads and writes of all kinds, on items that the others write to as well. Each write is in the log before it begins.</summary>
internal sealed class DeviceWriter(Client.Vault vault, DeviceSettings settings, DeviceLog log)
{
    private const int FewItems = 12;
    private const int ManyItems = 40;

    private static readonly string[] Names = ["user", "password", "url", "note"];

    private readonly Chance chance = new(settings.Seed + ((ulong)settings.Device << 32) + ((ulong)settings.Start << 16));

    // Read a while ago: a change of one of these is one that began from an older state.
    private readonly List<OpenedItem> remembered = [];
    private int calls;
    private int values;

    /// <summary>One act. Failures that a device must expect are in the log; others are findings there.</summary>
    public async Task ActAsync()
    {
        try
        {
            await (chance.Next(20) switch
            {
                _ when vault.IsOffline && chance.Next(3) == 0 => vault.SyncAsync(),
                0 or 1 => vault.SyncAsync(),
                2 or 3 => RememberAsync(),
                4 => ReadVersionsAsync(),
                5 => DeleteAsync(),
                6 => AttachAsync(),
                7 or 8 => CreateAsync(),
                9 => ChangeAsync(2 + chance.Next(3)),
                _ => ChangeAsync(1),
            });
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.NotFound or FailureReason.Conflict || Device.IsOutOfReach(e))
        {
            log.Add(new LogLine(Event: $"{e.Reason}", Why: e.Message));
        }
        catch (KeyladderException e)
        {
            log.Add(new LogLine(Finding: $"{e.Reason}: {e}"));
        }

        await Task.Delay(chance.Next(vault.IsOffline ? 300 : 60));
    }

    private async Task RememberAsync()
    {
        if (await PickAsync() is not { } item)
            return;
        remembered.Add(item);
        if (remembered.Count > 5)
            remembered.RemoveAt(0);
    }

    private async Task ReadVersionsAsync()
    {
        if (await PickAsync() is not { } item)
            return;
        var versions = await vault.GetVersionsAsync(item.Id);
        await vault.OpenVersionAsync(versions[chance.Next(versions.Count)]);
    }

    private async Task CreateAsync()
    {
        if ((await vault.ListAsync()).Count >= ManyItems)
            return;
        var draft = ItemDraft.New(Value());
        foreach (var name in Names)
            draft = draft.With(ItemAttribute.Text(name, Value()));
        await PutAsync([(null, draft)]);
    }

    private async Task ChangeAsync(int count)
    {
        var drafts = new List<(OpenedItem?, ItemDraft Draft)>();
        for (var left = count; left > 0; left--)
        {
            if (await PickAsync() is { } item && drafts.TrueForAll(each => each.Draft.Id != item.Id))
                drafts.Add((item, Change(item.Edit())));
        }

        if (drafts.Count > 0)
            await PutAsync(drafts);
    }

    private ItemDraft Change(ItemDraft draft) => chance.Next(12) switch
    {
        0 => draft with { Name = Value(), IsRemoved = !draft.IsRemoved },
        1 => draft with { Name = Value() },
        2 => draft with { Tags = [Value()] },
        3 when draft.Attributes.Count > 2 => draft with { Attributes = [.. draft.Attributes.Where((_, at) => at != draft.Attributes.Count - 1)] },
        4 => draft.With(ItemAttribute.Text($"more {chance.Next(3)}", Value())),
        5 => Text(Text(draft)),
        _ => Text(draft),
    };

    private ItemDraft Text(ItemDraft draft) => draft.With(ItemAttribute.Text(Names[chance.Next(Names.Length)], Value()));

    private async Task AttachAsync()
    {
        if (await PickAsync() is not { } item)
            return;
        var value = Value();
        await using var upload = vault.Upload(new MemoryStream(VaultPicture.ContentOf(value)), value);
        var attachment = await upload.RunAsync();
        log.Add(new LogLine(Event: "attached"));
        await PutAsync([(item, item.Edit().With(attachment.ToAttribute("file")))]);
    }

    private async Task DeleteAsync()
    {
        if ((await vault.ListAsync()).Count < FewItems || await PickAsync() is not { } item)
            return;
        await WriteAsync(
            [new WrittenState(item.Id.Value, item.Item.ConflictOf?.Value, VaultPicture.StateOf(item), null)],
            async () =>
            {
                await vault.DeleteManyAsync([item.Item]);
                return (vault.Queued.Contains(item.Id), []);
            });
    }

    /// <param name="drafts">Each with what it began from; null for a new item.</param>
    private Task PutAsync(IReadOnlyList<(OpenedItem? Saw, ItemDraft Draft)> drafts) => WriteAsync(
        [
            .. from each in drafts
                select new WrittenState(each.Draft.Id.Value, each.Saw?.Item.ConflictOf?.Value, each.Saw is null ? null : VaultPicture.StateOf(each.Saw), VaultPicture.StateOf(each.Draft)),
        ],
        async () =>
        {
            var results = await vault.PutManyAsync([.. drafts.Select(each => each.Draft)]);
            return (results.Any(result => result.IsQueued), [.. results.Select(result => result.Conflict?.Value)]);
        });

    private async Task WriteAsync(IReadOnlyList<WrittenState> items, Func<Task<(bool IsQueued, Guid?[] Others)>> write)
    {
        var call = ++calls;
        log.Add(new LogLine(call, items));
        try
        {
            var (isQueued, others) = await write();
            log.Add(new LogLine(call, Promise: isQueued ? Promise.Queued : Promise.Stored, Others: others));
        }
        catch (KeyladderException e)
        {
            // Those that say that nothing was done; see the table in docs/guide/developers.md.
            var promise = e.Reason is FailureReason.NotFound or FailureReason.NotAllowed or FailureReason.Conflict or FailureReason.TooManyRequests ? Promise.Refused : Promise.Unknown;
            log.Add(new LogLine(call, Promise: promise, Why: $"{e.Reason}: {e.Message}"));
            if (promise == Promise.Unknown && !Device.IsOutOfReach(e))
                throw;
        }
    }

    /// <returns>Any item, sometimes as it was a while ago; null where there is none.</returns>
    private async Task<OpenedItem?> PickAsync()
    {
        if (remembered.Count > 0 && chance.Next(4) == 0)
        {
            var old = remembered[chance.Next(remembered.Count)];
            remembered.Remove(old);
            return old;
        }

        var items = await vault.ListAsync();
        return items.Count == 0 ? null : await vault.GetAsync(items[chance.Next(items.Count)].Id);
    }

    /// <returns>As none was before in the whole run.</returns>
    private string Value() => string.Create(CultureInfo.InvariantCulture, $"{settings.Device}.{settings.Start}.{++values}");
}
