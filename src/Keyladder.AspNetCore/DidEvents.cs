using System.Security.Claims;
using Keyladder.Cryptography.Dids;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Keyladder.AspNetCore;

/// <summary>What an app may do when a DID signs in or is linked. What is unlinked the app unlinks itself: <see cref="DidLinks.UnlinkAsync"/>.</summary>
public class DidEvents
{
    /// <summary>Called before a user is signed in: to add claims to the principal, or to refuse a user with <see cref="ResultContext{TOptions}.Fail(string)"/>.</summary>
    public Func<DidSigningInContext, Task> OnSigningIn { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called once a DID has been linked, so that the user can be told: he may not have done it.</summary>
    public Func<DidLinkedContext, Task> OnLinked { get; set; } = _ => Task.CompletedTask;

    /// <inheritdoc cref="OnSigningIn"/>
    public virtual Task SigningIn(DidSigningInContext context) => OnSigningIn(context);

    /// <inheritdoc cref="OnLinked"/>
    public virtual Task Linked(DidLinkedContext context) => OnLinked(context);
}

/// <summary>A user about to be signed in by a DID. The principal has his id, and the DID.</summary>
public sealed class DidSigningInContext : ResultContext<DidOptions>
{
    internal DidSigningInContext(HttpContext context, AuthenticationScheme scheme, DidOptions options, string userId, Did did)
        : base(context, scheme, options)
    {
        (UserId, Did) = (userId, did);
        var claims = new[] { new Claim(options.UserIdClaim, userId), new Claim(DidDefaults.DidClaim, did.ToString()) };
        Principal = new ClaimsPrincipal(new ClaimsIdentity(claims, scheme.Name));
        Properties.Items[".AuthScheme"] = scheme.Name;      // as remote schemes say who signed in
    }

    /// <summary>The app's own id of the user.</summary>
    public string UserId { get; }

    /// <summary>Which of the user's DIDs signs in.</summary>
    public Did Did { get; }
}

/// <summary>A DID that has been linked.</summary>
public sealed class DidLinkedContext : BaseContext<DidOptions>
{
    internal DidLinkedContext(HttpContext context, AuthenticationScheme scheme, DidOptions options, string userId, Did did)
        : base(context, scheme, options) => (UserId, Did) = (userId, did);

    /// <summary>The app's own id of the user.</summary>
    public string UserId { get; }

    /// <summary>Which DID signs in as him from now on.</summary>
    public Did Did { get; }
}
