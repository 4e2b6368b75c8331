using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Vault;

/// <summary>What one attribute of an item says: name, type and value, sealed together under the attribute's own id (docs/spec/vault.md section 2).</summary>
public sealed class ItemAttribute
{
    /// <summary>Bytes of UTF-8.</summary>
    public const int MaxNameLength = 256;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ItemAttribute(string name, string type, ReadOnlyMemory<byte> value) => (Name, Type, Value) = (name, type, value);

    /// <summary>1 to <see cref="MaxNameLength"/> bytes of UTF-8 without control characters.</summary>
    public string Name { get; }

    /// <summary>One of <see cref="AttributeType"/>, or a developer's own.</summary>
    public string Type { get; }

    /// <summary>In the form of its type.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <param name="name">1 to <see cref="MaxNameLength"/> bytes of UTF-8 without control characters.</param>
    /// <param name="type">One of <see cref="AttributeType"/>, or a developer's own: see <see cref="AttributeType.IsOwn"/>.</param>
    /// <param name="value">In the form of its type.</param>
    /// <exception cref="ArgumentException">One of them is not like that; says which, and repeats none.</exception>
    public static ItemAttribute Create(string name, string type, ReadOnlyMemory<byte> value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(type);
        if (!PlainText.Fits(name, MaxNameLength))
            throw new ArgumentException($"The name of an attribute has 1 to {MaxNameLength} bytes of UTF-8 and no control characters.", nameof(name));
        if (!AttributeType.IsType(type))
            throw new ArgumentException("The type is neither known nor a developer's own, which holds a '.' or a '/'.", nameof(type));
        if (!AttributeType.Takes(type, value))
            throw new ArgumentException($"The value is not in the form of its type. {AttributeType.FormOf(type)}", nameof(value));
        return new ItemAttribute(name, type, value);
    }

    /// <exception cref="ArgumentException">The text holds a lone surrogate, or the name is none.</exception>
    public static ItemAttribute Text(string name, string text) => Create(name, AttributeType.Text, Utf8Of(text));

    /// <exception cref="ArgumentException">The name is none.</exception>
    public static ItemAttribute Number(string name, decimal number) => Create(name, AttributeType.Number, Utf8Of(number.ToString(CultureInfo.InvariantCulture)));

    /// <inheritdoc cref="Number"/>
    public static ItemAttribute Date(string name, DateOnly date) => Create(name, AttributeType.Date, Utf8Of(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));

    /// <inheritdoc cref="Number"/>
    public static ItemAttribute Boolean(string name, bool value) => Create(name, AttributeType.Boolean, Utf8Of(value ? "true" : "false"));

    /// <exception cref="ArgumentException">It is not JSON, or the name is none.</exception>
    public static ItemAttribute Json(string name, string json) => Create(name, AttributeType.Json, Utf8Of(json));

    /// <inheritdoc cref="Number"/>
    public static ItemAttribute Binary(string name, ReadOnlyMemory<byte> bytes) => Create(name, AttributeType.Binary, bytes);

    /// <summary>Whether the value is text in UTF-8 for a person to read: so it is but for <c>binary</c>, <c>attachment</c> and a developer's own types.</summary>
    public bool IsText => Type is not (AttributeType.Binary or AttributeType.Attachment) && !AttributeType.IsOwn(Type);

    /// <summary>The value as text.</summary>
    /// <exception cref="InvalidOperationException">It is bytes: see <see cref="IsText"/>.</exception>
    public string GetText() => IsText ? Encoding.UTF8.GetString(Value.Span) : throw new InvalidOperationException("The value is no text.");

    /// <summary>What the attribute says of content that is kept beside it; null for the other types.</summary>
    public Attachment? GetAttachment() => Type == AttributeType.Attachment && Attachment.TryDecode(Value.Span, out var attachment) ? attachment : null;

    /// <summary>Shows the type and nothing else: name and value are the person's own.</summary>
    public override string ToString() => $"{nameof(ItemAttribute)} ({Type})";

    internal byte[] Encode() => Fields.Encode(Name, Type, Value);

    internal static bool TryDecode(ReadOnlyMemory<byte> content, [NotNullWhen(true)] out ItemAttribute? attribute)
    {
        attribute = null;
        if (!Fields.TryRead(ref content, out var name) || !Fields.TryRead(ref content, out var type) || !Fields.TryRead(ref content, out var value) || !content.IsEmpty
            || !Utf8.IsValid(name.Span) || !AttributeType.TryRead(type.Span, out var known) || !AttributeType.Takes(known, value))
            return false;
        var text = Encoding.UTF8.GetString(name.Span);
        if (!PlainText.Fits(text, MaxNameLength))
            return false;
        attribute = new ItemAttribute(text, known, value);
        return true;
    }

    private static byte[] Utf8Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return StrictUtf8.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            // Without the text, which that exception quotes.
            throw new ArgumentException($"The text holds half a character at {e.Index}.", nameof(text));
        }
    }
}
