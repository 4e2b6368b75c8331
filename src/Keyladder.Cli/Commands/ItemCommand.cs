using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;
using Keyladder.Keys.Vault;

namespace Keyladder.Cli.Commands;

internal static class ItemCommand
{
    private static readonly Argument<string> Item = new("ITEM") { Description = "An id, the start of one, or a name" };
    private static readonly Option<string?> Kind = new("--kind") { Description = "What it is, such as login or card", HelpName = "KIND" };
    private static readonly Option<string[]> Tags = new("--tag") { Description = "A tag; may be given again", HelpName = "TAG" };

    private static readonly Option<long?> Revision = new("--revision") { Description = "A version of it, as `keyladder item history` lists them", HelpName = "N" };

    public static Command Create() => new("item", "Put items into the Vault, list, read and change them")
    {
        Add(), Templates(), List(), Search(), Show(), History(), Change(), Attach(), Save(), Remove(), Restore(), Discard(), Delete(),
    };

    private static Command Add()
    {
        var name = new Argument<string>("NAME") { Description = "What you call it" };
        return new Command("add", "Put a new item into the Vault") { name, Kind, ItemInput.Template, Tags, ItemInput.Attributes, ItemInput.Files }.Does((parsed, cancellationToken) =>
        {
            var template = ItemInput.TemplateOf(parsed);
            var request = new PutItem(Item: null, parsed.GetRequiredValue(name), parsed.GetValue(Kind) ?? template?.Kind, parsed.GetValue(Tags));
            return PutAsync(parsed, request, cancellationToken, template);
        });
    }

    private static Command Change()
    {
        var name = new Option<string?>("--name") { Description = "The new name", HelpName = "NAME" };
        var untag = new Option<string[]>("--untag") { Description = "A tag to take away; may be given again", HelpName = "TAG" };
        var drop = new Option<string[]>("--drop") { Description = "Name of an attribute to take away; may be given again", HelpName = "NAME" };
        return new Command("change", "Change an item") { Item, name, Kind, Tags, untag, ItemInput.Attributes, ItemInput.Files, drop }.Does(async (parsed, cancellationToken) =>
        {
            var request = new PutItem(
                parsed.GetRequiredValue(Item), parsed.GetValue(name), parsed.GetValue(Kind), parsed.GetValue(Tags), parsed.GetValue(untag), parsed.GetValue(drop));
            if (request is { Name: null, Kind: null, Tags: null or [], Untag: null or [], Drop: null or [] } && !ItemInput.HasAny(parsed))
                throw Failure.Usage("There is nothing to change.", "Give --name, --kind, --tag, --untag, --attribute, --file or --drop.");
            await PutAsync(parsed, request, cancellationToken);
        });
    }

    private static Command Templates() => new Command("templates", "List what items of each kind usually have, for `keyladder item add --template`").Does((_, _) =>
    {
        var templates = new JsonArray([.. ItemTemplate.All.Select(template => (JsonNode)new JsonObject
        {
            ["kind"] = template.Kind,
            ["attributes"] = new JsonArray([.. template.Attributes.Select(attribute => (JsonNode)new JsonObject
            {
                ["name"] = attribute.Name, ["type"] = attribute.Type, ["secret"] = attribute.Secret,
            })]),
        })]);
        Screen.Show(new JsonObject { ["templates"] = templates }, () => Screen.Table(
            ["KIND", "ATTRIBUTES"],
            ItemTemplate.All.Select(template => new[] { template.Kind, string.Join(", ", template.Attributes.Select(attribute => attribute.Name)) })));
        return Task.CompletedTask;
    });

    private static Command List()
    {
        var trash = new Option<bool>("--trash") { Description = "List what lies in the trash" };
        return new Command("list", "List the items; no attribute is opened for it") { trash }.Does(async (parsed, cancellationToken) =>
            Print(await parsed.AskAsync(new ListItems(Text: null, InValues: false, parsed.GetValue(trash)), cancellationToken)));
    }

    private static Command Search()
    {
        var text = new Argument<string>("TEXT") { Description = "Part of a name or a tag" };
        var values = new Option<bool>("--values") { Description = "Look into the attributes too" };
        return new Command("search", "Find items, on this device alone") { text, values }.Does(async (parsed, cancellationToken) =>
        {
            var part = parsed.GetRequiredValue(text);
            if (part.Length == 0)
                throw Failure.Usage("There is nothing to search for.", "Give part of a name or a tag; `keyladder item list` lists everything.");
            Print(await parsed.AskAsync(new ListItems(part, parsed.GetValue(values), InTrash: false), cancellationToken));
        });
    }

    private static Command Show()
    {
        var only = new Option<string?>("--only") { Description = "Print the value of this attribute alone, as it is", HelpName = "NAME" };
        return new Command("show", "Show an item with its attributes, as it is or as it was") { Item, only, Revision }.Does(async (parsed, cancellationToken) =>
        {
            using var values = new MemoryStream();
            var request = new ShowItem(parsed.GetRequiredValue(Item), parsed.GetValue(Revision));
            var answer = await AgentConnection.AskAsync(parsed.Profile(), request, Stream.Null, values, cancellationToken);
            if (answer.Notice is { } notice)
                Screen.Notify(notice);
            ItemOutput.Show(answer.Items!.Single(), values.ToArray(), parsed.GetValue(only));
        });
    }

