using Keyladder.Cryptography.Secrets;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Admissions;

/// <summary>What the operator does beside the running service: needs its settings and its database, and no service that runs.</summary>
public static class Invitations
{
    /// <returns>The code, which is written nowhere, and when it ends.</returns>
    /// <exception cref="StartupException">The settings are not good, or the database is not.</exception>
    public static async Task<(InvitationCode Code, DateTimeOffset Expires)> CreateAsync(ServiceOptions options, int days, TimeProvider time, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        var code = InvitationCode.Generate();
        var expires = time.GetUtcNow().AddDays(days);
        try
        {
            await ServiceApplication.WithDatabaseAsync(
                options,
                time,
                database => database.WriteAsync(
                    transaction => transaction.ExecuteAsync(InvitationRows.Insert(InvitationCode.HashOf(code.DangerousSpan.ToArray()), expires), cancellation), cancellation),
                cancellation);
            return (code, expires);
        }
        catch (ProblemException e)
        {
            code.Dispose();
            throw new StartupException("The database does not answer.", "Check that it runs, then run the command again.", e);
        }
    }
}
