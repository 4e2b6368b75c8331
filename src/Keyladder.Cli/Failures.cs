using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Commands;
using Keyladder.Cli.Terminal;
using Keyladder.Client;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Cli;

/// <summary>Every exception as a person reads it. No exception's own text is shown unless it was written for a person: others could quote a secret.</summary>
internal static class Failures
{
    public static Failure From(Exception exception) => exception switch
    {
        Failure failure => failure,
        RestoredException { Vault: not null } e => Failure.WentBack(e, RestoreQuestion.Of(e)),
        RestoredException e => new Failure(
            ExitCode.Alarm,
            e.Message,
            $"{e.NextStep} To go back and put back what is still open here: keyladder unlock --put-back {e.Choice}; "
            + $"to go back and lose it: keyladder unlock --accept-restore {e.Choice}"),
        IntegrityException { Choice: { } choice } e => new Failure(ExitCode.Alarm, e.Message, $"{e.NextStep} To go on: keyladder vault open --unproven {choice}"),
        KeyladderException e => new Failure(CodeOf(e.Reason), e.Message, e.NextStep),
        KeyStateException e => new Failure(ExitCode.Refused, e.Message, "Use an active key; `keyladder key list` shows the state of each."),
        OperationCanceledException => new Failure(ExitCode.Cancelled, "Stopped.", "Run the command again when you like."),
        CryptographicException => new Failure(
            ExitCode.Refused, "This does not open.", "It was changed or cut, was not made by `keyladder encrypt`, or none of your keys opens it."),
        EndOfStreamException => new Failure(ExitCode.Unexpected, "The data ended too early.", "Run the command again."),
        IOException or UnauthorizedAccessException => new Failure(
            ExitCode.Unexpected, "A file or a connection failed.", "Check that there is room, that you may read and write there, and run the command again."),
        _ => new Failure(ExitCode.Unexpected, $"Something failed that should not ({exception.GetType().Name}).", "Please report this, with the command and without any secret."),
    };

    /// <summary>Two lines on standard error, or one JSON document there; and the exit code.</summary>
    public static int Report(Failure failure)
    {
        if (Screen.IsJson)
        {
            var document = new JsonObject
            {
                ["type"] = JsonNamingPolicy.KebabCaseLower.ConvertName(failure.Code.ToString()),
                ["what"] = failure.Message,
                ["do"] = failure.Next,
                ["exitCode"] = (int)failure.Code,
            };
            if (failure.Restored is not null)
                document["restored"] = Screen.ToJson(failure.Restored);
            Screen.ShowFailure(document);
            return (int)failure.Code;
        }

        Screen.Say($"keyladder: {failure.Message}");
        Screen.Say($"           {failure.Next}");
        return (int)failure.Code;
    }

    private static ExitCode CodeOf(FailureReason reason) => reason switch
    {
        FailureReason.Unreachable => ExitCode.Unreachable,
        FailureReason.SignInFailed or FailureReason.SessionEnded or FailureReason.OtherAccount => ExitCode.SignInFailed,
        FailureReason.NotFound or FailureReason.StoreUnusable => ExitCode.NotFound,
        FailureReason.NotAllowed or FailureReason.SignUpClosed or FailureReason.QuotaExceeded => ExitCode.Refused,
        FailureReason.Conflict or FailureReason.TooManyRequests => ExitCode.TryAgain,
        FailureReason.Integrity or FailureReason.InvalidAnswer or FailureReason.Restored => ExitCode.Alarm,
        FailureReason.SecretsDiffer or FailureReason.AccountExists => ExitCode.Usage,
        _ => ExitCode.Unexpected,
    };
}
