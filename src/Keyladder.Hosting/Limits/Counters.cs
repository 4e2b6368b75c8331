using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Limits;

/// <summary>
/// Counters of the running hour, in the database, so that all processes count together. A row's name is a MAC over rule, subject and hour under the service's own secret: no address and
/// no locator stands in the database, and rows of two hours or two services have nothing in common. A process that starts after a rotation of the secret counts anew.
/// </summary>
public sealed class Counters
{
    private readonly SecretBytes macKey;
    private readonly Database database;
    private readonly TimeProvider time;

    public Counters(ServiceSecret secret, Database database, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(secret);
        (this.database, this.time) = (database, time);
        macKey = HkdfSha512.DeriveKey(secret.Current.Secret.DangerousSpan, [], Fields.Encode("hosting/v1/limiter"), 32);
    }

    /// <summary>What is left of the hour that is counted.</summary>
    public TimeSpan RestOfHour
    {
        get
        {
            var now = time.GetUtcNow();
            return DateTimeOffset.FromUnixTimeMilliseconds(StoredTime.HourAfter(now)) - now;
        }
    }

    /// <summary>Counts one more of each, in one statement and whatever else goes wrong with the request.</summary>
    /// <returns>The counts, this one included, in the order of the rules.</returns>
    public async Task<IReadOnlyList<long>> AddAsync(IReadOnlyList<(string Rule, byte[] Subject)> counted, CancellationToken cancellation)
    {
        var expires = StoredTime.HourAfter(time.GetUtcNow());
        var names = counted.Select(one => Name(one.Rule, one.Subject, expires)).ToList();

        // In the order of the names: two requests that meet in two rows take them in the same order.
        var ordered = names.Index().OrderBy(name => Convert.ToHexString(name.Item), StringComparer.Ordinal).ToList();
        var statement = new Statement($"""
            INSERT INTO limits (limiter, count, expires) VALUES {string.Join(", ", ordered.Select(name => $"(@limiter{name.Index}, 1, @expires)"))}
            ON CONFLICT (limiter) DO UPDATE SET count = limits.count + 1 RETURNING limiter, count;
            """) { { "expires", expires } };
        foreach (var (index, name) in ordered)
            statement.Add($"limiter{index}", name);

        var counts = await database.CountAsync(
            statement, rows => rows.ListAsync(row => (Name: Convert.ToHexString(row.GetFieldValue<byte[]>(0)), Count: row.GetInt64(1)), cancellation), cancellation);
        return [.. names.Select(name => counts.Single(count => count.Name == Convert.ToHexString(name)).Count)];
    }

    private byte[] Name(string rule, byte[] subject, long hour) => HMACSHA256.HashData(macKey.DangerousSpan, Fields.Encode(rule, subject, hour));
}
