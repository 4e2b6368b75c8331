namespace Keyladder.Hosting.Limits;

/// <summary>How much of a service one address, one account and one guest may use (docs/decisions/0011-where-limits-are-counted.md).</summary>
public sealed record LimitOptions
{
    /// <summary>Calls without a signature that one address may make in a minute, at each process.</summary>
    public int Unsigned { get; init; } = 120;

    /// <summary>Signed calls that one account may make in a minute, at each process.</summary>
    public int Signed { get; init; } = 1_200;

    /// <summary>Calls that the guest of one channel, record or device may make in a minute, at each process.</summary>
    public int Guest { get; init; } = 120;

    /// <summary>Failed sign-ins with one slot in an hour before the waits begin.</summary>
    public int FailuresPerSlot { get; init; } = 5;

    /// <summary>Failed sign-ins from one address in an hour before the waits begin.</summary>
    public int FailuresPerAddress { get; init; } = 20;

    /// <summary>Sign-ups that one address may try in an hour, those that are refused included.</summary>
    public int SignUps { get; init; } = 20;

    /// <summary>Records of recovery that one address may try to make in an hour.</summary>
    public int RecoveryRecords { get; init; } = 20;

    internal IEnumerable<(string Name, int Value)> All =>
    [
        (nameof(Unsigned), Unsigned), (nameof(Signed), Signed), (nameof(Guest), Guest), (nameof(FailuresPerSlot), FailuresPerSlot),
        (nameof(FailuresPerAddress), FailuresPerAddress), (nameof(SignUps), SignUps), (nameof(RecoveryRecords), RecoveryRecords),
    ];
}
