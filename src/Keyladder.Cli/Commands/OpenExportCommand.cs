using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;
using Keyladder.Client;

namespace Keyladder.Cli.Commands;

/// <summary>Needs no service, no profile and no agent: the file and the secret.</summary>
internal static class OpenExportCommand
{
    private const string Name = "open-export";
    private const string ForItem = $"keyladder {Name} FILE ITEM";

    private static readonly Argument<string> File = new("FILE") { Description = "What `vault export` wrote" };
    private static readonly Argument<string?> Item = new("ITEM") { Description = "An item to show: an id, the start of one, or a name", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Only = new("--only") { Description = "Print the value of this attribute alone, as it is", HelpName = "NAME" };
    private static readonly Option<string?> Save = new("--save") { Description = "Write the attachment of this name to a file or standard output", HelpName = "NAME" };
    private static readonly Option<bool> Check = new("--check") { Description = "Open everything to its end, and say whether the file is whole" };
    private static readonly Option<string?> Plain = new("--plain") { Description = "Write items and attachments readable, into a new folder", HelpName = "FOLDER" };

    public static Command Create() => new Command(Name, "Read an exported Vault without any service")
    {
        File, Item, Only, Save, CommandLine.Output, Check, Plain, PlainFolder.Yes, SecretInput.SecretFile, SecretInput.SecretKeyFile,
    }.Does(async (parsed, cancellationToken) =>
    {
        RequireSense(parsed);
        await using var file = FileTransfer.OpenFile(parsed.GetRequiredValue(File));
        if (!file.CanSeek)
            throw Failure.Usage("The export has to be a file: it is read from more than one place.", "Copy it to a file first.");
        var (typed, code) = SecretInput.AskToUnlock(parsed, parsed.Profile(), "Words or passphrase that open the export");
        using var closeTyped = typed;
        using var closeCode = code;
        using var secret = SecretInput.Parse(typed, code);
        using var export = await ExportedVault.OpenAsync(file, secret, cancellationToken);
        if (parsed.GetValue(Item) is { } item)
            await ShowAsync(parsed, export, await export.GetAsync(ItemLines.Find(export.Items, item, $"keyladder {Name} FILE").Id, cancellationToken), cancellationToken);
        else
            await ListAsync(parsed, export, cancellationToken);
    });

    private static void RequireSense(ParseResult parsed)
    {
        var (item, only, save, plain) = (parsed.GetValue(Item), parsed.GetValue(Only), parsed.GetValue(Save), parsed.GetValue(Plain));
        if (item is null ? only is not null || save is not null : plain is not null || parsed.GetValue(Check))
            throw Failure.Usage("--only and --save are for one item, --check and --plain for all.", $"Name the item, or leave it out: keyladder {Name} FILE [ITEM]");
        if (only is not null && save is not null)
            throw Failure.Usage("--only prints a value, --save writes an attachment.", "Give one of the two.");
        if (save is not null && Screen.IsJson && parsed.GetValue(CommandLine.Output) is null or "-")
            throw Failure.Usage("With --json standard output is for the document.", "Name a file for the result with --output OUT.");
        if (plain is null)
            return;
        FileTransfer.RequireNew(plain);
        PlainFolder.Confirm(parsed, plain);
    }

    private static async Task ShowAsync(ParseResult parsed, ExportedVault export, OpenedItem item, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Save) is { } name)
        {
            var path = parsed.GetValue(CommandLine.Output);
            await using var content = export.Open(ItemLines.FindAttachment(item, name, ForItem));
            await FileTransfer.WriteAsync(path, binary: true, output => TransferProgress.ShowAsync("Saving", content, async counted =>
            {
                await counted.CopyToAsync(output, cancellationToken);
                return true;
            }));
            Screen.Show(new JsonObject { ["output"] = path });
            return;
        }

        using var values = new MemoryStream();
        await ItemLines.WriteAttributesAsync(item, values);
        ItemOutput.Show(ItemLines.Of(item.Item, waits: false), values.ToArray(), parsed.GetValue(Only), $"{ForItem} --save NAME --output OUT");
    }

    private static async IAsyncEnumerable<OpenedItem> OpenAsync(ExportedVault export, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var item in export.Items)
            yield return await export.GetAsync(item.Id, cancellationToken);
    }

    private static async Task ListAsync(ParseResult parsed, ExportedVault export, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Check))
            await export.ExamineAsync(cancellationToken);
        if (parsed.GetValue(Plain) is { } folder)
            await PlainFolder.WriteAsync(folder, OpenAsync(export, cancellationToken), export.Open, cancellationToken);
        var lines = export.Items.Select(item => ItemLines.Of(item, waits: false)).ToArray();
        var (number, day) = (export.Change.Number, ItemLines.Text(export.Change.Day));
        var document = new JsonObject
        {
            ["vault"] = export.Address.GetLeftPart(UriPartial.Authority), ["account"] = export.Id.ToString(), ["change"] = number, ["day"] = day, ["items"] = Screen.ToJson(lines),
        };
        Screen.Show(document, () =>
        {
            Screen.Table(["ID", "NAME", "KIND", "TAGS", "CHANGED", ""], lines.Select(item => new[]
            {
                item.Id, item.Name, item.Kind, string.Join(", ", item.Tags), item.Changed,
                item.Removed is not null ? "in the trash" : item.ConflictOf is { } other ? $"other version of {other}" : "",
            }));
            Screen.Say($"The Vault at {document["vault"]} as it was at change {number.ToString(CultureInfo.InvariantCulture)}, {day}. What came later is not in the file.");
            if (parsed.GetValue(Check))
                Screen.Say("All of it opens.");
        });
    }
}
