using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Protocol;

namespace Keyladder.Client;

/// <summary>What the failures of a call say: one sentence what happened, one what to do. Nothing of an answer's text is repeated.</summary>
internal static class Failures
{
    private const string TryLater = "Check the address and the connection, then try again.";
    private const string TellOperator = "Check that the address is the right one; if it is, tell the service's operator.";
    private const string UpdateClient = "Update this program; if it is the newest, report this as a fault.";

    public static KeyladderException Unreachable(Call call, Uri address, Exception? inner) =>
        new(FailureReason.Unreachable, $"The service at {address.GetLeftPart(UriPartial.Authority)} did not answer {call}.", TryLater, inner);

    public static KeyladderException InvalidAnswer(Call call, string what, Exception? inner = null) =>
        new(FailureReason.InvalidAnswer, $"The service's answer to {call} {what}.", TellOperator, inner);

    public static KeyladderException SessionEnded(ServiceKind kind) =>
        new(
            FailureReason.SessionEnded,
            kind == ServiceKind.Keystore
                ? "The session has ended, and the service no longer signs in with the secret that unlocked the account."
                : "The session has ended, and the Vault no longer signs in with the key that the account has for it.",
            "Unlock the account again.");

    public static KeyladderException UnlockMethodRemoved() =>
        new(
            FailureReason.SessionEnded,
            "The way this account was unlocked here has been removed from it.",
            "Unlock it with another of its secrets.");

    public static KeyladderException Conflict() =>
        new(FailureReason.Conflict, "Others changed the account each time this device tried.", "Try again.");

    public static KeyladderException NoSuchKey(KeyId id) =>
        new(FailureReason.NotFound, $"The account has no key {id}.", "List the keys to see which there are.");

    public static KeyladderException NotThisVault(Uri address, KeyladderException cause) =>
        new(
            FailureReason.NotFound,
            $"What answers at {address.GetLeftPart(UriPartial.Authority)} is no Vault that goes by this address.",
            "Check the address with the Vault's operator: host and port count, and `localhost` is not `127.0.0.1`. If it is right, update this program. The account is as it was.",
            cause);

    public static KeyladderException NoVault(Uri address) =>
        new(
            FailureReason.NotFound,
            $"The account has no Vault at {address.GetLeftPart(UriPartial.Authority)}.",
            "Check the address, or create a Vault there.");

    public static KeyladderException VaultKeyNotThere() =>
        new(
            FailureReason.NotAllowed,
            "Another device has replaced the key that seals for this Vault, and the Keystore does not show the new one. Nothing was written.",
            "Try again. If it stays so, the key was deleted, or the Keystore withholds it: replacing the key once more makes another.");

    public static KeyladderException NoSuchItem(ItemId id) =>
        new(FailureReason.NotFound, $"The Vault has no item {id}.", "List the items to see which there are.");

    public static KeyladderException ItemChanged(ItemId id) =>
        new(
            FailureReason.Conflict,
            $"Item {id} has been changed since it was read here; nothing was deleted.",
            "Look at it as it is now, and delete it then.");

    public static KeyladderException NothingKept() => new(
        FailureReason.SignInFailed,
        "This device has kept nothing that this secret opens.",
        "Check the secret. If it is right, unlock the account once while the service can be reached, and open its Vault.");

    public static KeyladderException StoreInUse(string path, Exception inner) => new(
        FailureReason.StoreUnusable,
        $"The Vault's copy on this device, {path}, is in use by another program, or cannot be opened.",
        "Close the other program, or look after the folder and its permissions. Without a local store the Vault opens as before.",
        inner);

    public static KeyladderException StoreUnusable(string path, Exception inner) => new(
        FailureReason.StoreUnusable,
        $"The Vault's copy on this device, {path}, cannot be read or written.",
        "Look after the disk and the folder, then try again. What had been stored at the Vault is there.",
        inner);

    public static KeyladderException StoreDamaged(string path, Exception? inner = null) => new(
        FailureReason.StoreUnusable,
        $"The Vault's copy on this device, {path}, is damaged, or not this account's.",
        "Move the file away, and the copy is made anew. Changes that this device had not sent yet were in it alone.",
        inner);

    public static KeyladderException UploadEnded() =>
        new(
            FailureReason.NotFound,
            "The Vault no longer keeps what was sent of the attachment: it was broken off too long ago.",
            "Begin it again; nothing else has changed.");

    public static KeyladderException NotASealedFile() =>
        new(FailureReason.NotAllowed, "This is not a file that Keyladder sealed.", "Check that it is the right file and that it is whole.");

