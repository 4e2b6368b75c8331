using Keyladder.Cryptography;

namespace Keyladder.Client;

/// <summary>One item that went back with a restored Vault.</summary>
/// <param name="Change">What became of it.</param>
/// <param name="Held">The item as this device holds it; null where it holds none.</param>
/// <param name="Shown">The item as the Vault shows it; null where it shows none.</param>
public sealed record ItemDifference(RestoreChange Change, VaultItem? Held, VaultItem? Shown)
{
    /// <summary>Whether it is again as this device holds it, but for what it <see cref="Lacks"/>; false where that was not tried or cannot be.</summary>
    public bool IsPutBack { get; init; }

    /// <summary>
    /// Where both had been changed, the version that is at the Vault stays, and this is the item that holds this device's; null else.
    /// </summary>
    public ItemId? Conflict { get; init; }

    /// <summary>Names of the attachments that could not be put back: the Vault keeps their content no more, and no device does.</summary>
    public IReadOnlyList<string> Lacks { get; init; } = [];

    /// <summary>The item's id.</summary>
    public ItemId Id => (Held ?? Shown)!.Id;
}
