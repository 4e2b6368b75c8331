using System.Data.Common;
using System.Security.Claims;
using Keyladder.AspNetCore;
using Keyladder.Cryptography.Dids;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Data.Sqlite;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Members;

/// <summary>
/// A small app that knows its members by OpenID Connect, and lets each of them link DIDs and sign in with those afterwards. The DID part is
/// <c>AddDid</c> below, one page, one script and one form.
/// </summary>
public static class MembersApp
{
    private static readonly string[] Needed = ["Origin", "Database", "OpenId:Authority", "OpenId:ClientId"];

    /// <param name="args">Settings as on the command line: see README.md.</param>
    public static async Task<WebApplication> BuildAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        var settings = builder.Configuration;
        string[] missing = [.. Needed.Where(name => string.IsNullOrWhiteSpace(settings[name]))];
        if (missing.Length > 0)
            throw new SettingsException($"Missing: {string.Join(", ", missing)}. Give each as --NAME VALUE; samples/Members/README.md says what it is.");
        if (!Uri.TryCreate(settings["Origin"], UriKind.Absolute, out var origin))
            throw new SettingsException("Origin is no address. Give scheme, host and port by which browsers reach the app, such as http://localhost:5080.");
        var sharers = (settings.GetSection("Sharers").Get<string[]>() ?? [])
            .Select(text => Did.TryParse(text, out var did) ? did : throw new SettingsException("Sharers has a text that is no DID. Give each as --Sharers:0 DID, --Sharers:1 DID, ...")).ToList();
        builder.Services.AddSingleton<DbDataSource>(SqliteFactory.Instance.CreateDataSource($"Data Source={settings["Database"]}"));
        builder.Services.AddSingleton<Table>().AddSingleton<Rules>();
        builder.Services.AddSingleton(services => new Sharers(services.GetRequiredService<Table>(), sharers));
        builder.Services.AddAntiforgery();
        builder.Services
            .AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie(options => options.LoginPath = "/")
            .AddOpenIdConnect(options => UseProvider(options, settings, origin))
            .AddDid(options =>
            {
                options.Origin = origin;
                options.UserIdClaim = "sub";        // the provider's id of a member, which is ours too
                options.Events.OnLinked = context =>
                {
                    context.HttpContext.RequestServices.GetRequiredService<ILogger<DidEvents>>().LogLinked();
                    return Task.CompletedTask;      // a real app writes to the member here
                };
            });
        var app = builder.Build();
        app.Use(WithPolicy);
        app.UseStaticFiles();
        app.UseAuthentication();
        app.UseAntiforgery();
        app.MapGet("/", HomeAsync);
        app.MapGet("/did", (ClaimsPrincipal user) => Pages.Did(IdOf(user) is null ? DidSignInPurpose.SignIn : DidSignInPurpose.Link));
        app.MapGet("/openid", () => Results.Challenge(new AuthenticationProperties { RedirectUri = "/" }, [OpenIdConnectDefaults.AuthenticationScheme]));
        app.MapPost("/unlink", UnlinkAsync);
        app.MapPost("/sign-out", SignOutAsync);
        app.MapPost("/rules", SubscribeAsync);
        app.MapPost("/events", async (BroughtEvent brought, Rules rules, Sharers known) => await rules.TakeAsync(brought.Jws) || await known.TakeAsync(brought.Jws) ? Results.NoContent() : Results.NotFound())
            .WithMetadata(new RequestSizeLimitAttribute(16 * 1024));
        app.MapGet("/lounge", async (ClaimsPrincipal user, Rules rules) => IdOf(user) is { } id && await rules.LetsInAsync(id) ? Pages.Lounge() : Pages.NoLounge());
        await app.Services.GetRequiredService<DidLinks>().CreateTableAsync();
        await app.Services.GetRequiredService<Rules>().CreateTableAsync();
        await app.Services.GetRequiredService<Sharers>().CreateTableAsync();
        return app;
    }

    private static void UseProvider(OpenIdConnectOptions options, ConfigurationManager settings, Uri origin)
    {
        options.Authority = settings["OpenId:Authority"];
        options.ClientId = settings["OpenId:ClientId"];
        options.ClientSecret = settings["OpenId:ClientSecret"];        // none for a public client; never in a file of the app
        options.ResponseType = OpenIdConnectResponseType.Code;         // with PKCE: a code is worth nothing to who reads it on its way
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.MapInboundClaims = false;
        if (origin.IsLoopback)
        {
            // Over http on this machine a browser keeps no cookie that asks for TLS.
            options.RequireHttpsMetadata = false;
            options.CorrelationCookie.SecurePolicy = options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.CorrelationCookie.SameSite = options.NonceCookie.SameSite = SameSiteMode.Lax;
        }
    }

    /// <summary>Nothing but the app's own files, from nowhere else, in nobody's frame.</summary>
    private static Task WithPolicy(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return next(context);
    }

    private static async Task<IResult> HomeAsync(ClaimsPrincipal user, DidLinks links, IAntiforgery antiforgery, HttpContext context) => IdOf(user) is { } id
        ? Pages.Member(id, user.FindFirstValue(DidDefaults.DidClaim), await links.ListAsync(id, context.RequestAborted), antiforgery.GetAndStoreTokens(context))
        : Pages.Welcome();

    private static async Task<IResult> UnlinkAsync(
        [FromForm] string did, [FromForm] bool? lastToo, ClaimsPrincipal user, DidLinks links, IAntiforgery antiforgery, HttpContext context)
    {
        if (IdOf(user) is not { } id)
            return Results.Challenge();
        if (!Did.TryParse(did, out var linked))
            return Results.BadRequest();
        return await links.UnlinkAsync(id, linked, lastToo ?? false, context.RequestAborted) == UnlinkOutcome.LastOne
            ? Pages.Warning(linked, antiforgery.GetAndStoreTokens(context))
            : Results.LocalRedirect("/");
    }

    private static async Task<IResult> SubscribeAsync([FromForm] string did, [FromForm] string attribute, ClaimsPrincipal user, Rules rules)
    {
        if (IdOf(user) is not { } id)
            return Results.Challenge();
        if (!Did.TryParse(did, out var issuer) || !Guid.TryParseExact(attribute, "D", out var name))
            return Results.BadRequest();
        return await rules.SubscribeAsync(id, issuer, name) ? Results.LocalRedirect("/") : Pages.NoSharer();
    }

    /// <param name="form">Taken so that its antiforgery token is checked.</param>
    private static async Task<IResult> SignOutAsync(IFormCollection form, HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(form);
        await context.SignOutAsync();
        return Results.LocalRedirect("/");
    }

    private static string? IdOf(ClaimsPrincipal user) => user.FindFirstValue("sub");
}

/// <summary>The settings are not such that the app could start; the message says what to do.</summary>
public sealed class SettingsException(string message) : Exception(message);
