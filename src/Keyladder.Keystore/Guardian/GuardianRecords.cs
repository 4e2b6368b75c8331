using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Recovery;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.Keystore.Guardian;

/// <summary>
/// What the Guardian keeps for a handle, and the guesses at it (docs/spec/passphrase-store.md section 4). A handle that nobody has is treated as one that somebody has: by the same statements,
/// the same counting, and a key that follows from the at-rest secret.
/// </summary>
internal sealed class GuardianRecords
{
    private const string KeyLabel = "guardian/v1/oprf-key";
    private const string ShareLabel = "guardian/v1/share";
    private const string AbsentLabel = "guardian/v1/absent-oprf-key";

    // There is always a row, that of the handle or nobody's: reading one takes time.
    private const string SelectKey = """
        SELECT handle, oprf_key FROM (
            SELECT 1 AS choice, handle, oprf_key FROM guardian_records WHERE handle = @handle
            UNION ALL SELECT 2, @nobody_handle, @nobody_key
        ) found ORDER BY choice LIMIT 1;
        """;

    private readonly AtRestSecret secret;
    private readonly Guesses guesses;
    private readonly Database database;
    private readonly byte[] nobodysKey;

    public GuardianRecords(AtRestSecret secret, Guesses guesses, Database database)
    {
        (this.secret, this.guesses, this.database) = (secret, guesses, database);
        using var key = OprfKey.Generate();
        nobodysKey = Seal(key, Guid.Empty);
    }

    /// <summary>What a device's guesses are counted under.</summary>
    public static string SubjectOfDevice(string id) => $"device/{id}";

    public static string SubjectOf(Guid handle) => $"record/{handle}";

    /// <returns>What the record's key, which is made here, makes of the element.</returns>
    /// <exception cref="ProblemException">The handle is taken.</exception>
    public async Task<byte[]> CreateAsync(CreateGuardianRecordRequest request, CancellationToken cancellation)
    {
        using var key = OprfKey.Generate();
        var evaluated = key.BlindEvaluate(request.Blinded);

        // Whether a handle is taken learns only who made it: one that a Store has shown may be nobody's, and who could try it here would see that.
        var handle = GuardianHandle.FromSeed(request.Seed).Value;
        var insert = new Statement("""
            INSERT INTO guardian_records (handle, oprf_key, share, public_key, release_key) VALUES (@handle, @oprf_key, @share, @public_key, @release_key) ON CONFLICT DO NOTHING;
            """)
        {
            { "handle", handle.ToString() },
            { "oprf_key", Seal(key, handle) },
            { "share", secret.Seal(request.Share, ShareLabel, Owner(handle)) },
            { "public_key", request.PublicKey },
            { "release_key", request.ReleaseKey },
        };
        var inserted = await database.WriteAsync(transaction => transaction.ExecuteAsync(insert, cancellation), cancellation);
        return inserted == 1 ? evaluated : throw Problem.AccountExists();
    }

    /// <summary>A guess: it is counted, and the count is on the disk, before it is evaluated.</summary>
    /// <param name="subject">Whose guess it is.</param>
    /// <param name="handle">At whose key.</param>
    /// <exception cref="ProblemException">There were too many guesses.</exception>
    public async Task<byte[]> EvaluateAsync(string subject, Guid handle, byte[] blinded, CancellationToken cancellation)
    {
        await guesses.CountAsync(subject, cancellation);
        var select = new Statement(SelectKey)
        {
            { "handle", handle.ToString() },
            { "nobody_handle", Guid.Empty.ToString() },
            { "nobody_key", nobodysKey },
        };
        var (owner, @sealed) = (await database.ReadAsync(
            select, rows => rows.ListAsync(row => (Guid.Parse(row.GetString(0)), row.GetFieldValue<byte[]>(1)), cancellation), cancellation)).Single();

        // Both are made whichever is used: that there is no record shows in no time.
        var seed = secret.Derive(AbsentLabel, Owner(handle), OprfKey.SeedSize);
        using var absent = OprfKey.Derive(seed, []);
        CryptographicOperations.ZeroMemory(seed);
        using var scalar = secret.Open(@sealed, KeyLabel, Owner(owner));
        using var present = OprfKey.FromScalar(scalar.DangerousSpan);
        return (owner == handle ? present : absent).BlindEvaluate(blinded);
    }

    /// <param name="sealed">As the record has it.</param>
    public byte[] OpenShare(byte[] @sealed, Guid handle)
    {
        using var share = secret.Open(@sealed, ShareLabel, Owner(handle));
        return share.DangerousSpan.ToArray();
    }

    private byte[] Seal(OprfKey key, Guid handle)
    {
        using var scalar = key.DangerousExport();
        return secret.Seal(scalar.DangerousSpan, KeyLabel, Owner(handle));
    }

    private static byte[] Owner(Guid handle) => handle.ToByteArray(bigEndian: true);
}
