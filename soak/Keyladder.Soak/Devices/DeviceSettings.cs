namespace Keyladder.Soak.Devices;

/// <summary>What a device is told on its standard input before anything else: one line of JSON. Its secret stands in no argument.</summary>
/// <param name="Device">Number of it.</param>
/// <param name="Start">How often it has been started before.</param>
/// <param name="Seed">Of its choices.</param>
/// <param name="Secret">That opens the account.</param>
/// <param name="Keystore">Its origin, behind which nothing listens.</param>
/// <param name="KeystorePort">Where this device reaches it.</param>
/// <param name="Vault">Likewise.</param>
/// <param name="VaultPort">Likewise.</param>
/// <param name="Folder">Its disk: pins, copy and logs.</param>
internal sealed record DeviceSettings(int Device, int Start, ulong Seed, byte[] Secret, Uri Keystore, int KeystorePort, Uri Vault, int VaultPort, string Folder)
{
    public string Pins => Path.Combine(Folder, "pins");

    public string Copies => Path.Combine(Folder, "copies");

    public string Log => Path.Combine(Folder, $"log-{Start:D4}");

    /// <summary>What it shows at the end.</summary>
    public string Picture => Path.Combine(Folder, "picture");
}
