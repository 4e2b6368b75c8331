using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Client;

/// <summary>What the failures around key files say: one sentence what happened, one what to do.</summary>
internal static class KeyFileFailures
{
    private const string Another = "write the application another one (`keyladder device add --key-file FILE`), and remove the device of this one.";

    public static KeyladderException Missing(string path, Exception inner) =>
        Failures.NotAllowed($"There is no key file {path}.", "Check the path, and that the file was brought to this machine.", inner);

    public static KeyladderException Unreadable(string path, Exception inner) =>
        Failures.NotAllowed($"The key file {path} cannot be read.", "Check that it is the application's own user who owns it.", inner);

    public static KeyladderException OthersCanRead(string path) => Failures.NotAllowed(
        $"Others can read the key file {path}.",
        $"If nobody did, close it with `chmod 600 '{path}'`. If somebody may have: " + Another);

    public static KeyladderException Faulty(string path, KeyFileFault fault) => fault switch
    {
        KeyFileFault.NotAKeyFile => Failures.NotAllowed($"{path} is no key file.", "Check the path: a key file begins with its own name."),
        KeyFileFault.Version => Failures.NotAllowed($"The key file {path} is of a version that this program does not know.", "Update the application."),
        _ => Failures.NotAllowed($"The key file {path} is not as it was written: it was cut or changed.", "Copy it again from where it was made. If it is damaged there too: " + Another),
    };

    public static KeyladderException NotWritten(string path, Exception inner) =>
        Failures.NotAllowed($"{path} cannot be written, or is there already.", "Choose a file that is not there, in a folder that you may write to.", inner);

    public static KeyladderException NotForThis(Origin service, Exception inner) => Failures.NotAllowed(
        $"A key file cannot be for the service at {service}.", "Its address has to be https, or on this machine, and of usual length.", inner);

    /// <param name="service">As the file has it.</param>
    /// <param name="inner">What the service said.</param>
    public static KeyladderException OpensNothing(Origin service, Exception inner) => new(
        FailureReason.SignInFailed,
        $"The key file is whole, and no account at {service} opens with it: its device was removed there, or that is another service than the one it was made for.",
        "Look at `keyladder device list` of the application's account. Where the device was removed, give the application a new key file.",
        inner);
}
