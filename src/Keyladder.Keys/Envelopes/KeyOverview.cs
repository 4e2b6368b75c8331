using System.Diagnostics.CodeAnalysis;
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

    private KeyOverview(
        KeyPurpose purpose, KeyState state, string? label, DateOnly created, PublicKey? publicKey, KeyService? service) =>
        (Purpose, State, Label, Created, PublicKey, Service) = (purpose, state, label, created, publicKey, service);

    public KeyPurpose Purpose { get; }

    public KeyState State { get; }

    /// <summary>What the person calls the key, if anything.</summary>
    public string? Label { get; }

    /// <summary>In UTC.</summary>
    public DateOnly Created { get; }

    /// <summary>Of a keypair; null for a DEK.</summary>
    public PublicKey? PublicKey { get; }

    /// <summary>The account at another service that the key is for; null for the others.</summary>
    public KeyService? Service { get; }

    /// <param name="label">1 to <see cref="MaxLabelLength"/> bytes of UTF-8 without control characters; null for none.</param>
    /// <exception cref="ArgumentException">The label is not like that, or the origin of the key's service is too long.</exception>
    public static KeyOverview Of(KeystoreKey key, string? label, DateOnly created)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Service is { IsWellFormed: false })
            throw new ArgumentException("The origin of the service is too long for an overview.", nameof(key));
        return new KeyOverview(key.Purpose, key.State, Checked(key.Purpose, label), created, key.PublicKey, key.Service);
    }

    /// <exception cref="ArgumentException">The label is not like that of <see cref="Of"/>.</exception>
    public KeyOverview WithLabel(string? label) => new(Purpose, State, Checked(Purpose, label), Created, PublicKey, Service);

    /// <exception cref="KeyStateException">
    /// That state does not follow this one, or the key is one that stays active.
    /// </exception>
    public KeyOverview WithState(KeyState next) =>
        !Purpose.StaysActive() && State.CanBecome(next)
            ? new(Purpose, next, Label, Created, PublicKey, Service)
            : throw new KeyStateException(State, next);

    /// <summary>Whether a text can be the label of a key.</summary>
    public static bool IsLabel(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return PlainText.Fits(text, MaxLabelLength);
    }

    internal byte[] Encode() => StrictJson.Write(
        new Members
        {
            Purpose = Purpose.ToText(),
            Type = KeyPurposes.TypeText(PublicKey?.Type),
            State = State.ToText(),
            Label = Label,
            Created = Created,
            Public = PublicKey?.Bytes.ToArray(),
            Service = Service,
        },
        Json.Members);

    internal static bool TryDecode(ReadOnlySpan<byte> json, [NotNullWhen(true)] out KeyOverview? overview)
    {
        overview = null;
        if (!StrictJson.TryRead(json, Json.Members, out var members)
            || !KeyPurposes.TryParse(members.Purpose, out var purpose)
            || !TryReadKey(purpose, members.Type, members.Public, out var publicKey)
            || !KeyStates.TryParse(members.State, out var state)
            || (purpose.StaysActive() && state != KeyState.Active)
            || !(members.Label is null || (IsLabel(members.Label) && !purpose.IsForVault()))
            || !(members.Service is null ? !purpose.IsForVault() : members.Service.IsWellFormed && (purpose.IsForVault() || purpose == KeyPurpose.PersonalDek)))
            return false;
        overview = new KeyOverview(purpose, state, members.Label, members.Created, publicKey, members.Service);
        return true;
    }

    private static bool TryReadKey(KeyPurpose purpose, string typeText, byte[]? bytes, out PublicKey? publicKey)
    {
        publicKey = null;
        return purpose.IsKeypair()
            ? bytes is not null && KeyType.TryParse(typeText, out var type) && purpose.Allows(type) && type.TryImport(bytes, out publicKey)
            : bytes is null && typeText == KeyPurposes.TypeText(type: null);
    }

    private static string? Checked(KeyPurpose purpose, string? label) => label is null || (IsLabel(label) && !purpose.IsForVault())
        ? label
        : throw new ArgumentException(
            purpose.IsForVault() ? "A key of a Vault has no label." : $"A label has 1 to {MaxLabelLength} bytes of UTF-8 and no control characters.", nameof(label));

    internal sealed class Members
    {
        public required string Purpose { get; init; }

        public required string Type { get; init; }

        public required string State { get; init; }

        [JsonConverter(typeof(LabelConverter))]
        public string? Label { get; init; }

        public required DateOnly Created { get; init; }

        public byte[]? Public { get; init; }

        public KeyService? Service { get; init; }
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

/// <summary>An account at another service than the Keystore, as the overview of a key names it (docs/spec/vault.md section 1).</summary>
/// <param name="Origin">Of the service; at most 72 characters.</param>
/// <param name="Account">Its account id there.</param>
public sealed record KeyService(Origin Origin, AccountId Account)
{
    /// <summary>Characters that the address of a service may have.</summary>
    /// <remarks>With the longest label, of nothing but characters that JSON escapes, an overview then has the 511 bytes that its padding leaves.</remarks>
    public const int MaxOriginLength = 72;

    /// <summary>Whether it has room in an overview.</summary>
    [JsonIgnore]
    public bool IsWellFormed => Origin.ToString().Length <= MaxOriginLength;
}

[JsonSerializable(typeof(KeyOverview.Members))]
internal sealed partial class OverviewJson : JsonSerializerContext;
