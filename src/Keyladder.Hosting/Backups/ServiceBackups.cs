using System.Data.Common;
using System.Reflection;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Backups;

/// <summary>What the operator does beside a service: docs/guide/operating.md. No service need run, and one that runs is not disturbed by a backup.</summary>
/// <param name="schema">The assembly that holds the service's migrations.</param>
/// <param name="check">What looks through a backup of the service.</param>
public sealed class ServiceBackups(Assembly schema, BackupCheck check)
{
    // An invitation, or a code by mail, that was used after the backup would be good again; one that is unused now stays good.
    private static readonly string[] Passing = ["invitations", "codes"];
    private static readonly string[] Kept = ["spent_admissions"];

    /// <summary>Writes a backup and checks it.</summary>
    /// <exception cref="StartupException">The settings, the database or the file are not good.</exception>
    public async Task<BackupSummary> WriteAsync(ServiceOptions options, string file, TimeProvider time, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return await GuardAsync(async () =>
        {
            await using var database = ServiceApplication.OpenDatabase(options);
            return await Backup.WriteAsync(database, schema, file, Passing, written => check.RunAsync(written, cancellation), time, cancellation);
        });
    }

    /// <summary>Checks a backup: reads it, and changes nothing anywhere.</summary>
    /// <exception cref="StartupException">What is wrong with it.</exception>
    public async Task<BackupSummary> VerifyAsync(string file, TimeProvider time, CancellationToken cancellation = default)
    {
        await using var backup = await Backup.OpenAsync(file, schema, time, cancellation);
        return await check.RunAsync(backup, cancellation);
    }

    /// <summary>Checks a backup and puts it in the place of what the database holds: wholly, or nothing has changed.</summary>
    /// <exception cref="StartupException">The backup, the settings or the database are not good, or the database holds something and <paramref name="replace"/> is false.</exception>
    public async Task<BackupSummary> RestoreAsync(ServiceOptions options, string file, bool replace, TimeProvider time, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        await using var backup = await Backup.OpenAsync(file, schema, time, cancellation);
        var summary = await check.RunAsync(backup, cancellation);
        return await GuardAsync(async () =>
        {
            await ServiceApplication.WithDatabaseAsync(options, time, database => backup.RestoreAsync(database, Passing, Kept, replace, time, cancellation), cancellation);
            return summary;
        });
    }

    private static async Task<BackupSummary> GuardAsync(Func<Task<BackupSummary>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is ProblemException or DbException)
        {
            throw new StartupException("The database does not answer, or does not take what it is given. Nothing has been changed.", "Check that it runs and has room, then run the command again.", e);
        }
    }
}

/// <summary>What a backup holds.</summary>
/// <param name="Schema">The schema that it was made in.</param>
/// <param name="What">The objects' name.</param>
public sealed record BackupSummary(long Schema, int Accounts, long Heads, long Objects, string What);
