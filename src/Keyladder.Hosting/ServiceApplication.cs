using System.Reflection;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Observability;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Keyladder.Hosting;

/// <summary>One service as one web application: its own container, listener, database and secret, and the rules that hold for every endpoint of every service.</summary>
public static class ServiceApplication
{
    /// <param name="schema">The assembly that holds the service's migrations.</param>
    /// <param name="maxBodyBytes">Of a signed request.</param>
    /// <exception cref="StartupException">The options or the service secret are not good.</exception>
    public static WebApplicationBuilder CreateBuilder(ServiceOptions options, Assembly schema, long maxBodyBytes, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        var origin = options.Validate();
        // The folder first: the file of an SQLite database is made here, for its owner alone, and cannot be made where there is no folder.
        CreateFolder(options.Data);
        var database = options.OpenDatabase();
        var secret = ServiceSecret.LoadOrCreate(options.SecretPath);

        // Empty: no file, variable or argument configures anything behind the options.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = options.Name });
        builder.WebHost.UseUrls(options.Urls).UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = maxBodyBytes;
        });

        // The framework's own lines hold addresses and paths; what it opens as a scope around a request does too.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Services.AddRouting();
        builder.Services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json => ProtocolJson.Configure(json.SerializerOptions));
        builder.Services.AddServiceDescription(options.Name);
        builder.Services
            .AddSingleton(time)
            .AddSingleton(secret)
            .AddSingleton(provider => new ServiceOrigin(origin, provider.GetRequiredService<IServer>()))
            .AddSingleton<Nonces>()
            .AddSingleton<SessionKeys>()
            .AddSingleton(_ => database)
            .AddHostedService(provider => new MigrationService(provider.GetRequiredService<Database>(), schema, time))
            .AddHostedService<Sweeper>();
        return builder;
    }

    /// <summary>The application with everything but the service's own endpoints.</summary>
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var app = builder.Build();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseRouting();
        app.UseMiddleware<SignatureMiddleware>();
        app.MapOpenApi("/openapi/v1.json").Unsigned();
        Health.Map(app);
        return app;
    }

    private static void CreateFolder(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The data folder {path} cannot be made.", "Make it, owned by the service's user.", exception);
        }
    }
}
