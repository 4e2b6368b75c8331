using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Secrets;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Recovery;
using Keyladder.Hosting.Sessions;
using Keyladder.Hosting.Storage;

namespace Keyladder.PassphraseStore.Codes;

/// <summary>Codes that go out by mail, one for each username and purpose: good for ten minutes, one use and five tries. The database has a MAC of each, whose key is outside of it.</summary>
internal sealed class CodesStore
{
    private const int Codes = 100_000_000;
    private const int MaxTries = 5;
    private const long Minute = 60_000;
    private const long GoodFor = 10 * Minute;

    private readonly SecretBytes macKey;
    private readonly Database database;
    private readonly FailedSignIns failures;
    private readonly TimeProvider time;

    public CodesStore(AtRestSecret secret, Database database, FailedSignIns failures, TimeProvider time)
    {
        (this.database, this.failures, this.time) = (database, failures, time);
        var derived = secret.Derive("recovery/v1/code-mac", [], HMACSHA256.HashSizeInBytes);
        macKey = SecretBytes.CopyOf(derived);
        CryptographicOperations.ZeroMemory(derived);
    }

    /// <summary>A new code; it ends the one before.</summary>
    public async Task<string> CreateAsync(byte[] index, string purpose, CancellationToken cancellation)
    {
        var code = RandomNumberGenerator.GetInt32(Codes).ToString("D8", CultureInfo.InvariantCulture);
        await PutAsync(index, purpose, Mac(index, purpose, code), cancellation);
        return code;
    }

    /// <summary>Where there is nothing that a code could be good for: a row like any, which no code fits. It ends the one before too.</summary>
    public Task CreateNoneAsync(byte[] index, string purpose, CancellationToken cancellation) =>
        PutAsync(index, purpose, RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes), cancellation);

    /// <summary>Counts a try, and then looks whether the code is right.</summary>
    /// <returns>What spends it, in the transaction of what it is good for.</returns>
    /// <exception cref="ProblemException">It is not.</exception>
    public async Task<CheckedCode> CheckAsync(byte[] index, string purpose, string code, ClientAddress address, CancellationToken cancellation)
    {
        var counted = await database.CountAsync(
            new Statement("""
                UPDATE codes SET tries = tries + 1 WHERE username_index = @index AND purpose = @purpose AND tries < @most AND expires > @now RETURNING mac;
                """)
            {
                { "index", index },
                { "purpose", purpose },
                { "most", MaxTries },
                { "now", time.GetUtcNow().ToUnixTimeMilliseconds() },
            },
            rows => rows.FirstAsync(row => row.GetFieldValue<byte[]>(0), cancellation),
            cancellation);
        var mac = Mac(index, purpose, code);
        return CryptographicOperations.FixedTimeEquals(counted ?? new byte[mac.Length], mac)
            ? new CheckedCode(index, purpose, mac)
            : throw await failures.CountAsync(index, address, cancellation);
    }

    private async Task PutAsync(byte[] index, string purpose, byte[] mac, CancellationToken cancellation) => await database.WriteAsync(
        transaction => transaction.ExecuteAsync(
            new Statement("""
                INSERT INTO codes (username_index, purpose, mac, tries, expires) VALUES (@index, @purpose, @mac, 0, @expires)
                ON CONFLICT (username_index, purpose) DO UPDATE SET mac = @mac, tries = 0, expires = @expires;
                """)
            {
                { "index", index },
                { "purpose", purpose },
                { "mac", mac },
                { "expires", (time.GetUtcNow().ToUnixTimeMilliseconds() + GoodFor) / Minute * Minute }, // a full minute: no row is joined by the moment
            },
            cancellation),
        cancellation);

    private byte[] Mac(byte[] index, string purpose, string code) =>
        HMACSHA256.HashData(macKey.DangerousSpan, Fields.Encode("recovery/v1/mail-code", index, purpose, Encoding.ASCII.GetBytes(code)));
}
