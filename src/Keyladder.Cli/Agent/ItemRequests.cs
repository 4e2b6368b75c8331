using System.Text.Json;
using Keyladder.Client;
using Keyladder.Cli.Terminal;
using Keyladder.Cryptography;
using Keyladder.Keys.Vault;

namespace Keyladder.Cli.Agent;

/// <summary>What commands ask of the items of a Vault.</summary>
/// <param name="open">Opens the Vault, unless it is open.</param>
internal sealed class ItemRequests(Func<CancellationToken, Task<Vault>> open)
{
    private const int MaxInput = 1024 * 1024;

    public async Task<AgentAnswer> ListAsync(ListItems request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var items = request.Text is null
            ? await vault.ListAsync(cancellationToken)
            : await vault.SearchAsync(request.Text, request.InValues, cancellationToken);
        return Answer(vault, items.Where(item => item.Removed is not null == request.InTrash));
    }

    public async Task<AgentAnswer> ShowAsync(ShowItem request, Stream output, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var found = await FindAsync(vault, request.Item, cancellationToken);
        var item = request.Revision is { } revision
            ? await OpenVersionAsync(vault, found.Id, revision, cancellationToken)
            : await vault.GetAsync(found.Id, cancellationToken);
        await ItemLines.WriteAttributesAsync(item, output);
        var answer = Answer(vault, [item.Item]);
        return answer with
        {
            Notice = item.Missing.Count == 0 ? answer.Notice : $"Not all of that version is left: the Vault no longer keeps {item.Missing.Count} of its attributes as they were.",
        };
    }

    public async Task<AgentAnswer> ListVersionsAsync(ListVersions request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        return Answer(vault, await vault.GetVersionsAsync((await FindAsync(vault, request.Item, cancellationToken)).Id, cancellationToken));
    }

    public async Task<AgentAnswer> PutAsync(PutItem request, Stream input, CancellationToken cancellationToken)
    {
        var json = await ReadAllAsync(input, cancellationToken);
        using var wiped = new Wiped(json);
        var vault = await open(cancellationToken);
        var (draft, kept) = request.Item is null
            ? (ItemDraft.New(request.Name!, request.Kind ?? "item"), 0)
            : await BeginAsync(vault, (await FindAsync(vault, request.Item, cancellationToken)).Id, request.Revision, cancellationToken);
        draft = draft with
        {
            Name = request.Name ?? draft.Name,
            Kind = request.Kind ?? draft.Kind,
            Tags = [.. draft.Tags.Except(request.Untag ?? []).Concat(request.Tags ?? []).Distinct()],
            IsRemoved = request.Removed ?? draft.IsRemoved,
        };
        var dropped = new List<AttributeId>();
        foreach (var name in request.Drop ?? [])
        {
            if (draft.Attributes.All(attribute => attribute.Content.Name != name))
                throw new Failure(ExitCode.NotFound, "The item has no attribute with that name.", "`keyladder item show` lists them.");
            dropped.AddRange(draft.Attributes.Where(attribute => attribute.Content.Name == name).Select(attribute => attribute.Id));
            draft = draft.Without(name);
        }

        draft = ReadAttributes(json, draft).Aggregate(draft, (next, attribute) => next.With(attribute));
        var answer = await PutAsync(vault, draft, kept, cancellationToken);
        return request.Removed == true ? await WithCopiesAsync(vault, answer, draft.Id, null, cancellationToken)
            : dropped.Count > 0 ? await WithCopiesAsync(vault, answer, draft.Id, dropped, cancellationToken)
            : answer;
    }

    /// <summary>The attribute is set once the content has arrived whole.</summary>
    public async Task<AgentAnswer> AttachAsync(Attach request, Stream input, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var item = await FindAsync(vault, request.Item, cancellationToken);
        try
        {
            await using var upload = vault.Upload(input, request.FileName, request.MediaType);
            var attribute = (await upload.RunAsync(cancellationToken: cancellationToken)).ToAttribute(request.Name);
            return await PutAsync(vault, (await vault.GetAsync(item.Id, cancellationToken)).Edit().With(attribute), kept: 0, cancellationToken);
        }
        catch (ArgumentException e)
        {
            throw NotStorable(e);
        }
    }

    public async Task<AgentAnswer> ReadAttachmentAsync(ReadAttachment request, Stream output, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var item = await vault.GetAsync((await FindAsync(vault, request.Item, cancellationToken)).Id, cancellationToken);
        await using var content = vault.Open(ItemLines.FindAttachment(item, request.Name, "keyladder item show ITEM"));
        await content.CopyToAsync(output, cancellationToken);
        return new AgentAnswer();
    }

    public async Task<AgentAnswer> DeleteAsync(DeleteItem request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var item = await FindAsync(vault, request.Item, cancellationToken);
        await vault.DeleteManyAsync([item], cancellationToken);
        return await WithCopiesAsync(vault, Answer(vault, [item]), item.Id, null, cancellationToken);
    }

    public async Task<AgentAnswer> DiscardAsync(DiscardItem request, CancellationToken cancellationToken)
    {
        var vault = await open(cancellationToken);
        var item = await FindAsync(vault, request.Item, cancellationToken);
        await vault.DiscardAsync(item.Id, cancellationToken);
        return Answer(vault, (await vault.ListAsync(cancellationToken)).Where(left => left.Id == item.Id));
    }

    /// <param name="vault">Where they are.</param>
    /// <param name="items">Some of its items.</param>
    /// <returns>They, and what the person should know of how they came to be shown.</returns>
    public static AgentAnswer Answer(Vault vault, IEnumerable<VaultItem> items) =>
        new(Notice: Notice(vault), Items: [.. items.Select(item => ItemLines.Of(item, vault.Queued.Contains(item.Id)))]);

