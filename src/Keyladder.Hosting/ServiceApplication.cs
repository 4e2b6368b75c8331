using System.Diagnostics;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Observability;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Hosting.Storage;
using Keyladder.Hosting.Tls;
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
    /// <param name="maxBodyBytes">Of a signed request.</param>
    /// <exception cref="StartupException">The options or the service secret are not good.</exception>
    public static WebApplicationBuilder CreateBuilder(ServiceOptions options, long maxBodyBytes, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        var origin = options.Validate();
        var cors = options.AllowedOrigins();
        var certificate = options.Certificate is null ? null : new CertificateFiles(options.Certificate, options.CertificateKey!);
        CreateFolder(options.Data); // before the database, whose file is made in it for its owner alone
        var proxies = options.ValidateLimits();
        var database = options.OpenDatabase();
        var secret = ServiceSecret.LoadOrCreate(options.SecretPath);

        // Empty: no file, variable or argument configures anything behind the options.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = options.Name });
        builder.WebHost.UseUrls(options.Urls).UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = maxBodyBytes;
            if (certificate is not null)
                kestrel.UseCertificateFiles(certificate, options.Tls12);
        });

        // The framework's own lines hold addresses and paths; what it opens as a scope around a request does too. Why a start failed is told by who starts:
        // the host's errors and the server's critical line are that once more, with its address and its stack.
        builder.Logging
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => level is LogLevel.Warning or LogLevel.Error)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Services.AddRouting();
        builder.Services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json => ProtocolJson.Configure(json.SerializerOptions));
        builder.Services.AddServiceDescription(options.Name);
        BrowserOrigins.AddTo(builder.Services, cors);
        Draining.AddTo(builder.Services, TimeSpan.FromSeconds(options.Drain));
        builder.Services
            .AddSingleton(time)
            .AddSingleton(secret)
            .AddSingleton<DistributedContextPropagator>(new NoIncomingContext())
            .AddSingleton(provider => new ServiceOrigin(origin, provider.GetRequiredService<IServer>()))
            .AddSingleton<Nonces>()
            .AddSingleton<SessionKeys>()
            .AddSingleton(options.Limits)
            .AddSingleton(proxies)
            .AddSingleton<RequestLimits>()
            .AddSingleton<Counters>()
            .AddSingleton(_ => database)
            .AddHostedService(provider => new MigrationService(provider.GetRequiredService<Database>(), options.Schema, time))
            .AddSingleton(new SweptTable("limits"))
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
        app.UseCors();
        app.UseMiddleware<AddressLimitMiddleware>();
        app.UseMiddleware<SignatureMiddleware>();
        app.MapOpenApi("/openapi/v1.json").Unsigned();
        Health.Map(app);
        return app;
    }

    /// <summary>For a command of the operator beside the service: the same settings, the same schema, no listener.</summary>
    /// <exception cref="StartupException">The options or the database are not good.</exception>
    public static async Task WithDatabaseAsync(ServiceOptions options, TimeProvider time, Func<Database, Task> work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(work);
        options.Validate();
        CreateFolder(options.Data);
        await using var database = options.OpenDatabase();
        await new MigrationService(database, options.Schema, time).StartAsync(cancellation);
        await work(database);
    }

    /// <summary>For a command that reads the database as it is: nothing is made or migrated.</summary>
    /// <exception cref="StartupException">The options are not good.</exception>
    public static Database OpenDatabase(ServiceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options.OpenDatabase();
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
