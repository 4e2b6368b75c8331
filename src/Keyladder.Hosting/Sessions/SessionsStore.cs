using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Audit;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Hosting.Sessions;

/// <summary>Sessions (docs/spec/sign-in.md). A row holds the client's public key; nothing in the table signs anything.</summary>
public sealed class SessionsStore(Database database, SignInChecks checks, FailedSignIns failures, SessionKeys sessionKeys, AuditLog audit, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>What is right is let in, however many wrong ones came before it: nobody can lock out somebody else.</summary>
    public async Task<SignInResponse> SignInAsync(string assertion, ClientAddress address, CancellationToken cancellation)
    {
        var claimed = checks.ReadAssertion(assertion);
        // There is always a row, that of the slot or nobody's: reading one takes time, and who asks must not see by it which slots there are.
        var slot = await database.ReadAsync(
            new Statement("""
                SELECT account_id, slot_id, login FROM (
                    SELECT 1 AS choice, account_id, slot_id, login FROM slots WHERE locator = @locator
                    UNION ALL SELECT 2, @nobody_id, @nobody_id, @nobody
                ) found ORDER BY choice LIMIT 1;
                """)
            {
                { "locator", claimed.Locator },
                { "nobody_id", Guid.Empty.ToString() },
                { "nobody", checks.Nobody },
            },
            rows => rows.FirstAsync(
                row => new { Account = Guid.Parse(row.GetString(0)), Id = Guid.Parse(row.GetString(1)), Login = row.GetFieldValue<byte[]>(2) }, cancellation),
            cancellation);
        if (!SignInChecks.IsSignedBy(assertion, slot!.Login))
            throw await failures.CountAsync(claimed.Locator, address, cancellation);
        return await database.WriteAsync(
            transaction => OpenAsync(transaction, new AccountId(slot.Account), new SlotId(slot.Id), claimed, created: false, cancellation), cancellation);
    }

    /// <param name="assertion">Its signature has been verified with the slot's login key.</param>
    /// <param name="created">Whether the account is made in this transaction.</param>
    public async Task<SignInResponse> OpenAsync(
        Transaction transaction, AccountId account, SlotId slot, LoginAssertion assertion, bool created, CancellationToken cancellation)
    {
        await checks.SpendAsync(transaction, account, assertion.Nonce, cancellation);
        var now = time.GetUtcNow();
        var keyId = sessionKeys.NewKeyId(account);
        var expires = StoredTime.HourBefore(now + Lifetime);
        var opened = await transaction.ExecuteAsync(
            new Statement("""
                INSERT INTO sessions (account_id, session_id, slot_id, client_public, created, expires)
                SELECT account_id, @session, slot_id, @client, @created, @expires FROM slots
                WHERE account_id = @account AND slot_id = @slot AND locator = @locator;
                """)
            {
                { "account", account.ToString() },
                { "session", keyId.Session.ToString() },
                { "slot", slot.ToString() },
                { "locator", assertion.Locator },
                { "client", assertion.SessionPublicKey },
                { "created", StoredTime.Day(now) },
                { "expires", expires },
            },
            cancellation);

        // The slot went away after its login key was read, or the assertion names another one's locator.
        if (opened == 0)
            throw Problem.SignInFailed();
        var end = await transaction.QueryAsync(
            new Statement(AuditLog.SelectEnd) { { "account", account.ToString() } }, rows => AuditLog.ReadEndAsync(rows, cancellation), cancellation);
        var kind = created ? AuditEventKinds.AccountCreated : AuditEventKinds.SignedIn;
        await transaction.ExecuteAllAsync([.. audit.Append(account, end, kind, keyId.Session, slot.Value, created ? 1 : null)], cancellation);
        var restored = await transaction.QueryAsync(new Statement("SELECT number FROM restores;"), rows => rows.ListAsync(row => row.GetInt64(0), cancellation), cancellation);
        return new SignInResponse(
            keyId.ToString(), sessionKeys.PublicKey(keyId, assertion.SessionPublicKey), expires, restored is [var number] ? number : null);
    }

    /// <summary>
    /// For a write that deletes no row: on PostgreSQL it would not notice that the account is deleted meanwhile, and leave new rows of it behind. This makes it run again, and be refused.
    /// </summary>
    public static Statement Hold(SignedRequest caller) =>
        new("UPDATE sessions SET expires = expires WHERE account_id = @account AND session_id = @session;")
        {
            { "account", caller.Account.ToString() },
            { "session", caller.Session.ToString() },
        };

    public Task<SessionsResponse> ListAsync(SignedRequest caller, CancellationToken cancellation) => caller.ReadAsync(
        new Statement("SELECT session_id, slot_id, created, expires FROM sessions WHERE account_id = @account AND expires > @now ORDER BY expires DESC, session_id;")
        {
            { "now", time.GetUtcNow().ToUnixTimeMilliseconds() },
        },
        async rows => new SessionsResponse([.. await rows.ListAsync(
            row => new SessionMessage(Guid.Parse(row.GetString(0)), Guid.Parse(row.GetString(1)), row.GetString(2), row.GetInt64(3), row.GetString(0) == caller.Session.ToString()),
            cancellation)]),
        cancellation);

    public Task<int> RevokeAsync(SignedRequest caller, SessionId session, CancellationToken cancellation) => caller.WriteAsync(
        new Statement(AuditLog.SelectEnd),
        rows => AuditLog.ReadEndAsync(rows, cancellation),
        async (end, transaction) =>
        {
            var revoked = await transaction.ExecuteAsync(
                new Statement("DELETE FROM sessions WHERE account_id = @account AND session_id = @revoked;")
                {
                    { "account", caller.Account.ToString() },
                    { "revoked", session.ToString() },
                },
                cancellation);
            if (revoked == 0)
                throw Problem.NotFound();
            await transaction.ExecuteAllAsync([.. audit.Append(caller.Account, end, AuditEventKinds.SessionEnded, caller.Session, session.Value)], cancellation);
            return revoked;
        },
        cancellation);
}
