namespace Keyladder.Client;

/// <summary>Why a call did not do what it was asked for. The table in docs/guide/developers.md says what an app does about each.</summary>
public enum FailureReason
{
    /// <summary>No answer came in time, or a proxy or the service said that the service is down.</summary>
    Unreachable,

    /// <summary>
    /// Something answered, but not as docs/spec/keystore-api.md has it: another kind of service, a broken one, or one that plays tricks.
    /// </summary>
    InvalidAnswer,

    /// <summary>The service failed on its side.</summary>
    ServiceFailed,

    /// <summary>The service refused what this client sent: the two disagree about the protocol.</summary>
    Rejected,

    /// <summary>No account there opens with this secret.</summary>
    SignInFailed,

    /// <summary>The session has ended and this way to unlock does not sign in any more.</summary>
    SessionEnded,

    /// <summary>The secret opens an account, but not the one that was asked for.</summary>
    OtherAccount,

    /// <summary>The account, or this secret at this service, exists already.</summary>
    AccountExists,

    /// <summary>The account has no such key, way to unlock or session; for keys this is proven.</summary>
    NotFound,

    /// <summary>The key's state, purpose or duty does not allow this, or a file is not what it must be.</summary>
    NotAllowed,

    /// <summary>Another device changed the account each time this one tried.</summary>
    Conflict,

    /// <summary>The service takes no calls now, because too many came: see <see cref="KeyladderException.RetryAfter"/>. Nothing was done.</summary>
    TooManyRequests,

    /// <summary>The account holds as much as the service lets it hold. Nothing was written.</summary>
    QuotaExceeded,

    /// <summary>
    /// The service does not let this person make an account: it is closed, or asks for an invitation or admission that was not brought, is
    /// not known there, is used up or has expired; it does not say which. No account was made.
    /// </summary>
    SignUpClosed,

    /// <summary>The secret that was typed again is not the same.</summary>
    SecretsDiffer,

    /// <summary>The connection was lost while a secret was replaced or the account deleted, and the service cannot be asked whether it landed.</summary>
    OutcomeUnknown,

    /// <summary>What this device remembers of the account cannot be read.</summary>
    PinUnreadable,

    /// <summary>An <see cref="IntegrityException"/>: the service shows what cannot be true.</summary>
    Integrity,

    /// <summary>A <see cref="RestoredException"/>: the account has gone back, and the service says that a backup was restored.</summary>
    Restored,

    /// <summary>The copy that this device keeps of a Vault cannot be read or written, or another program has it open.</summary>
    StoreUnusable,
}

/// <summary>
/// A call that failed. <see cref="Exception.Message"/> says in one sentence what happened, <see cref="NextStep"/> what to do; neither holds
/// a secret or text that came from a service.
/// </summary>
public class KeyladderException : Exception
{
    internal KeyladderException(FailureReason reason, string whatHappened, string nextStep, Exception? innerException = null)
        : base(whatHappened, innerException)
    {
        Reason = reason;
        NextStep = nextStep;
    }

    /// <summary>For the app: what to do is decided by this, and shown by <see cref="NextStep"/>.</summary>
    public FailureReason Reason { get; }

    /// <summary>One sentence for a person.</summary>
    public string NextStep { get; }

    /// <summary>How long to wait before another try, if the service has said so; at most a day is believed.</summary>
    public TimeSpan? RetryAfter { get; internal init; }
}
