using System.Data.Common;
using System.Security.Claims;
using Keyladder.AspNetCore;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AspNetCore.Tests;

/// <summary>An app over Kestrel that signs its users in by name alone, and by DID. Nodes of one app share its database and keys.</summary>
internal sealed class App : IAsyncDisposable
{
    /// <summary>What the app is configured with, wherever it listens.</summary>
    public const string Origin = "http://localhost:5080";

    private readonly WebApplication _app;
    private readonly DbDataSource _source;

    private App(WebApplication app, DbDataSource source) => (_app, _source) = (app, source);

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public DidLinks Links => _app.Services.GetRequiredService<DidLinks>();

    public MovableTime Time { get; private init; } = new();

    public static async Task<App> StartAsync(TestDatabase database, Action<DidOptions>? configure = null, string keys = "keys")
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        DbDataSource source = database.Postgres is { } postgres
            ? NpgsqlDataSource.Create(postgres)
            : SqliteFactory.Instance.CreateDataSource($"Data Source={Path.Combine(database.Folder.FullName, "app.db")};Pooling=False");
        var time = new MovableTime();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton(source);
        builder.Services.AddDataProtection().SetApplicationName("app").PersistKeysToFileSystem(database.Folder.CreateSubdirectory(keys));
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie().AddDid(options =>
        {
            options.Origin = new Uri(Origin);
            configure?.Invoke(options);
        });
        var app = builder.Build();
        app.UseAuthentication();
        app.Run(async context =>
        {
            if (context.Request.Path.StartsWithSegments("/first", out var name))
                await context.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name.Value!.Trim('/'))], "name")));
            else if (context.Request.Path == "/out")
                await context.SignOutAsync();
            else if (context.Request.Path == "/by-did")
                await context.Response.WriteAsync((await context.AuthenticateAsync("Did")).Succeeded.ToString());
            else if (context.Request.Path == "/who")
                await context.Response.WriteAsync(context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? "");
            else
                await context.ChallengeAsync("Did");
        });
        await app.StartAsync();
        var started = new App(app, source) { Time = time };
        await started.Links.CreateTableAsync();
        return started;
    }

    /// <summary>The user links the DID of a key, in a browser of his own.</summary>
    public async Task LinkAsync(string user, PrivateKey key)
    {
        using var browser = await new Browser(this).AsAsync(user);
        await browser.DoAsync(DidSignInPurpose.Link, key).SucceedsAsync();
        await Task.Delay(2, TestContext.Current.CancellationToken); // the next challenge has to be a later one
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _source.DisposeAsync();
        SqliteConnection.ClearAllPools();
    }
}