    private static Command Attach()
    {
        var file = new Argument<string>("FILE") { Description = "What to attach, of any size; - for standard input" };
        var name = new Option<string?>("--name") { Description = "Name of the attribute (default: the file's)", HelpName = "NAME" };
        var type = new Option<string?>("--media-type") { Description = "Such as image/png", HelpName = "TYPE" };
        return new Command("attach", "Attach a file to an item: sealed here, stored in parts") { Item, file, name, type }.Does(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            var fileName = path == "-" ? null : Path.GetFileName(path);
            var request = new Attach(
                parsed.GetRequiredValue(Item),
                parsed.GetValue(name) ?? fileName ?? throw Failure.Usage("The attribute needs a name.", "Give --name NAME."),
                fileName,
                parsed.GetValue(type));
            await using var source = FileTransfer.OpenInput(path);
            AgentAnswer? answer = null;
            await TransferProgress.ShowAsync(
                "Attaching", source, async counted => answer = await AgentConnection.AskAsync(parsed.Profile(), request, counted, Stream.Null, cancellationToken));
            Print(answer!);
        });
    }

    private static Command Save()
    {
        var name = new Argument<string>("NAME") { Description = "Name of the attribute" };
        return new Command("save", "Write an attachment to a file or standard output") { Item, name, CommandLine.Output }.Does((parsed, cancellationToken) =>
            Transfer.SaveAsync(parsed, new ReadAttachment(parsed.GetRequiredValue(Item), parsed.GetRequiredValue(name)), cancellationToken));
    }

    private static Command History() => new Command("history", "List what an item is and was, the newest first") { Item }.Does(async (parsed, cancellationToken) =>
    {
        var versions = (await parsed.AskAsync(new ListVersions(parsed.GetRequiredValue(Item)), cancellationToken)).Items!;
        Screen.Show(new JsonObject { ["versions"] = Screen.ToJson(versions) }, () => Screen.Table(
            ["REVISION", "CHANGED", "NAME", "KIND", "TAGS", "ATTRIBUTES", ""],
            versions.Select(version => new[]
            {
                $"{version.Revision}", version.Changed, version.Name, version.Kind, string.Join(", ", version.Tags), $"{version.Attributes}", version.Removed is null ? "" : "in the trash",
            })));
        if (versions[^1].Revision > 1)
            Screen.Say("The Vault keeps no version from before.");
    });

    private static Command Remove() => new Command("remove", "Put an item into the trash") { Item }.Does((parsed, cancellationToken) =>
        PutAsync(parsed, new PutItem(parsed.GetRequiredValue(Item), Removed: true), cancellationToken));

    private static Command Restore() => new Command("restore", "Take an item out of the trash, or back to what it was") { Item, Revision }.Does((parsed, cancellationToken) =>
        PutAsync(parsed, new PutItem(parsed.GetRequiredValue(Item), Removed: false, Revision: parsed.GetValue(Revision)), cancellationToken));

    private static Command Discard() => new Command("discard", "Give up what was written of an item on this device and still waits for the Vault") { Item }.Does(async (parsed, cancellationToken) =>
        Print(await parsed.AskAsync(new DiscardItem(parsed.GetRequiredValue(Item)), cancellationToken)));

    private static Command Delete()
    {
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        return new Command("delete", "Delete an item for good, with its attributes and versions") { Item, yes }.Does(async (parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(yes) && !Prompt.Confirm($"Delete {Screen.Printable(parsed.GetRequiredValue(Item))} for good? `keyladder item remove` would put it into the trash."))
                throw new Failure(ExitCode.Refused, "Nothing was deleted.", "Run the command again and type yes if you mean it.");
            var answer = await parsed.AskAsync(new DeleteItem(parsed.GetRequiredValue(Item)), cancellationToken);
            if (answer.Notice is { } notice)
                Screen.Notify(notice);
            var deleted = answer.Items!.Single();
            Screen.Show(new JsonObject { ["deleted"] = deleted.Id }, () => Screen.Say($"Deleted {deleted.Id}."));
        });
    }

    private static async Task PutAsync(ParseResult parsed, PutItem request, CancellationToken cancellationToken, ItemTemplate? template = null)
    {
        var attributes = ItemInput.Read(parsed, template);
        using var wiped = new Wiped(attributes);
        using var input = new MemoryStream(attributes, writable: false);
        var answer = await AgentConnection.AskAsync(parsed.Profile(), request, input, Stream.Null, cancellationToken);
        Print(answer);
    }

    private static void Print(AgentAnswer answer)
    {
        if (answer.Notice is { } notice)
            Screen.Notify(notice);
        Screen.Show(new JsonObject { ["items"] = Screen.ToJson(answer.Items!) }, () => Screen.Table(
            ["ID", "NAME", "KIND", "TAGS", "CHANGED", ""],
            answer.Items!.Select(item => new[] { item.Id, item.Name, item.Kind, string.Join(", ", item.Tags), item.Changed, Remark(item) })));
    }

    private static string Remark(ItemLine item) => string.Join(
        ", ", new[] { item.Waits ? "waits to be sent" : null, item.ConflictOf is { } other ? $"other version of {other}" : null }.OfType<string>());
}
