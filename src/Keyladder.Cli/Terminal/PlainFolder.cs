using System.CommandLine;
using System.Text.Json;
using Keyladder.Cli.Agent;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Keys.Vault;

namespace Keyladder.Cli.Terminal;

/// <summary>
/// Items as anybody reads them: a new folder with <c>items.json</c>, and the attachments as files beside it. Only its owner can enter it; what
/// becomes of it is the person's to see to.
/// </summary>
internal static class PlainFolder
{
    public const string Items = "items.json";
    public const string Attachments = "attachments";

    private const int LongestName = 100;

    public static readonly Option<bool> Plain = new("--plain")
    {
        Description = "Write items and attachments readable, into a new folder: whoever gets at it reads all of them",
    };

    public static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask" };

    /// <summary>To be asked before anything is opened.</summary>
    public static void Confirm(ParseResult parsed, string path)
    {
        if (!parsed.GetValue(Yes) && !Prompt.Confirm($"Write every item and attachment to {Screen.Printable(path)}, readable by whoever gets at it?"))
            throw new Failure(ExitCode.Refused, "Nothing was written.", "Run the command again and type yes if you mean it; without --plain what is written stays sealed.");
    }

    /// <param name="path">Of the folder. It is there once it is whole; after a failure nothing is left.</param>
    /// <param name="items">Those to write, opened as they are read.</param>
    /// <param name="open">Opens an attachment.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task WriteAsync(string path, IAsyncEnumerable<OpenedItem> items, Func<Attachment, Stream> open, CancellationToken cancellationToken)
    {
        FileTransfer.RequireNew(path);
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var partial = $"{target}.{Path.GetRandomFileName()}.partial";
        try
        {
            MakeFolder(partial);
            MakeFolder(Path.Combine(partial, Attachments));
            await FileTransfer.WriteNewAsync(Path.Combine(partial, Items), async output =>
            {
                await using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
                writer.WriteStartArray();
                await foreach (var item in items.WithCancellation(cancellationToken))
                {
                    await WriteAsync(writer, item, partial, open, cancellationToken);
                    await writer.FlushAsync(cancellationToken);
                }

                writer.WriteEndArray();
            });
            Directory.Move(partial, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.NotFound, $"{path} cannot be written.", "Check the folder, who may write there and how much room is left.");
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    private static async Task WriteAsync(Utf8JsonWriter writer, OpenedItem opened, string folder, Func<Attachment, Stream> open, CancellationToken cancellationToken)
    {
        var item = opened.Item;
        writer.WriteStartObject();
        writer.WriteString("id", item.Id.Value);
        writer.WriteString("name", item.Name);
        writer.WriteString("kind", item.Kind);
        writer.WriteStartArray("tags");
        foreach (var tag in item.Tags)
            writer.WriteStringValue(tag);
        writer.WriteEndArray();
        writer.WriteString("created", ItemLines.Text(item.Created));
        writer.WriteString("changed", ItemLines.Text(item.Changed));
        if (item.Removed is { } removed)
            writer.WriteString("removed", ItemLines.Text(removed));
        if (item.ConflictOf is { } other)
            writer.WriteString("conflictOf", other.Value);
        writer.WriteStartArray("attributes");
        foreach (var (id, content) in opened.Attributes)
        {
            writer.WriteStartObject();
            writer.WriteString("id", id.Value);
            writer.WriteString("name", content.Name);
            writer.WriteString("type", content.Type);
            if (content.GetAttachment() is { } attachment)
                await WriteAsync(writer, attachment, folder, open, cancellationToken);
            else if (content.IsText)
                writer.WriteString("value", content.GetText());
            else
                writer.WriteBase64String("value", content.Value.Span);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static async Task WriteAsync(Utf8JsonWriter writer, Attachment attachment, string folder, Func<Attachment, Stream> open, CancellationToken cancellationToken)
    {
        var name = NameOf(attachment.Id, attachment.FileName);
        var path = Path.Combine(folder, Attachments, name);
        // Two attributes may name one attachment.
        if (!File.Exists(path))
        {
            await FileTransfer.WriteNewAsync(path, async output =>
            {
                await using var content = open(attachment);
                await content.CopyToAsync(output, cancellationToken);
            });
        }

        writer.WriteStartObject("value");
        writer.WriteString("path", $"{Attachments}/{name}");
        ItemLines.WriteMembers(writer, attachment);
        writer.WriteEndObject();
    }

    /// <summary>Begins with the id, so that no two are the same and none means anything to a shell; of the file's own name what every system takes.</summary>
    internal static string NameOf(AttachmentId id, string? file)
    {
        var own = string.Concat((file ?? "").Select(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' ? character : '_'));
        return own.Length == 0 ? $"{id}" : $"{id}-{own[^Math.Min(own.Length, LongestName)..].TrimEnd('.')}";
    }

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
