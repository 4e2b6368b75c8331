using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Accounts;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Sessions;
using Keyladder.Hosting.Storage;
using Keyladder.Keystore.Slots;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Keystore.Accounts;

/// <summary>What an account of the Keystore begins with, and what unlocks it.</summary>
internal sealed class AccountsStore(
    SignInChecks checks, SignUps signUps, ObjectTable<KeystoreHead, KeyMessage> table, ObjectReads<KeystoreHead, KeyMessage> reads)
{
    /// <exception cref="ProblemException">The account is refused; nothing has changed but the count of what came from the address.</exception>
    public Task<SignInResponse> SignUpAsync(SignUpRequest request, ClientAddress address, CancellationToken cancellation)
    {
        var assertion = checks.ReadAssertion(request.Assertion);
        if (!SignInChecks.IsSignedBy(request.Assertion, request.Slot.Login))
            throw Problem.SignInFailed();
        var next = NextHead<KeystoreHead>.Read(request.Head);
        var (head, account, identity) = (next.Head, new AccountId(request.Account), request.Keys[0]);
        var leaf = table.LeafOf(identity);
        var update = new PagedTree(new Dictionary<string, byte[]>()).Apply(new Dictionary<Hash256, Hash256?> { [table.PathOf(new(identity.Id))] = leaf });
        next.RequireFirst(account);
        Problem.HeadRejectedUnless(
            head.Epoch == 1 && head.Identity.Id.Value == identity.Id && head.KeyEncryptionKey.Value == identity.Kek && identity.Revision == 1);
        SlotsStore.RequireSlots(head, [SlotsStore.Describe(request.Slot)]);
        next.RequireTree(update.Root, update.Added);

        return signUps.RunAsync(
            new NewAccount<KeystoreHead>(
                next.Signed, new SlotId(request.Slot.Id), request.Slot.Locator!, request.Slot.Login, assertion, request.Invitation, request.Admission),
            address,
            async transaction =>
            {
                await SlotsStore.InsertAsync(transaction, account, request.Slot, cancellation);
                await transaction.ExecuteAllAsync(
                    [.. table.Store(account, [identity], []), table.Change(account, 1, new(identity.Id), null, leaf.ToArray()), .. TreePages.Write(account, update)],
                    cancellation);
            },
            cancellation);
    }

    /// <summary>What a device needs to unlock the account. Only the head says which key is the identity keypair, hence two looks.</summary>
    public async Task<AccountResponse> GetAsync(SignedRequest caller, long since, CancellationToken cancellation)
    {
        var (slot, identity) = await caller.ReadAsync(
            new Statement($"{SlotsStore.SelectOwn}{HeadRows.SelectNewest}"),
            async rows => (
                Slot: (await rows.ListAsync(SlotsStore.Read, cancellation)).Single() with { Locator = null },
                Identity: (await HeadRows.NewestAsync<KeystoreHead>(rows, cancellation)).Head.Identity.Id),
            cancellation);
        var found = await reads.FetchAsync(caller, [new(identity.Value)], since, cancellation);
        return new AccountResponse(slot, found.Objects.Single(), found.Head, found.Chain, found.Proof, found.Events);
    }
}
