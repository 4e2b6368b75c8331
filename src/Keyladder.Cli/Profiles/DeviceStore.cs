using Keyladder.Cli.Terminal;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Cli.Profiles;

/// <summary>Where this device keeps the secret of its own slot: in a file, or in the keyring of the desktop. In one of them, never in both.</summary>
internal abstract class DeviceStore
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    /// <summary>The one that is in use: the profile notes it if it is the keyring.</summary>
    public static DeviceStore Of(Profile profile)
    {
        var keyring = new DeviceKeyring(profile);
        return keyring.Exists ? keyring : new DeviceFile(profile);
    }

    /// <summary>What a person and a program read about where it is: "file" or "keyring".</summary>
    public abstract string Name { get; }

    /// <summary>Whether this device keeps one here. No keyring is asked.</summary>
    public abstract bool Exists { get; }

    /// <summary>Makes the secret and keeps it, where none was; it is there before this returns.</summary>
    public abstract Task<DeviceSecret> CreateAsync(CancellationToken cancellationToken);

    /// <exception cref="Failure">It is not there, not a device's secret, or out of reach.</exception>
    public abstract Task<DeviceSecret> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Wherever it is: from here on this device has none.</summary>
    /// <returns>Null; or the keyring's entry, where the keyring could not be brought to remove it.</returns>
    public static async Task<string?> RemoveAsync(Profile profile, CancellationToken cancellationToken)
    {
        new DeviceFile(profile).Remove();
        return await new DeviceKeyring(profile).RemoveAsync(cancellationToken);
    }

    /// <param name="entry">What <see cref="RemoveAsync"/> returned.</param>
    public static void SayThatItStays(string? entry)
    {
        if (entry is not null)
            Screen.Say($"An entry stays in the keyring, which is locked or out of reach. Remove it once the keyring is unlocked: {DeviceKeyring.ByHand(entry)}");
    }

    /// <summary>Says why nothing happens, when nothing does: the question stands on the desktop, which may be another screen than this one.</summary>
    public async Task<T> WaitAsync<T>(Task<T> work, CancellationToken cancellationToken)
    {
        if (this is DeviceKeyring && await Task.WhenAny(work, Task.Delay(Silence, cancellationToken)) != work && !cancellationToken.IsCancellationRequested)
            Screen.Say("Still waiting: a keyring that is locked asks for its password on the desktop.");
        return await work;
    }
}
