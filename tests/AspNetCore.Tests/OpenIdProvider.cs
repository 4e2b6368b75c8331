using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace AspNetCore.Tests;

/// <summary>An OpenID provider over Kestrel, where whoever comes is <see cref="User"/>; the flow is OpenIddict's own, without its database.</summary>
internal sealed class OpenIdProvider : IAsyncDisposable
{
    public const string ClientId = "members";

    private readonly WebApplication _app;

    private OpenIdProvider(WebApplication app) => _app = app;

    /// <summary>The subject that the next ID token names.</summary>
    public string User { get; set; } = "alice";

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <param name="redirect">The one address that codes are sent to.</param>
    public static async Task<OpenIdProvider> StartAsync(Uri redirect)
    {
        OpenIdProvider? provider = null;
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddLogging();
        builder.Services.AddOpenIddict().AddServer(options =>
        {
            options.SetAuthorizationEndpointUris("authorize").SetTokenEndpointUris("token");
            options.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().RegisterScopes(OpenIddictConstants.Scopes.Profile);
            options.AddEphemeralEncryptionKey().AddEphemeralSigningKey().EnableDegradedMode();
            options.UseAspNetCore().DisableTransportSecurityRequirement();
            options.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                if (context.ClientId != ClientId || context.RedirectUri != redirect.AbsoluteUri)
                    context.Reject(OpenIddictConstants.Errors.InvalidClient, "Not a client of this provider.");
                return default;
            }));
            options.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                if (context.ClientId != ClientId)
                    context.Reject(OpenIddictConstants.Errors.InvalidClient, "Not a client of this provider.");
                return default;
            }));
            options.AddEventHandler<HandleAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                var principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim(OpenIddictConstants.Claims.Subject, provider!.User)], "provider"));
                principal.SetScopes(context.Request.GetScopes());
                context.SignIn(principal);
                return default;
            }));
        });
        var app = builder.Build();
        app.UseAuthentication();
        await app.StartAsync();
        return provider = new OpenIdProvider(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
