using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Keyladder.Keys.Vault;

/// <summary>The types of attributes, and the form that the value of each has (docs/spec/vault.md section 2).</summary>
public static class AttributeType
{
    /// <summary>UTF-8.</summary>
    public const string Text = "text";

    /// <summary>A JSON number.</summary>
    public const string Number = "number";

    /// <summary><c>YYYY-MM-DD</c>.</summary>
    public const string Date = "date";

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public const string Boolean = "boolean";

    /// <summary>Any JSON value, in UTF-8.</summary>
    public const string Json = "json";

    /// <summary>Bytes.</summary>
    public const string Binary = "binary";

    /// <summary>An <see cref="Vault.Attachment"/> as JSON, its key included: what its person calls the attribute's value is kept beside it.</summary>
    public const string Attachment = "attachment";

    private const int MaxOwnLength = 64;
    private const int MaxDepth = 16;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };
    private static readonly string[] Known = [Text, Number, Date, Boolean, Json, Binary, Attachment];
    private static readonly SearchValues<char> OwnCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-/");

    /// <summary>Whether it is a type that a developer named: 1 to 64 ASCII letters, digits, <c>.</c>, <c>-</c> and <c>/</c>, with a <c>.</c> or <c>/</c> among them.</summary>
    public static bool IsOwn(string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type.Length is > 0 and <= MaxOwnLength && type.AsSpan().ContainsAny('.', '/') && !type.AsSpan().ContainsAnyExcept(OwnCharacters);
    }

    /// <summary>How a value of the type is written, for who wrote another.</summary>
    internal static string FormOf(string type) => type switch
    {
        Number => "A number is written as in JSON: 42 or -1.5.",
        Date => "A date is written as 2026-01-31.",
        Boolean => "It is true or false.",
        Json => "It is JSON, no deeper than 16 levels and without a name twice.",
        Attachment => "An attachment is what Attachment.ToAttribute makes.",
        _ => "It is text in UTF-8.",
    };

    internal static bool IsType(string type) => Known.Contains(type) || IsOwn(type);

    internal static bool TryRead(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? type)
    {
        type = null;
        foreach (var known in Known)
        {
            // One object for all attributes of a type.
            if (Ascii.Equals(utf8, known))
                type = known;
        }

        if (type is null && utf8.Length <= MaxOwnLength && Ascii.IsValid(utf8) && Encoding.ASCII.GetString(utf8) is var own && IsOwn(own))
            type = own;
        return type is not null;
    }

    /// <summary>Whether a value is in the form of its type. A developer's own type takes any bytes.</summary>
    internal static bool Takes(string type, ReadOnlyMemory<byte> value) => type switch
    {
        Text => Utf8.IsValid(value.Span),
        Number => IsNumber(value),
        Date => value.Length == 10 && Ascii.IsValid(value.Span)
            && DateOnly.TryParseExact(Encoding.ASCII.GetString(value.Span), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        Boolean => value.Span.SequenceEqual("true"u8) || value.Span.SequenceEqual("false"u8),
        Json => IsJson(value),
        Attachment => Keys.Vault.Attachment.TryDecode(value.Span, out _),
        _ => true,
    };

    // JSON that starts like a number is one; that it ends like one says that no white space follows.
    private static bool IsNumber(ReadOnlyMemory<byte> value) =>
        value.Span is [(byte)'-' or (>= (byte)'0' and <= (byte)'9'), ..] and [.., >= (byte)'0' and <= (byte)'9'] && IsJson(value);

    private static bool IsJson(ReadOnlyMemory<byte> value)
    {
        try
        {
            if (!Utf8.IsValid(value.Span) || !HasWholeTexts(value.Span))
                return false;
            using var document = JsonDocument.Parse(value, Strict);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // The framework's reader lets half a character in an escape pass until somebody asks for the text.
    private static bool HasWholeTexts(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.ValueIsEscaped)
                    _ = reader.GetString();
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
