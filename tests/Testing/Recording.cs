using System.Text.Json.Nodes;

namespace Keyladder.Testing;

/// <summary>One call that passed a <see cref="LyingProxy"/>: method and path, what was sent, and what the service genuinely answered.</summary>
/// <param name="Head">Method, path and query, as they went over the wire and as they read, and the header fields.</param>
public sealed record PassedCall(string Call, string Head, byte[] Request, byte[] Answer);

/// <summary>Genuine traffic in order. What a hostile service has at hand when it answers another person, or at another moment.</summary>
public sealed class Recording(IReadOnlyList<PassedCall> passed)
{
    public IReadOnlyList<PassedCall> All => passed;

    public IReadOnlyList<string> Calls => [.. passed.Select(one => one.Call)];

    /// <summary>The answer to the last such call.</summary>
    public JsonObject Answer(string call) => JsonNode.Parse(Last(call).Answer)!.AsObject();

    /// <summary>The answers to all such calls.</summary>
    public IEnumerable<JsonObject> Answers(string call) => passed.Where(one => one.Call == call).Select(one => JsonNode.Parse(one.Answer)!.AsObject());

    /// <summary>What was sent in the last such call.</summary>
    public byte[] Request(string call) => Last(call).Request;

    private PassedCall Last(string call) => passed.Last(one => one.Call == call);
}
