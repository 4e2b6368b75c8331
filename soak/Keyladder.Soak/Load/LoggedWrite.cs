using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Soak.Load;

internal enum Outcome
{
    /// <summary>The call returned: the write is promised.</summary>
    Acknowledged,

    /// <summary>The call said that nothing was done.</summary>
    Refused,

    /// <summary>No answer came: it may have landed or not.</summary>
    Unanswered,
}

internal enum Kind
{
    Create,
    Rename,
    SetState,
    Delete,
}

/// <summary>One write of a client, as the client saw it.</summary>
/// <param name="Key">What it was about.</param>
/// <param name="Kind">What it was to do.</param>
/// <param name="Outcome">What the client was told.</param>
/// <param name="Heads">The heads that it sent, each a JWS, the last one last; none for a write that found nothing to do, or got no further than reading.</param>
/// <param name="Label">After <see cref="Kind.Create"/> and <see cref="Kind.Rename"/>.</param>
/// <param name="State">After <see cref="Kind.Create"/> and <see cref="Kind.SetState"/>.</param>
internal sealed record LoggedWrite(KeyId Key, Kind Kind, Outcome Outcome, IReadOnlyList<string> Heads, string? Label = null, KeyState? State = null);

/// <summary>What is there when nobody writes any more.</summary>
/// <param name="Keys">As a fresh client sees them that unlocked with the words.</param>
/// <param name="Heads">As the service's database holds them, by number.</param>
internal sealed record Remains(IReadOnlyDictionary<KeyId, (string? Label, KeyState State)> Keys, IReadOnlyDictionary<long, string> Heads);
