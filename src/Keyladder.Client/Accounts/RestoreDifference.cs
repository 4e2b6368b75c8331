namespace Keyladder.Client;

/// <summary>How what a service shows after a restore differs from what an account that is still open here holds.</summary>
public enum RestoreChange
{
    /// <summary>Gone: the key is not there, the secret opens the account no more.</summary>
    Missing,

    /// <summary>There, with an older label or state.</summary>
    Older,

    /// <summary>Back: the key had been deleted, the secret had been removed or replaced and opens the account again.</summary>
    Returned,

    /// <summary>There and not known here: made on another device since the restore, or deleted before. It is left alone.</summary>
    Unknown,
}

/// <summary>One thing that went back with a restored service: a key or a secret.</summary>
/// <param name="Change">What became of it.</param>
/// <param name="Held">The key as this device holds it; null where it holds none, and for a secret.</param>
/// <param name="Shown">The key as the service shows it; null where it shows none, and for a secret.</param>
/// <param name="Secret">The way to unlock; null for a key.</param>
public sealed record RestoreDifference(RestoreChange Change, AccountKey? Held, AccountKey? Shown, UnlockMethod? Secret)
{
    /// <summary>Whether it is again as this device holds it; false where that was not tried or cannot be.</summary>
    public bool IsPutBack { get; init; }
}
