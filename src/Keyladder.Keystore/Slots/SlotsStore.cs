using System.Data.Common;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Audit;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Sessions;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Keystore.Slots;

/// <summary>The ways to unlock an account.</summary>
internal sealed class SlotsStore(SignInChecks checks, AuditLog audit, ObjectReads<KeystoreHead, KeyMessage> reads)
{
    /// <summary>The slot of the caller's session.</summary>
    public const string SelectOwn = """
        SELECT slots.slot_id, kind, login, wrapped, locator FROM slots JOIN sessions ON sessions.account_id = slots.account_id AND sessions.slot_id = slots.slot_id
        WHERE slots.account_id = @account AND sessions.session_id = @session;
        """;

    /// <exception cref="ProblemException">The change is refused; nothing has changed.</exception>
    public async Task ChangeAsync(SignedRequest caller, ChangeSlotsRequest request, CancellationToken cancellation)
    {
        var head = NextHead<KeystoreHead>.Read(request.Head);
        var order = await caller.WriteAsync(
            head.SelectOthers().Then(new Statement(SelectOwn)),
            async rows => (Heads: await NextHead<KeystoreHead>.ReadOthersAsync(rows, cancellation), Own: (await rows.ListAsync(Read, cancellation)).Single()),
            async (present, transaction) =>
            {
                if (head.Compare(caller.Account, present.Heads) is var order and not HeadOrder.Next)
                    return order;
                var proof = checks.VerifyProof(request.Proof, present.Own.Login, present.Own.Locator!, head.Signed.Hash);
                var newest = present.Heads.Newest.Head;
                head.RequireTree(newest.Root, newest.Count);
                RequireSlots(head.Head, newest.Slots.Where(slot => slot.Id.Value != request.Remove).Concat(request.Add is { } add ? [Describe(add)] : []));
                Problem.HeadRejectedUnless(request.Remove is null || newest.Slots.Any(slot => slot.Id.Value == request.Remove));

                await checks.SpendAsync(transaction, caller.Account, proof.Nonce, cancellation);
                await ApplyAsync(transaction, caller.Account, request, cancellation);
                await transaction.ExecuteAllAsync(
                    [
                        HeadRows.Insert(caller.Account, head.Signed, present.Heads.Audited),
                        .. audit.Append(caller.Account, present.Heads.End, Kind(request), caller.Session, request.Add?.Id ?? request.Remove, head.Head.Number),
                        EndSessions(caller.Account),
                    ],
                    cancellation);
                return HeadOrder.Next;
            },
            cancellation);
        if (order == HeadOrder.Conflict)
            throw Problem.HeadConflict(await reads.FetchAsync(caller, [], head.Head.Number - 1, cancellation));
    }

    public static SlotMessage Read(DbDataReader row) =>
        new(Guid.Parse(row.GetString(0)), row.GetString(1), row.GetFieldValue<byte[]>(2), row.GetFieldValue<byte[]>(3), row.GetFieldValue<byte[]>(4));

    /// <summary>A slot as a head must name it.</summary>
    public static HeadSlot Describe(SlotMessage slot) =>
        new(new SlotId(slot.Id), slot.Kind, Ed25519PublicKey.TryImport(slot.Login, out var login) ? login : throw Problem.MalformedRequest(), Hash256.Of(slot.Wrapped));

    /// <exception cref="ProblemException">The head names other slots.</exception>
    public static void RequireSlots(KeystoreHead head, IEnumerable<HeadSlot> slots) => Problem.HeadRejectedUnless(AreOf(head, slots));

    /// <summary>Whether a head names these slots and no others.</summary>
    public static bool AreOf(KeystoreHead head, IEnumerable<HeadSlot> slots) => head.Slots.SequenceEqual(slots.OrderBy(slot => slot.Id.ToString(), StringComparer.Ordinal));

    /// <exception cref="ProblemException">Its id or locator is taken.</exception>
    public static async Task InsertAsync(Transaction transaction, AccountId account, SlotMessage slot, CancellationToken cancellation)
    {
        var inserted = await transaction.ExecuteAsync(
            new Statement("""
                INSERT INTO slots (account_id, slot_id, kind, locator, login, wrapped)
                VALUES (@account, @slot, @kind, @locator, @login, @wrapped) ON CONFLICT DO NOTHING;
                """)
            {
                { "account", account.ToString() },
                { "slot", slot.Id.ToString() },
                { "kind", slot.Kind },
                { "locator", slot.Locator },
                { "login", slot.Login },
                { "wrapped", slot.Wrapped },
            },
            cancellation);
        if (inserted == 0)
            throw Problem.AccountExists();
    }

    private static string Kind(ChangeSlotsRequest request) =>
        request.Add is null ? AuditEventKinds.SlotRemoved : request.Remove is null ? AuditEventKinds.SlotAdded : AuditEventKinds.SlotReplaced;

    // Added first: an id or locator of a slot that goes away in the same call is still taken.
    private static async Task ApplyAsync(Transaction transaction, AccountId account, ChangeSlotsRequest request, CancellationToken cancellation)
    {
        if (request.Add is { } add)
            await InsertAsync(transaction, account, add, cancellation);
        if (request.Remove is { } remove)
        {
            await transaction.ExecuteAsync(
                new Statement("DELETE FROM slots WHERE account_id = @account AND slot_id = @slot;") { { "account", account.ToString() }, { "slot", remove.ToString() } },
                cancellation);
        }
    }

    private static Statement EndSessions(AccountId account) => new("DELETE FROM sessions WHERE account_id = @account;") { { "account", account.ToString() } };
}
