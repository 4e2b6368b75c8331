using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Keys.Envelopes;

/// <summary>
/// What the account knows of a key beside its bytes, sealed under the KEK (docs/spec/envelopes.md). Purpose, type and state of a key come
/// from here and nowhere else; no service sees them.
/// </summary>
public sealed class KeyOverview
{
    /// <summary>Bytes of UTF-8.</summary>
    public const int MaxLabelLength = 128;

    private static readonly OverviewJson Json = new(StrictJson.CreateOptions());

    private KeyOverview(KeyPurpose purpose, KeyState state, string? label, DateOnly created, Ed25519PublicKey? publicKey) =>
        (Purpose, State, Label, Created, PublicKey) = (purpose, state, label, created, publicKey);

    public KeyPurpose Purpose { get; }

    public KeyState State { get; }

    /// <summary>What the person calls the key, if anything.</summary>
    public string? Label { get; }

    /// <summary>In UTC.</summary>
    public DateOnly Created { get; }

    /// <summary>Of a keypair; null for a DEK.</summary>
    public Ed25519PublicKey? PublicKey { get; }

    /// <param name="label">1 to <see cref="MaxLabelLength"/> bytes of UTF-8 without control characters; null for none.</param>
    /// <exception cref="ArgumentException">The label is not like that.</exception>
    public static KeyOverview Of(KeystoreKey key, string? label, DateOnly created)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new KeyOverview(key.Purpose, key.State, Checked(label), created, key.PublicKey);
    }

    /// <exception cref="ArgumentException">As in <see cref="Of"/>.</exception>
    public KeyOverview WithLabel(string? label) => new(Purpose, State, Checked(label), Created, PublicKey);

    /// <exception cref="KeyStateException">
    /// That state does not follow this one, or the key is the identity key, which stays active.
    /// </exception>
    public KeyOverview WithState(KeyState next) =>
        Purpose != KeyPurpose.Identity && State.CanBecome(next)
            ? new(Purpose, next, Label, Created, PublicKey)
            : throw new KeyStateException(State, next);

    /// <summary>Whether a text can be the label of a key.</summary>
    public static bool IsLabel(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is > 0 and <= MaxLabelLength
            && !text.Any(char.IsControl)
            && text.EnumerateRunes().Sum(rune => rune.Utf8SequenceLength) <= MaxLabelLength
            && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text; // a lone surrogate has no UTF-8
    }

    internal byte[] Encode() => StrictJson.Write(
        new Members
        {
            Purpose = Purpose.ToText(),
            Type = Purpose.TypeText(),
            State = State.ToText(),
            Label = Label,
            Created = Created,
            Public = PublicKey,
        },
        Json.Members);

    internal static bool TryDecode(ReadOnlySpan<byte> json, [NotNullWhen(true)] out KeyOverview? overview)
    {
        overview = null;
        if (!StrictJson.TryRead(json, Json.Members, out var members)
            || !KeyPurposes.TryParse(members.Purpose, out var purpose)
            || members.Type != purpose.TypeText()
            || !KeyStates.TryParse(members.State, out var state)
            || (purpose == KeyPurpose.Identity && state != KeyState.Active)
            || !(members.Label is null || IsLabel(members.Label))
            || purpose.IsKeypair() != members.Public is not null)
            return false;
        overview = new KeyOverview(purpose, state, members.Label, members.Created, members.Public);
        return true;
    }

    private static string? Checked(string? label) => label is null || IsLabel(label)
        ? label
        : throw new ArgumentException($"A label has 1 to {MaxLabelLength} bytes of UTF-8 and no control characters.", nameof(label));

    internal sealed class Members
    {
        public required string Purpose { get; init; }

        public required string Type { get; init; }

        public required string State { get; init; }

        [JsonConverter(typeof(LabelConverter))]
        public string? Label { get; init; }

        public required DateOnly Created { get; init; }

        public Ed25519PublicKey? Public { get; init; }
    }

    /// <summary>
    /// Escapes only what JSON must have escaped, so that every label fits: the framework's own encoders spend twelve bytes on an emoji.
    /// </summary>
    internal sealed class LabelConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WriteRawValue($"\"{Escape(value)}\"");

        private static string Escape(string value) =>
            value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
    }
}

[JsonSerializable(typeof(KeyOverview.Members))]
internal sealed partial class OverviewJson : JsonSerializerContext;
