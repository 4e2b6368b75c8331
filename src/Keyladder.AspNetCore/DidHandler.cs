using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Keyladder.AspNetCore;

/// <summary>
/// The scheme: hands out challenges, takes what was signed for them, and signs in through the scheme that keeps who is signed in, as schemes
/// for other identity providers do (docs/spec/did-sign-in.md). It verifies only, and makes no call.
/// </summary>
public sealed class DidHandler(
    IOptionsMonitor<DidOptions> options, ILoggerFactory logger, UrlEncoder encoder, IDataProtectionProvider protection, DidLinks links)
    : AuthenticationHandler<DidOptions>(options, logger, encoder), IAuthenticationRequestHandler
{
    private new DidEvents Events => (DidEvents)base.Events!;

    private IDataProtector Protector => protection.CreateProtector("Keyladder.AspNetCore.Did", Scheme.Name, "v1");

    /// <inheritdoc/>
    public async Task<bool> HandleRequestAsync()
    {
        if (!HttpMethods.IsPost(Request.Method))
            return false;
        if (Request.Path == Options.ChallengePath)
            await ChallengeAsync().ConfigureAwait(false);
        else if (Request.Path == Options.SignInPath)
            await SignInAsync().ConfigureAwait(false);
        else if (Request.Path == Options.LinkPath)
            await LinkAsync().ConfigureAwait(false);
        else
            return false;
        return true;
    }

    /// <summary>Who is signed in, if this scheme signed him in.</summary>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var result = await Context.AuthenticateAsync(Options.SignInScheme).ConfigureAwait(false);
        return result is { Succeeded: true, Properties: { } properties } && properties.Items.TryGetValue(".AuthScheme", out var by) && by == Scheme.Name
            ? AuthenticateResult.Success(new AuthenticationTicket(result.Principal, properties, Scheme.Name))
            : AuthenticateResult.NoResult();
    }

    /// <summary>Leads to the app's page.</summary>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Redirect(Options.Page);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task<object> CreateEventsAsync() => Task.FromResult<object>(new DidEvents());

    private async Task ChallengeAsync()
    {
        if (await ReadAsync(DidMessages.Strict.ChallengeRequest).ConfigureAwait(false) is not { } request)
        {
            await RefuseAsync(DidProblem.MalformedRequest).ConfigureAwait(false);
            return;
        }

        var userId = request.Purpose == DidSignInPurpose.Link ? await UserIdAsync().ConfigureAwait(false) : "";
        if (userId is null)
        {
            await RefuseAsync(DidProblem.SignInFirst).ConfigureAwait(false);
            return;
        }

        var origin = Options.ReadOrigin();
        var made = TimeProvider.GetUtcNow();
        var browserHash = SHA256.HashData(DidBrowser.Mark(Context, origin));
        var challenge = Base64UrlText.Encode(Protector.Protect(new DidChallenge(request.Purpose, made, browserHash, userId).Encode()));
        var link = Options.LinkTo(request.Purpose, challenge);
        var expires = (made + DidChallenge.Lifetime).ToUnixTimeMilliseconds();
        await WriteAsync(
            200, "application/json", new ChallengeAnswer(challenge, origin, request.Purpose, expires, link.ToString()), DidMessages.Strict.ChallengeAnswer).ConfigureAwait(false);
    }

    private async Task SignInAsync()
    {
        if (await ReadAnswerAsync(DidSignInPurpose.SignIn).ConfigureAwait(false) is not var (challenge, did))
            return;
        if (await links.SignInAsync(did, challenge.Made, Context.RequestAborted).ConfigureAwait(false) is not { } userId)
        {
            await RefuseAsync(DidProblem.NotSignedIn, DidSignInPurpose.SignIn, Refusal.UnknownOrUsed).ConfigureAwait(false);
            return;
        }

        var signingIn = new DidSigningInContext(Context, Scheme, Options, userId, did);
        await Events.SigningIn(signingIn).ConfigureAwait(false);
        if (signingIn.Result is { Succeeded: false } || signingIn.Principal is null)
        {
            await RefuseAsync(DidProblem.NotSignedIn, DidSignInPurpose.SignIn, Refusal.ByTheApp).ConfigureAwait(false);
            return;
        }

        DidBrowser.Forget(Context, Options.ReadOrigin());
        await Context.SignInAsync(Options.SignInScheme, signingIn.Principal, signingIn.Properties).ConfigureAwait(false);
        Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task LinkAsync()
    {
        if (await UserIdAsync().ConfigureAwait(false) is not { } userId)
        {
            await RefuseAsync(DidProblem.SignInFirst).ConfigureAwait(false);
            return;
        }

        if (await ReadAnswerAsync(DidSignInPurpose.Link, userId).ConfigureAwait(false) is not var (challenge, did))
            return;
        if (!await links.LinkAsync(userId, did, challenge.Made, Context.RequestAborted).ConfigureAwait(false))
        {
            await RefuseAsync(DidProblem.LinkedElsewhere, DidSignInPurpose.Link, Refusal.LinkedElsewhere).ConfigureAwait(false);
            return;
        }

        DidBrowser.Forget(Context, Options.ReadOrigin());
        await Events.Linked(new DidLinkedContext(Context, Scheme, Options, userId, did)).ConfigureAwait(false);
        Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Section 4, all that needs no table.</summary>
    /// <param name="purpose">What the answer was brought for.</param>
    /// <param name="userId">Who is signed in, for a link.</param>
    /// <returns>The challenge, and the DID that has answered it; null where it was refused.</returns>
    private async Task<(DidChallenge Challenge, Did Did)?> ReadAnswerAsync(DidSignInPurpose purpose, string userId = "")
    {
        if (await ReadAsync(DidMessages.Strict.SignedAnswer).ConfigureAwait(false) is not { } answer)
        {
            await RefuseAsync(DidProblem.MalformedRequest).ConfigureAwait(false);
            return null;
        }

        var origin = Options.ReadOrigin();
        var refusal =
            !TryOpen(answer.Challenge, out var challenge) ? Refusal.ForeignChallenge
            : !challenge.IsGoodAt(TimeProvider.GetUtcNow()) ? Refusal.Expired
            : challenge.Purpose != purpose ? Refusal.OtherPurpose
            : !DidBrowser.TryRead(Context, origin, out var browser) || !challenge.IsOf(browser) ? Refusal.OtherBrowser
            : challenge.UserId != userId ? Refusal.OtherUser
            : (Refusal?)null;
        DidSignIn? statement = null;
        if (refusal is null
            && (!DidSignIn.TryVerify(answer.Response, out statement)
                || statement.Audience != origin
                || statement.Purpose != purpose
                || !statement.Answers(Options.LinkTo(purpose, answer.Challenge))))
            refusal = Refusal.Statement;
        if (refusal is { } because)
        {
            await RefuseAsync(DidProblem.AnswerRefused, purpose, because).ConfigureAwait(false);
            return null;
        }

        return (challenge!, statement!.Signer);
    }

    private bool TryOpen(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out DidChallenge? challenge)
    {
        challenge = null;
        if (text.Length > DidSignInLink.MaxChallengeLength || !Base64UrlText.TryDecode(text, out var bytes))
            return false;
        try
        {
            return DidChallenge.TryDecode(Protector.Unprotect(bytes), out challenge);
        }
        catch (CryptographicException)
        {
            // Not sealed here, or so long ago that the key is gone.
            return false;
        }
    }

    private async Task<string?> UserIdAsync()
    {
        var result = await Context.AuthenticateAsync(Options.SignInScheme).ConfigureAwait(false);
        return result.Succeeded && result.Principal.FindFirst(Options.UserIdClaim)?.Value is { Length: > 0 } userId ? userId : null;
    }

    private async Task<T?> ReadAsync<T>(JsonTypeInfo<T> type)
        where T : class
    {
        // A form of another site can send no JSON, and a script of another site none without being asked (Fetch, "CORS-safelisted").
        if (!Request.HasJsonContentType())
            return null;
        var body = new byte[DidMessages.MaxSize + 1];
        var length = await Request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, Context.RequestAborted).ConfigureAwait(false);
        return length <= DidMessages.MaxSize && StrictJson.TryRead(body.AsSpan(0, length), type, out var read) ? read : null;
    }

    private Task RefuseAsync(DidProblem problem, DidSignInPurpose purpose, Refusal refusal)
    {
        Log.Refused(Logger, purpose, refusal);
        return RefuseAsync(problem);
    }

    private Task RefuseAsync(DidProblem problem) => WriteAsync(problem.Status, DidProblem.ContentType, problem, DidMessages.Strict.DidProblem);

    private async Task WriteAsync<T>(int status, string contentType, T body, JsonTypeInfo<T> type)
        where T : class
    {
        Response.StatusCode = status;
        Response.ContentType = contentType;
        Response.Headers.CacheControl = "no-store";
        await Response.Body.WriteAsync(StrictJson.Write(body, type), Context.RequestAborted).ConfigureAwait(false);
    }
}
