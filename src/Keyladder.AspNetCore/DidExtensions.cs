using System.Data.Common;
using Keyladder.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds signing in with a DID to an app.</summary>
public static class DidExtensions
{
    /// <summary>
    /// Adds the scheme <see cref="DidDefaults.AuthenticationScheme"/>, and <see cref="DidLinks"/> over the app's <see cref="DbDataSource"/>.
    /// </summary>
    public static AuthenticationBuilder AddDid(this AuthenticationBuilder builder, Action<DidOptions> configure) =>
        builder.AddDid(DidDefaults.AuthenticationScheme, configure);

    /// <summary>The same under another name.</summary>
    public static AuthenticationBuilder AddDid(this AuthenticationBuilder builder, string authenticationScheme, Action<DidOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddDataProtection();
        builder.Services.TryAddSingleton(services =>
            new DidLinks(services.GetRequiredService<DbDataSource>(), services.GetService<TimeProvider>() ?? TimeProvider.System));
        builder.Services.AddOptions<DidOptions>(authenticationScheme)
            .PostConfigure<IOptions<AuthenticationOptions>>((options, app) => options.SignInScheme ??= app.Value.DefaultSignInScheme ?? app.Value.DefaultScheme)
            .Validate(
                options => options.SignInScheme is { } keeper && keeper != authenticationScheme,
                "DidOptions.SignInScheme names no scheme that could keep who is signed in. Name that of cookies, here or as the app's default.")
            .ValidateOnStart();
        return builder.AddScheme<DidOptions, DidHandler>(authenticationScheme, displayName: null, configure);
    }
}
