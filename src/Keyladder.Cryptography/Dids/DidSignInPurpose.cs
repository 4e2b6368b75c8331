using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keyladder.Cryptography.Dids;

/// <summary>What a person shows an app a DID for (docs/spec/did-sign-in.md). A statement for one is good for no other.</summary>
[JsonConverter(typeof(DidSignInPurposeJsonConverter))]
public enum DidSignInPurpose
{
    /// <summary>To be signed in as the user whom the DID is linked to.</summary>
    SignIn,

    /// <summary>To have the DID linked to the user who is signed in.</summary>
    Link,
}

/// <summary>How purposes are written.</summary>
public static class DidSignInPurposes
{
    /// <summary><c>sign-in</c> or <c>link</c>.</summary>
    public static string ToText(this DidSignInPurpose purpose) => purpose switch
    {
        DidSignInPurpose.SignIn => "sign-in",
        DidSignInPurpose.Link => "link",
        _ => throw new UnreachableException(),
    };

    /// <summary>Only what <see cref="ToText"/> writes is read.</summary>
    public static bool TryParse(string? text, out DidSignInPurpose purpose)
    {
        purpose = text == DidSignInPurpose.Link.ToText() ? DidSignInPurpose.Link : DidSignInPurpose.SignIn;
        return text == purpose.ToText();
    }
}

/// <summary>Purposes in JSON: as <see cref="DidSignInPurposes.ToText"/> writes them, nothing else.</summary>
public sealed class DidSignInPurposeJsonConverter : JsonConverter<DidSignInPurpose>
{
    public override DidSignInPurpose Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && DidSignInPurposes.TryParse(reader.GetString(), out var purpose)
            ? purpose
            : throw new JsonException("Not a purpose that a DID is shown for.");

    public override void Write(Utf8JsonWriter writer, DidSignInPurpose value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToText());
}
