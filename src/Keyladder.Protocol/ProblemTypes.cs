namespace Keyladder.Protocol;

/// <summary>The stable <c>type</c> values of problem documents (RFC 9457; docs/spec/keystore-api.md).</summary>
public static class ProblemTypes
{
    public const string Prefix = "urn:keyladder:problem:";
    public const string MalformedRequest = Prefix + "malformed-request";
    public const string SignInFailed = Prefix + "sign-in-failed";
    public const string NonceExpired = Prefix + "nonce-expired";
    public const string SignInRequired = Prefix + "sign-in-required";
    public const string ClockSkew = Prefix + "clock-skew";
    public const string SignUpClosed = Prefix + "sign-up-closed";
    public const string QuotaExceeded = Prefix + "quota-exceeded";
    public const string NotFound = Prefix + "not-found";
    public const string MethodNotAllowed = Prefix + "method-not-allowed";
    public const string HeadConflict = Prefix + "head-conflict";
    public const string AccountExists = Prefix + "account-exists";
    public const string RevisionConflict = Prefix + "revision-conflict";
    public const string TooLarge = Prefix + "too-large";
    public const string UnsupportedMediaType = Prefix + "unsupported-media-type";
    public const string HeadRejected = Prefix + "head-rejected";
    public const string AttachmentMissing = Prefix + "attachment-missing";
    public const string TooManyRequests = Prefix + "too-many-requests";
    public const string Unavailable = Prefix + "unavailable";
    public const string Internal = Prefix + "internal";

    /// <summary>The status that a problem of this type has, each time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such type.</exception>
    public static int StatusOf(string type) => type switch
    {
        MalformedRequest => 400,
        SignInFailed or NonceExpired or SignInRequired or ClockSkew => 401,
        SignUpClosed or QuotaExceeded => 403,
        NotFound => 404,
        MethodNotAllowed => 405,
        HeadConflict or AccountExists or RevisionConflict => 409,
        TooLarge => 413,
        UnsupportedMediaType => 415,
        HeadRejected or AttachmentMissing => 422,
        TooManyRequests => 429,
        Internal => 500,
        Unavailable => 503,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}

/// <summary>A problem document as a client reads it, with the members that some types add.</summary>
public sealed record ProblemMessage(
    string Type,
    string? Title = null,
    long? Status = null,
    string? Detail = null,
    long? Time = null,
    string? Head = null,
    string[]? Chain = null,
    Keystore.KeyMessage[]? Keys = null,
    byte[]? Proof = null,
    long? RetryAfter = null,
    Keystore.AuditEventMessage[]? Events = null,
    Vault.ObjectMessage[]? Objects = null);