    public static KeyladderException NoKeyForFile() =>
        new(FailureReason.NotFound, "No key of this account sealed this file.", "Check whose file it is; the key may have been deleted.");

    public static KeyladderException OtherAccount() =>
        new(
            FailureReason.OtherAccount,
            "This secret opens another account than the one that was asked for.",
            "Use the secret of this account, or ask for the other one.");

    public static KeyladderException SecretsDiffer() =>
        new(
            FailureReason.SecretsDiffer,
            "The secret that was typed again is not the same.",
            "Nothing has changed; type it twice once more.");

    public static KeyladderException OutcomeUnknown(Exception inner) => new(
        FailureReason.OutcomeUnknown,
        "The connection was lost while the ways to unlock the account were changed; whether it happened is not known.",
        "Keep both secrets. Unlock with the new one; if that fails, the old one is still right.",
        inner);

    public static KeyladderException DeletionUnknown(ServiceKind kind, Exception inner) => new(
        FailureReason.OutcomeUnknown,
        "The connection was lost while the account was deleted; whether it happened is not known.",
        kind == ServiceKind.Keystore
            ? "Unlock the account: if the service knows no account for the secret, it is deleted; if it opens, delete it again."
            : "Open the Vault: if it has no account for the key any more, it is deleted; if it opens, delete it again.",
        inner);

    public static KeyladderException NotAnExport() =>
        new(
            FailureReason.NotAllowed,
            "This is not an account's export, or not a whole one.",
            "Check that it is the right file and that it is whole. Nothing was sent.");

    /// <param name="what">A clause: what in it is not as it must be.</param>
    /// <param name="inner">Null where there is none.</param>
    public static KeyladderException ExportAltered(string what, Exception? inner = null) =>
        new(
            FailureReason.NotAllowed,
            $"The export is not the account as it was signed: {what}.",
            "It was changed or damaged: take another copy of it, or export the account again. Nothing was sent.",
            inner);

    public static KeyladderException ExportOfOtherSecret() =>
        new(
            FailureReason.NotAllowed,
            "This secret does not open the export.",
            "Use the secret that unlocked the account when it was exported, or export it again with this one.");

    public static KeyladderException NotAVaultExport() =>
        new(
            FailureReason.NotAllowed,
            "This is not a Vault's export, or not a whole one.",
            "Check that it is the right file and that it is whole, or take another copy of it.");

    /// <param name="what">A clause: what in it is not as it must be.</param>
    /// <param name="inner">Null where there is none.</param>
    public static KeyladderException VaultExportAltered(string what, Exception? inner = null) =>
        new(
            FailureReason.NotAllowed,
            $"The export is not the Vault as it was signed: {what}.",
            "It was changed or damaged: take another copy of it, or export the Vault again.",
            inner);

    public static KeyladderException AccountTaken(Exception? inner = null) =>
        new(
            FailureReason.AccountExists,
            "This service has an account with this id already, and the secret of the export does not open it.",
            "If you have brought it here before, unlock it with the secret that it has here. If not, somebody took its id: tell the service's "
            + "operator, and bring the account to another service.",
            inner);

    public static KeyladderException SecretOfOtherAccount(Exception inner) =>
        new(
            FailureReason.AccountExists,
            "This secret opens another account at this service already.",
            "Change the secret of the account where it is now, export it again, and import it with the new one.",
            inner);

    private static string When(TimeSpan? wait) => wait switch
    {
        null => "later",
        { TotalSeconds: < 2 } => "in a second",
        { TotalSeconds: < 120 } => string.Create(CultureInfo.InvariantCulture, $"in {Math.Ceiling(wait.Value.TotalSeconds)} seconds"),
        _ => string.Create(CultureInfo.InvariantCulture, $"in {Math.Ceiling(wait.Value.TotalMinutes)} minutes"),
    };

    public static KeyladderException NotAllowed(string whatHappened, string nextStep, Exception? inner = null) =>
        new(FailureReason.NotAllowed, whatHappened, nextStep, inner);

    /// <param name="wait">Null where the service does not say.</param>
    public static KeyladderException TooManyRequests(TimeSpan? wait) =>
        new(FailureReason.TooManyRequests, "The service has had too many requests.", $"Try again {When(wait)}.") { RetryAfter = wait };

