using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Keyladder.Hosting.Recovery;

/// <summary>What the two services of docs/spec/passphrase-store.md have in common: the at-rest secret, and guesses with their mark.</summary>
public static class RecoveryServices
{
    /// <summary>The service's schema has the tables <c>at_rest_secrets</c>, <c>guesses</c> and <c>guess_total</c>.</summary>
    /// <exception cref="StartupException">The mark of guesses is not good; starting throws it where the at-rest secret is not.</exception>
    public static IServiceCollection AddRecovery(this IServiceCollection services, ServiceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return services
            .AddSingleton(provider => new AtRestSecretStart(provider.GetRequiredService<Database>(), options.AtRestSecretPath))
            .AddHostedService(provider => provider.GetRequiredService<AtRestSecretStart>())
            .AddSingleton(provider => provider.GetRequiredService<AtRestSecretStart>().Secret)
            .AddSingleton(GuessMark.LoadOrCreate(options.GuessMarkPath))
            .AddSingleton<Guesses>()
            .AddHostedService<GuessMarkService>()
            .AddSingleton(new SweptTable("guesses"));
    }
}
