using System.Buffers;
using System.CommandLine;
using System.Text.Json;
using Keyladder.Keys.Vault;

namespace Keyladder.Cli.Terminal;

/// <summary>
/// The attributes of an item from the person. Only their names stand on the command line, which others can read: values are typed, unseen, or
/// come from standard input, a line each; what is longer, or not text, from a file.
/// </summary>
internal static class ItemInput
{
    public static readonly Option<string[]> Attributes = new("--attribute")
    {
        Description = "An attribute to set, with :number, :date, :boolean or :json behind its name if it is no text; its value is asked for, or read from standard input, a line each. May be given again",
        HelpName = "NAME",
    };

    public static readonly Option<string?> Template = new("--template")
    {
        Description = "Ask for what an item of this kind usually has, as `keyladder item templates` lists it; an empty line leaves an attribute out",
        HelpName = "KIND",
    };

    public static readonly Option<string[]> Files = new("--file")
    {
        Description = "An attribute to set to the bytes of a file, at most 48 KiB; may be given again",
        HelpName = "NAME=FILE",
    };

    private const int MaxFile = 48 * 1024;
    private const string TooLong = "Standard input holds more than 8 KiB of values.";

    private static readonly string[] Types = [AttributeType.Number, AttributeType.Date, AttributeType.Boolean, AttributeType.Json, AttributeType.Text];

    public static bool HasAny(ParseResult parsed) => parsed.GetValue(Attributes) is { Length: > 0 } || parsed.GetValue(Files) is { Length: > 0 };

    /// <exception cref="Failure">There is no such template.</exception>
    public static ItemTemplate? TemplateOf(ParseResult parsed) => parsed.GetValue(Template) is not { } kind
        ? null
        : ItemTemplate.Find(kind) ?? throw Failure.Usage("There is no such template.", "`keyladder item templates` lists them.");

    /// <param name="parsed">The command.</param>
    /// <param name="template">Asked for first; null for none.</param>
    /// <returns>As the agent takes them; empty where there is none. The caller wipes it.</returns>
    public static byte[] Read(ParseResult parsed, ItemTemplate? template = null)
    {
        (string Name, string? Type, bool MayBeEmpty)[] asked =
        [
            .. (template?.Attributes ?? []).Select(attribute => (attribute.Name, (string?)attribute.Type, true)),
            .. (parsed.GetValue(Attributes) ?? []).Select(Split).Select(named => (named.Name, named.Type, false)),
        ];
        if (asked.Length == 0 && !HasAny(parsed))
            return [];
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            using var lines = Console.IsInputRedirected && asked.Length > 0 ? TypedSecret.Read("-", Attributes.Name, TooLong) : null;
            var rest = lines is null ? default : lines.Text;
            foreach (var (index, (name, type, mayBeEmpty)) in asked.Index())
            {
                using var value = lines is null ? TypedSecret.Ask(Screen.Printable(name)) : NextLine(ref rest, index + 1, mayBeEmpty);
                if (!mayBeEmpty || !value.Text.IsEmpty)
                    Write(writer, name, type, value);
            }

            foreach (var named in parsed.GetValue(Files) ?? [])
                WriteFile(writer, named);
            writer.WriteEndArray();
        }

        var json = buffer.WrittenSpan.ToArray();
        buffer.Clear(); // wipes it
        return json;
    }

    /// <summary>Without a type an attribute keeps the one that it has, or is text.</summary>
    private static (string Name, string? Type) Split(string named)
    {
        var colon = named.LastIndexOf(':');
        return colon > 0 && Types.Contains(named[(colon + 1)..]) ? (named[..colon], named[(colon + 1)..]) : (named, null);
    }

    private static TypedSecret NextLine(ref ReadOnlySpan<char> rest, int number, bool mayBeEmpty)
    {
        if (rest.IsEmpty && !mayBeEmpty)
            throw Failure.Usage($"Standard input has no line {number}.", "Write one line for each attribute of the template and each --attribute, in their order.");
        var end = rest.IndexOf('\n');
        var line = (end < 0 ? rest : rest[..end]).TrimEnd('\r');
        rest = end < 0 ? default : rest[(end + 1)..];
        var utf8 = new byte[System.Text.Encoding.UTF8.GetByteCount(line)];
        using var wiped = new Wiped(utf8);
        System.Text.Encoding.UTF8.GetBytes(line, utf8);
        return TypedSecret.FromUtf8(utf8);
    }

    private static void WriteFile(Utf8JsonWriter writer, string named)
    {
        var equals = named.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw Failure.Usage("--file takes NAME=FILE.", "Write the attribute's name, an equals sign and the path.");
        using var file = FileTransfer.OpenFile(named[(equals + 1)..]);
        if (file.Length > MaxFile)
            throw Failure.Usage("The file is larger than an attribute holds.", "Attach it instead, once the item is there: keyladder item attach ITEM FILE");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        using var wiped = new Wiped(bytes);
        Write(writer, named[..equals], AttributeType.Binary, bytes);
    }

    private static void Write(Utf8JsonWriter writer, string name, string? type, TypedSecret value)
    {
        var utf8 = value.ToUtf8();
        using var wiped = new Wiped(utf8);
        Write(writer, name, type, utf8);
    }

    private static void Write(Utf8JsonWriter writer, string name, string? type, byte[] value)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        if (type is not null)
            writer.WriteString("type", type);
        writer.WriteBase64String("value", value);
        writer.WriteEndObject();
    }
}
