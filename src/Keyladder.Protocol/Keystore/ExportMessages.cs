namespace Keyladder.Protocol.Keystore;

/// <summary>
/// The first line of an account's export (docs/spec/export.md). A <see cref="KeyMessage"/> stands on each line that follows.
/// </summary>
/// <param name="Format"><see cref="Version1"/>.</param>
/// <param name="Account">Whose keys these are.</param>
/// <param name="Slot">The one whose secret opens the export; without its locator.</param>
/// <param name="Identity">The identity keypair.</param>
/// <param name="Head">The newest head, which signs for the identity keypair and every key that follows.</param>
public sealed record AccountExportMessage(string Format, Guid Account, SlotMessage Slot, KeyMessage Identity, string Head)
{
    public const string Version1 = "keyladder-account/v1";
}