    /// <summary>What a command sends along; the caller wipes it.</summary>
    public static async Task<byte[]> ReadAllAsync(Stream input, CancellationToken cancellationToken)
    {
        var buffer = GC.AllocateArray<byte>(MaxInput, pinned: true);
        using var wiped = new Wiped(buffer);
        var length = await input.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (length == buffer.Length)
            throw Failure.Usage("That is more than an item holds.", "An attribute has at most 64 KiB.");
        var read = GC.AllocateArray<byte>(length, pinned: true);
        buffer.AsSpan(0, length).CopyTo(read);
        return read;
    }

    private static async Task<AgentAnswer> WithCopiesAsync(
        Vault vault, AgentAnswer answer, ItemId item, IReadOnlyCollection<AttributeId>? dropped, CancellationToken cancellationToken) => answer with
        {
            Notice = await SharedCopies.TellAsync(vault, item, dropped, cancellationToken) is { } copies ? $"{answer.Notice}\n{copies}".TrimStart('\n') : answer.Notice,
        };

    /// <param name="vault">Where it goes.</param>
    /// <param name="draft">What is to be.</param>
    /// <param name="kept">How many attributes of the version that it goes back to are not among it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    private static async Task<AgentAnswer> PutAsync(Vault vault, ItemDraft draft, int kept, CancellationToken cancellationToken)
    {
        var written = await vault.PutAsync(draft, cancellationToken);
        var items = (await vault.ListAsync(cancellationToken)).Where(item => item.Id == written.Id || item.Id == written.Conflict);
        var answer = Answer(vault, items);
        return answer with
        {
            Notice = written.Conflict is not null ? "Another device had changed the same thing: both versions were kept, the one from here as an item of its own."
                : kept > 0 ? $"The Vault no longer keeps {kept} of that version's attributes: what became of them since stays as it is."
                : answer.Notice,
        };
    }

    /// <param name="vault">Where the item is.</param>
    /// <param name="id">The item to change.</param>
    /// <param name="revision">The version of it to go back to; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What to put, and how many attributes of the version are not among it.</returns>
    private static async Task<(ItemDraft Draft, int Kept)> BeginAsync(Vault vault, ItemId id, long? revision, CancellationToken cancellationToken)
    {
        if (revision is null)
            return ((await vault.GetAsync(id, cancellationToken)).Edit(), 0);
        var version = await OpenVersionAsync(vault, id, revision.Value, cancellationToken);
        return ((await vault.GetAsync(id, cancellationToken)).GoBackTo(version), version.Missing.Count);
    }

    private static async Task<OpenedItem> OpenVersionAsync(Vault vault, ItemId id, long revision, CancellationToken cancellationToken)
    {
        var version = (await vault.GetVersionsAsync(id, cancellationToken)).FirstOrDefault(version => version.Revision == revision)
            ?? throw new Failure(ExitCode.NotFound, "The Vault has no such revision of the item.", "`keyladder item history` lists those that it keeps.");
        return await vault.OpenVersionAsync(version, cancellationToken);
    }

    private static async Task<VaultItem> FindAsync(Vault vault, string text, CancellationToken cancellationToken) =>
        ItemLines.Find(await vault.ListAsync(cancellationToken), text, "keyladder item list");

    /// <param name="json">What a command sends of them: an attribute without a type has the one that it had, if a person can type that.</param>
    /// <param name="before">The item as it is.</param>
    private static List<ItemAttribute> ReadAttributes(byte[] json, ItemDraft before)
    {
        var read = new List<ItemAttribute>();
        if (json.Length == 0)
            return read;
        using var document = JsonDocument.Parse(json);
        foreach (var each in document.RootElement.EnumerateArray())
        {
            var name = each.GetProperty("name").GetString()!;
            var type = each.TryGetProperty("type", out var given) ? given.GetString()! : TypeOf(name);
            try
            {
                read.Add(ItemAttribute.Create(name, type, each.GetProperty("value").GetBytesFromBase64()));
            }
            catch (ArgumentException e)
            {
                throw NotStorable(e, $"Attribute {read.Count + 1}: ");
            }
        }

        return read;

        string TypeOf(string name) =>
            before.Attributes.FirstOrDefault(attribute => attribute.Content.Name == name)?.Content is { IsText: true } content ? content.Type : AttributeType.Text;
    }

    private static Failure NotStorable(ArgumentException e, string which = "") =>
        Failure.Usage(which + e.Message.Split(" (Parameter")[0], "Nothing was stored; correct it and run the command again.");

    /// <summary>What the person should know of how the Vault came to be shown; null for nothing.</summary>
    public static string? Notice(Vault vault) =>
        vault.IsOffline ? $"The Vault cannot be reached: this is what this device has kept of it.{(vault.Queued.Count > 0 ? $" {Waiting(vault)} and goes there as soon as it answers." : "")}"
        : vault.Refusal is { } refusal ? $"{Waiting(vault)}, for the Vault does not take it: {refusal.Message} {refusal.NextStep} To give up what waits of an item: keyladder item discard ITEM"
        : Stale(vault);

    /// <summary>A Vault that holds back what is new cannot be told from one that nobody has written to, but by the person.</summary>
    private static string? Stale(Vault vault) => vault.IsStale
        ? $"The newest change that the Vault shows is of {ItemLines.Text(vault.LastChanged)}. If you have changed something since, on any device, the Vault holds it back: look on that device, and ask its operator."
        : null;

    private static string Waiting(Vault vault) => $"What was written here of {(vault.Queued.Count == 1 ? "one item" : $"{vault.Queued.Count} items")} waits";
}
