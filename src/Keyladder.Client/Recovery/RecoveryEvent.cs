using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.Client;

/// <summary>What happened to a record, as the Passphrase Store tells it.</summary>
/// <param name="Number">From 1, in their order.</param>
/// <param name="Hour">When it began, in UTC.</param>
/// <param name="Kind">One of <see cref="RecoveryEventKinds"/>.</param>
public sealed record RecoveryEvent(long Number, DateTimeOffset Hour, string Kind)
{
    private static readonly string[] Kinds =
    [
        RecoveryEventKinds.Registered, RecoveryEventKinds.CodeSent, RecoveryEventKinds.Released, RecoveryEventKinds.Replaced, RecoveryEventKinds.DeviceAdded,
        RecoveryEventKinds.DeviceRemoved, RecoveryEventKinds.GuessesUsedUp,
    ];

    // The last hour of the year 9999.
    private const long LastHour = 253_402_297_200_000;

    internal static RecoveryEvent Read(Call call, RecoveryEventMessage message) =>
        message.Number > 0 && message.Hour is >= 0 and <= LastHour && Kinds.Contains(message.Kind)
            ? new(message.Number, DateTimeOffset.FromUnixTimeMilliseconds(message.Hour), message.Kind)
            : throw Failures.InvalidAnswer(call, "holds an event that is none");
}
