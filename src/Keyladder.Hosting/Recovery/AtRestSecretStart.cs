using System.Security.Cryptography;
using Keyladder.Hosting.Storage;
using Microsoft.Extensions.Hosting;

namespace Keyladder.Hosting.Recovery;

/// <summary>
/// Takes up the at-rest secret before the service listens. Table <c>at_rest_secrets</c> says by a fingerprint which generations the database's rows are sealed with: where the file lacks one
/// of them the service does not start, and above all makes no new file, under which it would look as if everything were well.
/// </summary>
internal sealed class AtRestSecretStart(Database database, string path) : IHostedService
{
    private AtRestSecret? secret;

    public AtRestSecret Secret => secret ?? throw new InvalidOperationException("The service has not started.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var known = await database.ReadAsync(Select, rows => ReadAsync(rows, cancellationToken), cancellationToken);
        if (known.Count > 0 && !File.Exists(path))
            throw Lost();
        var loaded = AtRestSecret.LoadOrCreate(path);
        var own = loaded.Fingerprints.ToList();
        await database.WriteAsync(
            async transaction =>
            {
                // Once more: an instance with a file of its own may have begun at the same moment.
                var present = await transaction.QueryAsync(Select, rows => ReadAsync(rows, cancellationToken), cancellationToken);
                if (!present.TrueForAll(row => own.Exists(entry => entry.Generation == row.Generation && CryptographicOperations.FixedTimeEquals(entry.Fingerprint, row.Fingerprint))))
                    throw Lost();
                foreach (var (generation, fingerprint) in own)
                {
                    await transaction.ExecuteAsync(
                        new Statement("INSERT INTO at_rest_secrets (generation, fingerprint) VALUES (@generation, @fingerprint) ON CONFLICT (generation) DO NOTHING;")
                        {
                            { "generation", generation },
                            { "fingerprint", fingerprint },
                        },
                        cancellationToken);
                }

                return true;
            },
            cancellationToken);
        secret = loaded;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static Statement Select => new("SELECT generation, fingerprint FROM at_rest_secrets;");

    private static Task<List<(byte Generation, byte[] Fingerprint)>> ReadAsync(Rows rows, CancellationToken cancellation) =>
        rows.ListAsync(row => ((byte)row.GetInt64(0), row.GetFieldValue<byte[]>(1)), cancellation);

    private StartupException Lost() => new(
        $"The at-rest secret {path} is missing, or is not the one that the database's rows are sealed with.",
        "Put back the file that belongs to this database: from its own backup, or from another instance. Nothing else opens those rows.");
}