    /// <summary>
    /// A status that the call does not expect; <paramref name="problem"/> is null where the answer held none that could be read, and
    /// <paramref name="wait"/> where it does not say when to come back.
    /// </summary>
    public static KeyladderException Refused(ServiceKind kind, Call call, int status, ProblemMessage? problem, TimeSpan? wait) => problem?.Type switch
    {
        ProblemTypes.TooManyRequests when status == 429 => TooManyRequests(wait),
        _ when kind is ServiceKind.PassphraseStore or ServiceKind.Guardian && RecoveryFailures.TryRefuse(kind, call, problem) is { } refusal => refusal,
        ProblemTypes.SignUpClosed => new(
            FailureReason.SignUpClosed,
            "The service does not let you make an account this way.",
            "Ask its operator for an invitation; one that was used, or is too old, lets nobody in."),
        ProblemTypes.QuotaExceeded => new(
            FailureReason.QuotaExceeded,
            "The account holds as much as this service lets it hold.",
            kind == ServiceKind.Keystore
                ? "Delete keys that nothing needs any more, or ask the service's operator for more room."
                : "Empty the trash, or ask the Vault's operator for more room."),
        ProblemTypes.SignInFailed when kind == ServiceKind.Vault => new(
            FailureReason.SignInFailed,
            "The Vault has no account that the person's key for it opens.",
            "Check the Vault's address; if it is right, ask its operator what became of the account."),
        ProblemTypes.SignInFailed => new(
            FailureReason.SignInFailed,
            "No account at this service opens with this secret.",
            "Check the words, or the passphrase and the Secret Key, and the service's address. It must be the address used at sign-up: localhost and 127.0.0.1, for example, are two."),
        ProblemTypes.SignInRequired => new RefusedException(
            FailureReason.SessionEnded, problem, "The session has ended.", "Unlock the account again."),
        ProblemTypes.ClockSkew or ProblemTypes.NonceExpired => new RefusedException(
            FailureReason.Unreachable,
            problem,
            "The service's clock and this device's do not agree.",
            "Check this device's clock and the connection, then try again."),
        // What is not there is said with a proof; only sessions, which no head covers, are taken for gone at the service's word.
        ProblemTypes.NotFound when call.Method == HttpMethod.Delete => new(
            FailureReason.NotFound, "The service has no such session: it has ended, or never was.", "List the sessions to see which there are."),
        ProblemTypes.NotFound when call.Method == HttpMethod.Get => new RefusedException(
            FailureReason.InvalidAnswer, problem, $"The service has nothing to say to {call}.", TellOperator),
        ProblemTypes.HeadConflict => new RefusedException(
            FailureReason.Conflict, problem, "Another device changed the account at the same time.", "Try again."),
        ProblemTypes.AccountExists when kind == ServiceKind.Vault => new(
            FailureReason.AccountExists,
            "The Vault has another account with this id or this key already.",
            "Try again: a new account gets a new id and new keys."),
        ProblemTypes.AccountExists => new(
            FailureReason.AccountExists,
            "This secret is in use at this service already.",
            "Unlock the account with it, or take another secret."),
        ProblemTypes.Unavailable => new(
            FailureReason.Unreachable,
            "The service cannot answer now: it does not reach its own storage, or that is full.",
            "Try again later; if it stays so, tell the service's operator.") { RetryAfter = wait },
        ProblemTypes.AttachmentMissing => new RefusedException(
            FailureReason.NotFound,
            problem,
            "The Vault no longer keeps an attachment of the item: it was sent too long before the item, or not to its end. Nothing was stored.",
            "Attach it again."),
        ProblemTypes.MalformedRequest
            or ProblemTypes.MethodNotAllowed
            or ProblemTypes.TooLarge
            or ProblemTypes.UnsupportedMediaType
            or ProblemTypes.HeadRejected => new RefusedException(
            FailureReason.Rejected, problem, $"The service refused {call}: {problem.Type[ProblemTypes.Prefix.Length..]}.", UpdateClient),
        _ => status switch
        {
            429 => TooManyRequests(wait),
            502 or 503 or 504 => new(FailureReason.Unreachable, "The service is down or busy.", TryLater) { RetryAfter = wait },
            >= 500 => new(
                FailureReason.ServiceFailed,
                $"The service failed at {call}.",
                "Try again later; if it stays so, tell the service's operator."),
            _ => InvalidAnswer(call, string.Create(CultureInfo.InvariantCulture, $"has the status {status}, which it cannot have")),
        },
    };
}

/// <summary>A refusal whose problem document the client can act on before the app hears of it.</summary>
internal sealed class RefusedException(FailureReason reason, ProblemMessage problem, string whatHappened, string nextStep)
    : KeyladderException(reason, whatHappened, nextStep)
{
    public ProblemMessage Problem { get; } = problem;
}
