using Keyladder.Cli.Agent;
using Keyladder.Cli.Commands;
using Keyladder.Client;

namespace Keyladder.Cli;

/// <summary>What the process says by its exit code; the table in docs/guide/cli.md is made of these.</summary>
internal enum ExitCode
{
    Done = 0,
    Unexpected = 1,
    Usage = 2,
    SignInFailed = 3,
    Locked = 4,
    NotFound = 5,
    Refused = 6,
    Alarm = 7,
    Unreachable = 8,
    TryAgain = 9,
    Cancelled = 130,
}

/// <summary>A failure as a person reads it: one line what happened, one line what to do.</summary>
internal sealed class Failure(ExitCode code, string what, string next) : Exception(what)
{
    public ExitCode Code { get; } = code;

    public string Next { get; } = next;

    /// <summary>What to ask the person, after a restore that they have not chosen about yet.</summary>
    public RestoreQuestion? Restored { get; init; }

    public static Failure WentBack(RestoredException e, RestoreQuestion question)
    {
        var (command, held, nothing) = e.Vault is null
            ? ("unlock", "is still open here", "Nothing is open here that could be put back: begin on a device where it is.")
            : ("vault open", "this device holds", "This device holds no copy that could be put back: begin on one that does.");
        var next = question.WentBack is not null
            ? $"To go back and put back what {held}: keyladder {command} --put-back {e.Choice}; to go back and lose it: keyladder {command} --accept-restore {e.Choice}"
            : $"{nothing} To go back and lose it: keyladder {command} --accept-restore {e.Choice}";
        return new(ExitCode.Alarm, e.Message, $"{e.NextStep} {next}") { Restored = question };
    }

    public static Failure Usage(string what, string next) => new(ExitCode.Usage, what, next);

    public static Failure Locked() =>
        new(ExitCode.Locked, "The account is locked on this device.", "Run `keyladder unlock`, then the command again.");
}
