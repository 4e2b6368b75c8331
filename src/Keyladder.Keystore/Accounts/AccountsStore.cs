using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Keystore.Admissions;
using Keyladder.Keystore.Changes;
using Keyladder.Keystore.Heads;
using Keyladder.Keystore.Keys;
using Keyladder.Keystore.Sessions;
using Keyladder.Keystore.Slots;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Keystore.Accounts;

/// <summary>Accounts: an account is there when its first head is.</summary>
internal sealed class AccountsStore(
    Database database, SignInChecks checks, Admittance admittance, Counters counters, LimitOptions limits, SessionsStore sessions, ServiceOrigin origin, TimeProvider time)
{
    /// <exception cref="ProblemException">The account is refused; nothing has changed but the count of what came from the address.</exception>
    public async Task<SignInResponse> SignUpAsync(SignUpRequest request, ClientAddress address, CancellationToken cancellation)
    {
        var assertion = checks.ReadAssertion(request.Assertion);
        if (!SignInChecks.IsSignedBy(request.Assertion, request.Slot.Login))
            throw Problem.SignInFailed();
        var head = NextHead.Read(request.Head);
        var (account, slot, key) = (new AccountId(request.Account), new SlotId(request.Slot.Id), request.Keys[0]);
        var update = new PagedTree(new Dictionary<string, byte[]>()).Apply(new Dictionary<Hash256, Hash256?> { [KeysStore.Path(key.Id)] = KeysStore.Leaf(key) });
        head.RequireFirst(account, key);
        head.RequireSlots([SlotsStore.Describe(request.Slot)]);
        head.RequireTree(update.Root, update.Added);

        // Before it is known whether anything lets this person in: guessing at invitations is counted too.
        if ((await counters.AddAsync([("keystore/sign-ups", address.ToArray())], cancellation))[0] > limits.SignUps)
            throw Problem.TooManyRequests(counters.RestOfHour);

        return await database.WriteAsync(
            async transaction =>
            {
                var landed = await HasLandedAsync(transaction, account, head.Signed, request.Slot, cancellation);
                if (!landed)
                {
                    // First: whoever is not let in hears the same, whether or not the account, the slot or the locator are taken.
                    await admittance.AdmitAsync(transaction, request, cancellation);
                    if (await transaction.ExecuteAsync(HeadRows.Insert(account, head.Signed, audited: 0), cancellation) == 0)
                        throw Problem.AccountExists();
                    await SlotsStore.InsertAsync(transaction, account, request.Slot, cancellation);
                    await transaction.ExecuteAllAsync(
                        [KeysStore.Put(account, key), ChangesStore.Change(account, 1, key.Id, null, KeysStore.Leaf(key).ToArray()), .. TreePages.Write(account, update)],
                        cancellation);
                }

                return await sessions.OpenAsync(transaction, account, slot, assertion, created: !landed, cancellation);
            },
            cancellation);
    }

    /// <summary>What a device needs to unlock the account. Only the head says which key is the identity keypair, hence two looks.</summary>
    public static async Task<AccountResponse> GetAsync(SignedRequest caller, long since, CancellationToken cancellation)
    {
        var (slot, identity) = await caller.ReadAsync(
            new Statement($"{SlotsStore.SelectOwn}{HeadRows.SelectNewest}"),
            async rows => (
                Slot: (await rows.ListAsync(SlotsStore.Read, cancellation)).Single() with { Locator = null },
                Identity: (await HeadRows.NewestAsync(rows, cancellation)).Head.Identity.Id),
            cancellation);
        var found = await KeysStore.FetchAsync(caller, [identity.Value], since, cancellation);
        return new AccountResponse(slot, found.Keys.Single(), found.Head, found.Chain, found.Proof, found.Events);
    }

    /// <summary>Every row of the account goes, in one transaction. Nothing that names it is left behind, not even that it was there.</summary>
    /// <exception cref="ProblemException">The deletion is refused; nothing has changed.</exception>
    public async Task<DeleteAccountResponse> DeleteAsync(SignedRequest caller, DeleteAccountRequest request, CancellationToken cancellation)
    {
        if (!AccountDeletion.TryVerify<KeystoreHead>(request.Deletion, out var deletion))
            throw Problem.MalformedRequest();
        var rows = await caller.WriteAsync(
            new Statement($"{HeadRows.SelectNewest}{SlotsStore.SelectOwn}"),
            async rows => (Newest: await HeadRows.NewestAsync(rows, cancellation), Own: (await rows.ListAsync(SlotsStore.Read, cancellation)).Single()),
            async (present, transaction) =>
            {
                NextHead.RequireFit(
                    deletion.Audience == origin.Value && deletion.Account == caller.Account && deletion.Identity.Equals(present.Newest.Head.Identity.Public));
                if (deletion.Number != present.Newest.Head.Number + 1 || deletion.Head != present.Newest.Hash)
                    return null;
                var proof = checks.VerifyProof(request.Proof, present.Own, new Hash256(Jws.SigningInputHash(request.Deletion)));
                await checks.SpendAsync(transaction, caller.Account, proof.Nonce, cancellation);
                return await AccountTables.DeleteAsync(transaction, caller.Account, cancellation);
            },
            cancellation);
        return rows is null
            ? throw Problem.HeadConflict(await KeysStore.FetchAsync(caller, [], deletion.Number - 1, cancellation))
            : new DeleteAccountResponse(StoredTime.Day(time.GetUtcNow()), rows);
    }

    // The same sign-up once more, by the same person: the first answer may have been lost.
    private static Task<bool> HasLandedAsync(Transaction transaction, AccountId account, SignedHead<KeystoreHead> head, SlotMessage slot, CancellationToken cancellation) =>
        transaction.QueryAsync(
            new Statement("""
                SELECT jws FROM heads WHERE account_id = @account AND number = 1
                AND EXISTS (SELECT 1 FROM slots WHERE account_id = @account AND slot_id = @slot AND locator = @locator AND login = @login);
                """)
            {
                { "account", account.ToString() },
                { "slot", slot.Id.ToString() },
                { "locator", slot.Locator },
                { "login", slot.Login },
            },
            async rows => (await rows.ListAsync(row => HeadRows.Read(row.GetString(0)), cancellation)).Any(landed => landed.Hash == head.Hash),
            cancellation);
}
