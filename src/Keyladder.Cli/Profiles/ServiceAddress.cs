using Keyladder.Client;

namespace Keyladder.Cli.Profiles;

/// <summary>The service that a profile belongs to.</summary>
internal static class ServiceAddress
{
    /// <summary><c>--server</c> if it is given, else the profile's.</summary>
    public static string Of(string? option, Profile profile)
    {
        var address = option ?? profile.ReadSettings()?.Server
            ?? throw Failure.Usage("This device does not know the service yet.", "Give its address: --server https://keys.example.org");
        using var client = Connect(address, profile);
        return client.Address.GetLeftPart(UriPartial.Authority);
    }

    /// <summary>A Passphrase Store, which is no account's service.</summary>
    public static PassphraseStore ConnectStore(string address)
    {
        try
        {
            return new PassphraseStore(new Uri(address, UriKind.Absolute));
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException)
        {
            throw Failure.Usage(
                "The Passphrase Store's address must start with https:// and hold nothing but host and port; http:// is for this machine only.",
                "Give it like this: --store https://passphrases.example.org");
        }
    }

    /// <param name="address">As above.</param>
    /// <param name="profile">Has the pins, and the copies of Vaults.</param>
    /// <param name="opensCopies">False beside the agent, which may hold them: one program at a time does.</param>
    public static KeyladderClient Connect(string address, Profile profile, bool opensCopies = true)
    {
        try
        {
            return new KeyladderClient(new Uri(address, UriKind.Absolute), new FilePinStore(profile.Pins)) { Store = !opensCopies || profile.ReadSettings()?.NoCopy is true ? null : new LocalStore(profile.Copies) };
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException)
        {
            throw Failure.Usage(
                "The service's address must start with https:// and hold nothing but host and port; http:// is for this machine only.",
                "Give it like this: --server https://keys.example.org");
        }
    }
}
