using System.Globalization;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.Client;

/// <summary>What a recovery says when it fails: one sentence what happened, one what to do.</summary>
internal static class RecoveryFailures
{
    /// <returns>Null where a refusal means what it means at every service.</returns>
    public static KeyladderException? TryRefuse(ServiceKind kind, Call call, ProblemMessage? problem) => problem?.Type switch
    {
        ProblemTypes.SignInFailed => new KeyladderException(
            FailureReason.SignInFailed,
            "The code from the mail is not right, has been used, or is older than ten minutes.",
            "Ask for a new code: it ends the one before. Five wrong ones end a code."),
        ProblemTypes.SignInRequired => new RefusedException(
            FailureReason.SessionEnded,
            problem,
            kind == ServiceKind.Guardian
                ? "The Guardian does not know this key: the record was changed or withdrawn."
                : "The Passphrase Store does not know this key: the record was changed or withdrawn, or this device is no longer one of its devices.",
            "Open the record once more with username and password."),
        ProblemTypes.RevisionConflict => new RefusedException(
            FailureReason.Conflict, problem, "Another device changed the record at the same time.", "Open it once more with the password that is right now, and try again."),
        ProblemTypes.AccountExists => new KeyladderException(
            FailureReason.AccountExists, $"The {Name(kind)} has a record of this name already.", "Try again: a new record gets a new name."),
        ProblemTypes.NotFound => new RefusedException(
            FailureReason.NotFound, problem, $"What answers {call} is no {Name(kind)}, or has no such device.", "Check the address with the service's operator."),
        _ => null,
    };

    /// <summary>A guess within the wait of a service: it was not taken.</summary>
    public static KeyladderException Wait(ServiceHttp http, KeyladderException cause) => new(
        FailureReason.TooManyRequests,
        $"The {Name(http.Kind)} takes no password now: {RecoveryLimits.FreeGuesses} wrong ones were tried for this name, and each further one doubles the wait; or very many came from this network. This one was not counted.",
        AfterWait(cause.RetryAfter))
    {
        RetryAfter = cause.RetryAfter,
    };

    public static KeyladderException WrongPassword() => new(
        FailureReason.SignInFailed,
        "Nothing opens with this username and this password here.",
        $"Check both, and the Passphrase Store's address. {RecoveryLimits.FreeGuesses} wrong ones are free for a name, those of other devices among them; then each wait is twice the one before.");

    public static KeyladderException WrongRecoveryCode() => new(
        FailureReason.SignInFailed,
        "The recovery code is not the one of this record.",
        "Take the code that was shown last: each change of the password makes a new one. A known device has it too.");

    /// <summary>The same failure, after a code from the mail was taken: what comes next needs another one.</summary>
    public static KeyladderException CodeUsedUp(KeyladderException cause) => new(
        cause.Reason, cause.Message, $"{cause.NextStep} The code from the mail is used up: have a new one sent.", cause)
    {
        RetryAfter = cause.RetryAfter,
    };

    public static KeyladderException NoElement(ServiceKind kind, Exception inner) => new(
        FailureReason.InvalidAnswer,
        $"The {Name(kind)}'s answer holds no element that it may hold.",
        "The service is broken or plays tricks: tell its operator. Nothing was opened, and nothing has changed.",
        inner);

    public static IntegrityException OtherGuardian() => new(
        Alarm.ObjectInvalid,
        "the Guardian",
        "The Passphrase Store names another Guardian than the one that this record has. Nothing was sent there.",
        nextStep: "Give no password to this Store. Ask its operator, and the Guardian's, what happened.");

    public static IntegrityException OtherRecord() => new(
        Alarm.ObjectInvalid,
        "the record",
        "The Passphrase Store shows another record than the one that this device knows.",
        nextStep: "Give no password to this Store, and write nothing into the account it leads to. Ask its operator what happened.");

    public static IntegrityException OtherAccount() => new(
        Alarm.ObjectInvalid,
        "the kit",
        "The kit leads to another account than the one that it names, or that this device knows.",
        nextStep: "Write nothing into the account it leads to: somebody may have put it there to read it. Ask the Passphrase Store's operator what happened.");

    public static IntegrityException DoesNotOpen(Exception inner) => new(
        Alarm.DoesNotOpen,
        "the kit",
        "The password is right, and the kit that the Passphrase Store shows with it does not open: it was swapped or damaged.",
        inner,
        "Nothing has changed. Ask the Passphrase Store's operator what happened; the words on paper open the account without it.");

    public static KeyladderException InsecureGuardian() => new(
        FailureReason.InvalidAnswer, "The Passphrase Store names a Guardian at an address that is none, not a safe one, or its own.", "Tell the Store's operator. Nothing was sent there.");

    public static KeyladderException OtherWords() => new(
        FailureReason.NotAllowed,
        "These words are not what unlocked the account here.",
        "Unlock the account with the words that are to come back, and enrol those.");

    public static KeyladderException CodeNotSame() => new(
        FailureReason.SecretsDiffer, "The recovery code that was typed again is not the same.", "Nothing has changed. Write it down once more, and type it from paper.");

    public static KeyladderException OtherService(Uri keystore) => new(
        FailureReason.OtherAccount, $"The account is at {keystore.GetLeftPart(UriPartial.Authority)}.", "Unlock it there.");

    public static KeyladderException ChangeUnknown(Exception inner) => new(
        FailureReason.OutcomeUnknown,
        "The connection was lost while the record was written; whether it happened is not known.",
        "Keep both recovery codes. Open the record with the new password; if that fails, the old one is still right, with the old code.",
        inner);

    /// <summary>The same failure, with what it means here.</summary>
    public static KeyladderException Unreachable(ServiceHttp http, KeyladderException cause) => new(
        FailureReason.Unreachable,
        $"The {Name(http.Kind)} at {http.Origin.Address.GetLeftPart(UriPartial.Authority)} did not answer.",
        "Nothing has changed, and nothing opens without it. Check the connection and try again later; the words on paper open the account without it.",
        cause);

    private static string AfterWait(TimeSpan? wait) => wait is { } known
        ? string.Create(CultureInfo.InvariantCulture, $"Wait {Math.Ceiling(known.TotalSeconds)} seconds, or reset the password with a code by mail and the recovery code.")
        : "Wait, or reset the password with a code by mail and the recovery code.";

    private static string Name(ServiceKind kind) => kind == ServiceKind.Guardian ? "Guardian" : "Passphrase Store";
}
