using System.Diagnostics;

namespace Keyladder.Keys.Envelopes;

/// <summary>
/// What may still be done with a key (docs/spec/key-hierarchy.md section 5, after NIST SP 800-57 part 1). A destroyed key is one that has
/// been deleted.
/// </summary>
public enum KeyState
{
    /// <summary>Does nothing yet.</summary>
    PreActivation,

    /// <summary>Seals, opens, signs.</summary>
    Active,

    /// <summary>Opens what it sealed; seals and signs nothing new.</summary>
    Deactivated,

    /// <summary>As <see cref="Deactivated"/>; others may hold the key.</summary>
    Compromised,
}

/// <summary>How states are written, what they allow, and how they follow each other.</summary>
public static class KeyStates
{
    /// <summary>As in overviews.</summary>
    public static string ToText(this KeyState state) => state switch
    {
        KeyState.PreActivation => "pre-activation",
        KeyState.Active => "active",
        KeyState.Deactivated => "deactivated",
        KeyState.Compromised => "compromised",
        _ => throw new UnreachableException(),
    };

    public static bool TryParse(string? text, out KeyState state)
    {
        foreach (var known in Enum.GetValues<KeyState>())
        {
            if (known.ToText() == text)
            {
                state = known;
                return true;
            }
        }

        state = default;
        return false;
    }

    /// <summary>Whether a key in this state protects anything new: seals, signs.</summary>
    public static bool AllowsSealing(this KeyState state) => state == KeyState.Active;

    /// <summary>Whether a key in this state processes what was protected before: opens.</summary>
    public static bool AllowsOpening(this KeyState state) => state != KeyState.PreActivation;

    /// <summary>No way leads back: a state is only ever followed by a stricter one, after activation.</summary>
    public static bool CanBecome(this KeyState state, KeyState next) => (state, next) switch
    {
        (KeyState.PreActivation, KeyState.Active or KeyState.Compromised) => true,
        (KeyState.Active, KeyState.Deactivated or KeyState.Compromised) => true,
        (KeyState.Deactivated, KeyState.Compromised) => true,
        _ => false,
    };
}
