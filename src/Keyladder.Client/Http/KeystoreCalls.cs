using Keyladder.Cryptography;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>The signed calls that only the Keystore has (docs/spec/keystore-api.md).</summary>
internal sealed class KeystoreCalls(SignedConnection connection) : ServiceCalls(connection)
{
    public async Task<AccountResponse> GetAccountAsync(long since, CancellationToken cancellationToken)
    {
        var call = Get(KeystoreRoutes.Account, since);
        var answer = await Connection.SendAsync(call, ProtocolJson.Default.AccountResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Chain, answer.Events);
        return answer;
    }

    /// <summary>At most <see cref="KeystoreRoutes.MaxObjects"/> ids.</summary>
    public async Task<KeysResponse> FetchKeysAsync(IEnumerable<KeyId> ids, long since, CancellationToken cancellationToken)
    {
        var call = Post(
            KeystoreRoutes.KeysFetch, new FetchKeysRequest([.. ids.Select(id => id.Value)], since), ProtocolJson.Default.FetchKeysRequest);
        var answer = await Connection.SendAsync(call, ProtocolJson.Default.KeysResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Chain, answer.Events, answer.Keys);
        return answer;
    }

    public async Task<ChangesResponse> GetChangesAsync(long since, CancellationToken cancellationToken)
    {
        var call = Get(ServiceRoutes.Changes, since) with { LongestAnswer = Call.ListAnswer };
        var answer = await Connection.SendAsync(call, ProtocolJson.Default.ChangesResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Chain, answer.Keys, answer.Changes);
        return answer;
    }

    /// <returns>Null if it landed; otherwise what the service shows of the head that came first, for the ids of the write.</returns>
    public async Task<KeysResponse?> WriteAsync(WriteRequest write, long number, CancellationToken cancellationToken)
    {
        var call = Post(ServiceRoutes.Changes, write, ProtocolJson.Default.WriteRequest);
        var (_, conflict) = await WriteAsync(
            call, number, ProtocolJson.Default.WriteResponse, answer => answer.Number, cancellationToken).ConfigureAwait(false);
        return conflict is null ? null : Winner(call, conflict);
    }

    /// <summary>Sent once and under this session only: its proof is good for one use, and afterwards every session has ended.</summary>
    /// <returns>False if another head came first.</returns>
    public async Task<bool> TryChangeSlotsAsync(ChangeSlotsRequest change, Session session, CancellationToken cancellationToken)
    {
        var call = Post(KeystoreRoutes.Slots, change, ProtocolJson.Default.ChangeSlotsRequest) with { ExpectedStatus = 204, Repeatable = false };
        try
        {
            await Connection.Http.SendAsync(call, session, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.HeadConflict)
        {
            return false;
        }
    }

    private static KeysResponse Winner(Call call, ProblemMessage problem)
    {
        if (problem is not { Head: { } head, Chain: { } chain, Keys: { } keys, Proof: { } proof, Events: { } events })
            throw Failures.InvalidAnswer(call, "names a conflict without showing it");
        RequireNoNulls(call, chain, keys, events);
        return new KeysResponse(keys, head, chain, proof, events);
    }
}
