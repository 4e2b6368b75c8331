using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;

namespace Keyladder.AspNetCore;

/// <summary>The bodies of docs/spec/did-sign-in.md section 5, as strict JSON.</summary>
[JsonSerializable(typeof(ChallengeRequest))]
[JsonSerializable(typeof(ChallengeAnswer))]
[JsonSerializable(typeof(SignedAnswer))]
[JsonSerializable(typeof(DidProblem))]
internal sealed partial class DidMessages : JsonSerializerContext
{
    /// <summary>Bytes of a request's body.</summary>
    public const int MaxSize = 16 * 1024;

    public static DidMessages Strict { get; } = new(StrictJson.CreateOptions());
}

internal sealed record ChallengeRequest(DidSignInPurpose Purpose);

/// <param name="Expires">Unix milliseconds.</param>
/// <param name="Link">What the page shows: page, purpose and challenge in one.</param>
internal sealed record ChallengeAnswer(string Challenge, Origin Origin, DidSignInPurpose Purpose, long Expires, string Link);

/// <param name="Challenge">As it was handed out.</param>
/// <param name="Response">The statement as JWS.</param>
internal sealed record SignedAnswer(string Challenge, string Response);

/// <summary>A refusal (RFC 9457). The texts are fixed: nothing of a request gets into one.</summary>
internal sealed record DidProblem(string Type, string Title, int Status, string Detail)
{
    public const string ContentType = "application/problem+json";

    public static DidProblem MalformedRequest { get; } = new(
        "about:blank", "The request is not well formed.", 400, "Send JSON with the members of docs/spec/did-sign-in.md section 5 and no others.");

    public static DidProblem AnswerRefused { get; } = new(
        "urn:keyladder:did:answer-refused",
        "The answer is not one to a challenge of this browser.",
        401,
        "Ask for a new challenge, and answer it within five minutes in the browser that asked, with a DID made for this app.");

    public static DidProblem NotSignedIn { get; } = new(
        "urn:keyladder:did:not-signed-in",
        "The DID does not sign in to anything here, or this answer was used before.",
        401,
        "Ask for a new challenge. If that does not help, sign in in another way and link the DID.");

    public static DidProblem SignInFirst { get; } = new(
        "urn:keyladder:did:sign-in-first", "Nobody is signed in here to whom a DID could be linked.", 401, "Sign in in another way, and link the DID then.");

    public static DidProblem LinkedElsewhere { get; } = new(
        "urn:keyladder:did:linked-elsewhere", "The DID is linked to another user.", 409, "Link another DID, or sign in with this one and unlink it first.");
}
