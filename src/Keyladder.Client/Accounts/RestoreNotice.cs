using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>
/// What the person is to be told after unlocking, or of an open Vault: a backup was restored at the service (docs/spec/heads.md section 6). There is nothing to
/// choose: the account itself has answered for what went back, or nothing that this device has seen did.
/// </summary>
public sealed record RestoreNotice
{
    private RestoreNotice(long seen, long shown, bool isLossHere, string message) =>
        (Seen, Shown, IsLossHere, Message) = (seen, shown, isLossHere, message);

    /// <summary>Number of the newest head that was given up; 0 where none is known.</summary>
    public long Seen { get; }

    /// <summary>Number of the head that the account went on from; 0 where none was given up.</summary>
    public long Shown { get; }

    /// <summary>Whether this device had seen what was given up. What an account that is still open here holds of it can be put back:
    /// <see cref="Restoration.PutBackAsync"/>; of a Vault, what this device's copy holds: <see cref="VaultRestoration.PutBackAsync"/>.</summary>
    public bool IsLossHere { get; }

    /// <summary>One or two sentences for the person.</summary>
    public string Message { get; }

    /// <summary>For a device whose pin the account has given up.</summary>
    internal static RestoreNotice Of(HeadPin pin, LostHead lost) => new(
        pin.Number,
        lost.Follows,
        isLossHere: true,
        $"A backup was restored at the service: the account went back from change {pin.Number}{On(pin.Day)}, which this device had seen, "
        + $"to change {lost.Follows}. That was chosen already, and this device follows.");

    /// <param name="pin">From before, which the head follows.</param>
    /// <param name="head">As accepted.</param>
    /// <param name="restored">The restore number that the service showed.</param>
    /// <returns>Null where there is nothing new to tell.</returns>
    internal static RestoreNotice? Of(HeadPin pin, Head head, long restored)
    {
        if (pin.Number == 0)
            return null;
        if (head.Lost?.FirstOrDefault(lost => lost.Follows >= pin.Number) is { } lost)
        {
            return new(
                lost.Number,
                lost.Follows,
                isLossHere: false,
                $"A backup was restored at the service: the account went back from change {lost.Number} to change {lost.Follows}, as was "
                + "chosen on another device. Nothing that this device had seen is lost.");
        }

        return restored > pin.Restored
            ? new(0, 0, isLossHere: false, "The service says that a backup was restored. Nothing that this device has seen is lost.")
            : null;
    }

    /// <summary>" of" and the day, or nothing where it is not known.</summary>
    internal static string On(DateOnly? day) => day is { } known ? $" of {known:yyyy-MM-dd}" : "";
}
