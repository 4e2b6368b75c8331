using System.Data.Common;
using System.Reflection;
using Keyladder.Hosting;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;

namespace Keyladder.Keystore.Backups;

/// <summary>What the operator does beside the service: docs/guide/operating.md. No service need run, and one that runs is not disturbed by a backup.</summary>
public static class KeystoreBackup
{
    // An invitation that was used after the backup would be good again; one that is unused now stays good.
    private static readonly string[] Passing = ["invitations"];
    private static readonly string[] Kept = ["spent_admissions"];
    private static readonly Assembly Schema = typeof(KeystoreBackup).Assembly;

    /// <summary>Writes a backup and checks it.</summary>
    /// <exception cref="StartupException">The settings, the database or the file are not good.</exception>
    public static async Task<BackupSummary> WriteAsync(KeystoreOptions options, string file, TimeProvider time, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return await GuardAsync(async () =>
        {
            await using var database = ServiceApplication.OpenDatabase(options);
            return await Backup.WriteAsync(database, Schema, file, Passing, written => BackupCheck.RunAsync(written, cancellation), time, cancellation);
        });
    }

    /// <summary>Checks a backup: reads it, and changes nothing anywhere.</summary>
    /// <exception cref="StartupException">What is wrong with it.</exception>
    public static async Task<BackupSummary> VerifyAsync(string file, TimeProvider time, CancellationToken cancellation = default)
    {
        await using var backup = await Backup.OpenAsync(file, Schema, time, cancellation);
        return await BackupCheck.RunAsync(backup, cancellation);
    }

    /// <summary>Checks a backup and puts it in the place of what the database holds: wholly, or nothing has changed.</summary>
    /// <exception cref="StartupException">The backup, the settings or the database are not good, or the database holds something and <paramref name="replace"/> is false.</exception>
    public static async Task<BackupSummary> RestoreAsync(KeystoreOptions options, string file, bool replace, TimeProvider time, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        await using var backup = await Backup.OpenAsync(file, Schema, time, cancellation);
        var summary = await BackupCheck.RunAsync(backup, cancellation);
        return await GuardAsync(async () =>
        {
            await ServiceApplication.WithDatabaseAsync(
                options, time, database => backup.RestoreAsync(database, Passing, Kept, replace, time, cancellation), cancellation);
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
public sealed record BackupSummary(long Schema, int Accounts, long Heads, long Keys);
