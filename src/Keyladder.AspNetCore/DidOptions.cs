using System.Security.Claims;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Keyladder.AspNetCore;

/// <summary>How an app takes a DID for one of its users (docs/spec/did-sign-in.md).</summary>
public sealed class DidOptions : AuthenticationSchemeOptions
{
    /// <summary>
    /// Scheme, host and port by which browsers reach the app: <c>https</c>, or <c>http</c> on this machine. Never taken from a request, which
    /// can name any host.
    /// </summary>
    public Uri? Origin { get; set; }

    /// <summary>
    /// The path of the app's own page that shows a link and takes the answer; where a challenge of the scheme leads. From the root of the
    /// origin, whatever path base a request brings: an answer is good for this page alone, and opening it must lead nowhere else.
    /// </summary>
    public PathString Page { get; set; } = "/did";

    /// <summary>Where the scheme hands out challenges.</summary>
    public PathString ChallengePath { get; set; } = "/did/challenge";

    /// <summary>Where the scheme takes what was signed to sign in.</summary>
    public PathString SignInPath { get; set; } = "/did/sign-in";

    /// <summary>Where the scheme takes what was signed to link a DID to who is signed in.</summary>
    public PathString LinkPath { get; set; } = "/did/link";

    /// <summary>The scheme that keeps who is signed in, such as that of cookies; null for the app's default.</summary>
    public string? SignInScheme { get; set; }

    /// <summary>The claim that holds the app's own id of a user, the same however he signed in.</summary>
    public string UserIdClaim { get; set; } = ClaimTypes.NameIdentifier;

    /// <summary>What the app does when a DID signs in or is linked.</summary>
    public new DidEvents Events
    {
        get => (DidEvents)base.Events!;
        set => base.Events = value;
    }

    public DidOptions() => Events = new DidEvents();

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The origin is none, or anybody on the way could read what is sent to it; the page is none of it; or two paths are the same.</exception>
    public override void Validate()
    {
        base.Validate();
        _ = LinkTo(DidSignInPurpose.SignIn, new string('A', DidSignInLink.MaxChallengeLength));
        PathString[] paths = [ChallengePath, SignInPath, LinkPath];
        if (paths.Any(path => !path.HasValue) || paths.Distinct().Count() < paths.Length)
            throw new InvalidOperationException("ChallengePath, SignInPath and LinkPath of DidOptions are to be three paths. Leave them out to have the usual ones.");
    }

    /// <summary>The link that the page shows, which is also what an answer was signed for: of nothing that a request says but the challenge.</summary>
    /// <param name="challenge">One that was made here, or opened.</param>
    internal DidSignInLink LinkTo(DidSignInPurpose purpose, string challenge)
    {
        var origin = ReadOrigin();
        try
        {
            if (Uri.TryCreate($"{origin}{Page}", UriKind.Absolute, out var page)
                && page.AbsoluteUri == $"{origin}{Page}"
                && DidSignInLink.Create(page, purpose, challenge) is var link
                && link.Origin == origin)
                return link;
        }
        catch (ArgumentException)
        {
            // Said below.
        }

        throw new InvalidOperationException("DidOptions.Page is not the path of a page, of at most 1,900 characters and in its one form. Leave it out to have /did.");
    }

    internal Origin ReadOrigin() =>
        Origin is not null && Cryptography.Signing.Origin.TryCreate(Origin, out var origin) && origin.IsSecure
            ? origin
            : throw new InvalidOperationException(
                "DidOptions.Origin is not the origin of an app. Set it to scheme, host and port by which browsers reach the app: https, or http on this machine.");
}
