using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Hosting.Sessions;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Hosting.Accounts;

/// <summary>The end of accounts (docs/spec/heads.md section 7).</summary>
internal sealed class Deletions<THead, TObject>(
    SignInChecks checks, AccountTables tables, ObjectReads<THead, TObject> reads, ServiceOrigin origin, TimeProvider time)
    where THead : Head, IHead<THead>
    where TObject : class
{
    private const string SelectOwnSlot = """
        SELECT login, locator FROM slots JOIN sessions ON sessions.account_id = slots.account_id AND sessions.slot_id = slots.slot_id
        WHERE slots.account_id = @account AND sessions.session_id = @session;
        """;

    /// <summary>Every row of the account goes, in one transaction. Nothing that names it is left behind, not even that it was there.</summary>
    /// <exception cref="ProblemException">The deletion is refused; nothing has changed.</exception>
    public async Task<DeleteAccountResponse> DeleteAsync(SignedRequest caller, DeleteAccountRequest request, CancellationToken cancellation)
    {
        Form.RequireJws(request.Deletion);
        if (!AccountDeletion.TryVerify<THead>(request.Deletion, out var deletion))
            throw Problem.MalformedRequest();
        var rows = await caller.WriteAsync(
            new Statement($"{HeadRows.SelectNewest}{SelectOwnSlot}"),
            async rows => (
                Newest: await HeadRows.NewestAsync<THead>(rows, cancellation),
                Own: (await rows.ListAsync(row => (Login: row.GetFieldValue<byte[]>(0), Locator: row.GetFieldValue<byte[]>(1)), cancellation)).Single()),
            async (present, transaction) =>
            {
                Problem.HeadRejectedUnless(
                    deletion.Audience == origin.Value && deletion.Account == caller.Account && deletion.Identity.Equals(present.Newest.Head.Signer));
                if (deletion.Number != present.Newest.Head.Number + 1 || deletion.Head != present.Newest.Hash)
                    return null;
                var proof = checks.VerifyProof(request.Proof, present.Own.Login, present.Own.Locator, new Hash256(Jws.SigningInputHash(request.Deletion)));
                await checks.SpendAsync(transaction, caller.Account, proof.Nonce, cancellation);
                return await tables.DeleteAsync(transaction, caller.Account, cancellation);
            },
            cancellation);
        return rows is null
            ? throw Problem.HeadConflict(await reads.FetchAsync(caller, [], deletion.Number - 1, cancellation))
            : new DeleteAccountResponse(StoredTime.Day(time.GetUtcNow()), rows);
    }
}
