using Keyladder.Hosting.Objects;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.Vault;

namespace Keyladder.Hosting.Problems;

/// <summary>
/// Every answer that is not a success (RFC 9457; docs/spec/keystore-api.md, "Problems"). The texts are fixed: nothing of a request, of the database or of an exception gets into one.
/// </summary>
public static class Problem
{
    public static ProblemException MalformedRequest() => Of(ProblemTypes.MalformedRequest, 400, "The request is not well formed.");

    /// <exception cref="ProblemException">The condition does not hold.</exception>
    public static void MalformedRequestUnless(bool condition)
    {
        if (!condition)
            throw MalformedRequest();
    }

    public static ProblemException SignInFailed() => Of(ProblemTypes.SignInFailed, 401, "The assertion or proof is not accepted.");

    public static ProblemException NonceExpired(DateTimeOffset now) => At(now, ProblemTypes.NonceExpired, "The nonce is too old or has been used.");

    public static ProblemException SignInRequired() => Of(ProblemTypes.SignInRequired, 401, "The request needs the signature of a session.");

    public static ProblemException ClockSkew(DateTimeOffset now) => At(now, ProblemTypes.ClockSkew, "The time of the signature is too far from the service's time.");

    public static ProblemException NotFound() => Of(ProblemTypes.NotFound, 404, "There is nothing here.");

    public static ProblemException MethodNotAllowed() => Of(ProblemTypes.MethodNotAllowed, 405, "The method is not known here.");

    /// <summary>The objects go into the member that the service has for them.</summary>
    /// <param name="present">What the loser needs to try again.</param>
    public static ProblemException HeadConflict<TObject>(FoundObjects<TObject> present)
        where TObject : class
    {
        ArgumentNullException.ThrowIfNull(present);
        return new(new ProblemMessage(
            ProblemTypes.HeadConflict,
            "Another head came first.",
            409,
            Head: present.Head,
            Chain: present.Chain,
            Keys: present.Objects as object as KeyMessage[],
            Proof: present.Proof,
            Events: present.Events,
            Objects: present.Objects as object as ObjectMessage[]));
    }

    public static ProblemException AccountExists() => Of(ProblemTypes.AccountExists, 409, "The account, the slot or its locator is taken.");

    public static ProblemException RevisionConflict() => Of(ProblemTypes.RevisionConflict, 409, "Another revision came first.");

    /// <summary>Which of the reasons it was is nobody's business: docs/spec/admission.md.</summary>
    public static ProblemException SignUpClosed() => Of(ProblemTypes.SignUpClosed, 403, "Nobody can sign up here in this way.");

    public static ProblemException QuotaExceeded() => Of(ProblemTypes.QuotaExceeded, 403, "The account holds as much as it may.");

    /// <param name="wait">When to come back; rounded up to seconds, and at least one.</param>
    public static ProblemException TooManyRequests(TimeSpan wait) =>
        new(new ProblemMessage(ProblemTypes.TooManyRequests, "Too many requests.", 429, RetryAfter: Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds))));

    public static ProblemException TooLarge() => Of(ProblemTypes.TooLarge, 413, "The request holds too much.");

    public static ProblemException UnsupportedMediaType() => Of(ProblemTypes.UnsupportedMediaType, 415, "The body must be JSON in UTF-8.");

    public static ProblemException HeadRejected() => Of(ProblemTypes.HeadRejected, 422, "The head does not fit the write or the account.");

    /// <exception cref="ProblemException">The condition does not hold.</exception>
    public static void HeadRejectedUnless(bool condition)
    {
        if (!condition)
            throw HeadRejected();
    }

    public static ProblemException AttachmentMissing() => Of(ProblemTypes.AttachmentMissing, 422, "An object names an attachment that is not there, or not complete.");

    /// <summary>For a moment, as far as the service knows: a database that changes over or is given room needs no restart.</summary>
    /// <param name="diagnosis">The engine's code and what the operator can do, for the log alone.</param>
    public static ProblemException Unavailable(Exception? cause = null, string? diagnosis = null) =>
        new(new ProblemMessage(ProblemTypes.Unavailable, "The service cannot answer now.", 503, RetryAfter: 1), cause) { Diagnosis = diagnosis };

    public static ProblemException Internal(Exception? cause = null) => Of(ProblemTypes.Internal, 500, "The service failed.", cause);

    private static ProblemException Of(string type, int status, string title, Exception? cause = null) =>
        new(new ProblemMessage(type, title, status), cause);

    private static ProblemException At(DateTimeOffset now, string type, string title) =>
        new(new ProblemMessage(type, title, 401, Time: now.ToUnixTimeMilliseconds()));
}
