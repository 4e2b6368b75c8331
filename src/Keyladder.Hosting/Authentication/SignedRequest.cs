using System.Reflection;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Microsoft.AspNetCore.Http;

namespace Keyladder.Hosting.Authentication;

/// <summary>
/// A request that says which session signed it, and the only way from a signed endpoint to the database. Whether it speaks the truth shows when the session's row is there; that row is
/// read in front of whatever the endpoint reads first, in the same round trip, and nothing is handed out before the signature has been verified with it.
/// </summary>
public sealed class SignedRequest
{
    private readonly HttpMessageSignature signature;
    private readonly CoveredComponents covered;
    private readonly ContentDigest digest;
    private readonly Database database;
    private readonly SessionKeys sessionKeys;
    private readonly RequestLimits limits;
    private readonly TimeProvider time;
    private bool counted;

    internal SignedRequest(
        HttpMessageSignature signature, CoveredComponents covered, ContentDigest digest, Database database, SessionKeys sessionKeys, RequestLimits limits, TimeProvider time)
    {
        this.signature = signature;
        this.covered = covered;
        this.digest = digest;
        this.database = database;
        this.sessionKeys = sessionKeys;
        this.limits = limits;
        this.time = time;
    }

    public AccountId Account => signature.KeyId.Account;

    public SessionId Session => signature.KeyId.Session;

    public static ValueTask<SignedRequest> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(context.Features.Get<SignedRequest>() ?? throw new InvalidOperationException("An endpoint without signature asks for a signed request."));

    /// <summary>For an endpoint with a <see cref="StreamedBody"/>, once the body has come: nothing of it counts before.</summary>
    /// <param name="sha256">Of the body.</param>
    /// <exception cref="ProblemException">It is not the body that was signed for.</exception>
    public void RequireBody(ReadOnlySpan<byte> sha256)
    {
        if (ContentDigest.OfHash(sha256) != digest)
            throw Problem.SignInRequired();
    }

    /// <param name="statement">Finds the parameters <c>@account</c> and <c>@session</c> in place.</param>
    /// <exception cref="ProblemException">The session or the signature is not good, or the account asks too often; so for the others.</exception>
    public Task<T> ReadAsync<T>(Statement statement, Func<Rows, Task<T>> read, CancellationToken cancellation) =>
        database.ReadAsync(SelectSession(signature.KeyId).Then(statement), async rows => await read(await VerifyAsync(rows, cancellation)), cancellation);

    /// <summary>A transaction that begins with a read; <paramref name="write"/> gets what <paramref name="read"/> made of it.</summary>
    /// <param name="statement">Finds the parameters <c>@account</c> and <c>@session</c> in place.</param>
    /// <exception cref="ProblemException">The session or the signature is not good.</exception>
    public Task<T> WriteAsync<TRead, T>(
        Statement statement, Func<Rows, Task<TRead>> read, Func<TRead, Transaction, Task<T>> write, CancellationToken cancellation) =>
        database.WriteAsync(
            async transaction =>
            {
                var seen = await transaction.QueryAsync(
                    SelectSession(signature.KeyId).Then(statement), async rows => await read(await VerifyAsync(rows, cancellation)), cancellation);
                return await write(seen, transaction);
            },
            cancellation);

    /// <summary>A transaction that needs to know nothing before it writes.</summary>
    /// <exception cref="ProblemException">The session or the signature is not good.</exception>
    public Task<T> WriteAsync<T>(Func<Transaction, Task<T>> write, CancellationToken cancellation) =>
        WriteAsync(new Statement(""), _ => Task.FromResult(true), (_, transaction) => write(transaction), cancellation);

    internal static Statement SelectSession(SessionKeyId id) =>
        new("SELECT client_public, expires FROM sessions WHERE account_id = @account AND session_id = @session;")
        {
            { "account", id.Account.ToString() },
            { "session", id.Session.ToString() },
        };

    private async Task<Rows> VerifyAsync(Rows rows, CancellationToken cancellation)
    {
        var session = await rows.FirstAsync(row => new { ClientPublic = row.GetFieldValue<byte[]>(0), Expires = row.GetInt64(1) }, cancellation);
        if (session is null
            || session.Expires <= time.GetUtcNow().ToUnixTimeMilliseconds()
            || !sessionKeys.Verify(signature, covered, session.ClientPublic))
            throw Problem.SignInRequired();

        // Once, however often the endpoint looks; and not before it is known to be the account's own.
        if (!counted)
            limits.TakeSigned(Account);
        counted = true;
        return rows;
    }
}
