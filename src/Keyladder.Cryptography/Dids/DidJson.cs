using System.Text.Json.Serialization;

namespace Keyladder.Cryptography.Dids;

[JsonSerializable(typeof(DidDocument))]
[JsonSerializable(typeof(SignedContent))]
internal sealed partial class DidJson : JsonSerializerContext
{
    public static DidJson Strict { get; } = new(StrictJson.CreateOptions());
}
