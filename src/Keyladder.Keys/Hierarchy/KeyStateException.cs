using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>The state of a key does not allow what was asked of it (docs/spec/key-hierarchy.md section 5).</summary>
public sealed class KeyStateException : InvalidOperationException
{
    internal KeyStateException(KeyState state, string use)
        : base($"A key whose state is {state.ToText()} {use}.") => State = state;

    internal KeyStateException(KeyState state, KeyState next)
        : base($"A key whose state is {state.ToText()} cannot become {next.ToText()}.") => State = state;

    /// <summary>The state that the key has.</summary>
    public KeyState State { get; }
}
