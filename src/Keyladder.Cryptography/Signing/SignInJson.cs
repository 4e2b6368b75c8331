using System.Text.Json.Serialization;

namespace Keyladder.Cryptography.Signing;

/// <summary>The payloads of docs/spec/sign-in.md and admission.md as strict JSON, and what their common members must look like.</summary>
[JsonSerializable(typeof(Admission))]
[JsonSerializable(typeof(LoginAssertion))]
[JsonSerializable(typeof(LoginProof))]
internal sealed partial class SignInJson : JsonSerializerContext
{
    private const int LocatorSize = 32;
    private const int MaxNonceLength = 128;

    public static SignInJson Strict { get; } = new(StrictJson.CreateOptions());

    public static bool AreWellFormed(string nonce, byte[] locator) =>
        nonce.Length is > 0 and <= MaxNonceLength && locator.Length == LocatorSize;
}
