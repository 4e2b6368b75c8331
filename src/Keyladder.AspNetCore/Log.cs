using Microsoft.Extensions.Logging;

namespace Keyladder.AspNetCore;

/// <summary>What is logged: never a DID, a challenge, an answer or a user.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "An answer to {Purpose} was refused: {Refusal}")]
    public static partial void Refused(ILogger logger, Keyladder.Cryptography.Dids.DidSignInPurpose purpose, Refusal refusal);
}

/// <summary>Why; for the app's operator alone. Who is refused is told less.</summary>
internal enum Refusal
{
    /// <summary>The challenge does not open with the app's keys, or is no challenge.</summary>
    ForeignChallenge,

    /// <summary>The challenge is over, or from the future.</summary>
    Expired,

    /// <summary>The challenge is for something else than it was brought for.</summary>
    OtherPurpose,

    /// <summary>The challenge was made for another browser.</summary>
    OtherBrowser,

    /// <summary>The challenge was made for another user than the one who is signed in.</summary>
    OtherUser,

    /// <summary>The statement does not verify, or is for another origin, purpose or challenge.</summary>
    Statement,

    /// <summary>The DID is not linked, or the challenge is no later than the last one that the DID answered.</summary>
    UnknownOrUsed,

    /// <summary>The app did not let this user in.</summary>
    ByTheApp,

    /// <summary>The DID is linked to another user.</summary>
    LinkedElsewhere,
}
