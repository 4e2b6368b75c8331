using System.Globalization;
using System.Text.Json;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// The signed calls of docs/spec/keystore-api.md, one method each. What comes back is well-formed and nothing more: whether it is true is
/// for the classes in Integrity to say.
/// </summary>
internal sealed class KeystoreCalls(SignedConnection connection)
{
    public async Task<AccountResponse> GetAccountAsync(long since, CancellationToken cancellationToken)
    {
        var call = Get(KeystoreRoutes.Account, since);
        var answer = await connection.SendAsync(call, ProtocolJson.Default.AccountResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Chain);
        RequireNoNulls(call, answer.Events);
        return answer;
    }

    /// <summary>At most <see cref="KeystoreRoutes.MaxObjects"/> ids.</summary>
    public async Task<KeysResponse> FetchKeysAsync(IEnumerable<KeyId> ids, long since, CancellationToken cancellationToken)
    {
        var call = new Call(HttpMethod.Post, KeystoreRoutes.KeysFetch)
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(
                new FetchKeysRequest([.. ids.Select(id => id.Value)], since), ProtocolJson.Default.FetchKeysRequest),
            Repeatable = true,
        };
        var answer = await connection.SendAsync(call, ProtocolJson.Default.KeysResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Chain);
        RequireNoNulls(call, answer.Events);
        RequireNoNulls(call, answer.Keys);
        return answer;
    }

    public async Task<ChangesResponse> GetChangesAsync(long since, CancellationToken cancellationToken)
    {
        var call = Get(ServiceRoutes.Changes, since) with { LongestAnswer = Call.ListAnswer };
        var answer = await connection.SendAsync(call, ProtocolJson.Default.ChangesResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Chain);
        RequireNoNulls(call, answer.Keys);
        RequireNoNulls(call, answer.Changes);
        return answer;
    }

    /// <summary>Lands once, however often it is sent: a head that has landed answers as if it had landed now.</summary>
    /// <returns>Null if it landed; otherwise what the service shows of the head that came first, for the ids of the write.</returns>
    public async Task<KeysResponse?> WriteAsync(WriteRequest write, long number, CancellationToken cancellationToken)
    {
        var call = new Call(HttpMethod.Post, ServiceRoutes.Changes)
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(write, ProtocolJson.Default.WriteRequest),
            Repeatable = true,
        };
        try
        {
            var answer = await connection.SendAsync(call, ProtocolJson.Default.WriteResponse, cancellationToken).ConfigureAwait(false);
            return answer.Number == number
                ? null
                : throw Failures.InvalidAnswer(call, "acknowledges another head than the one it was sent");
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.HeadConflict)
        {
            return Winner(call, e.Problem);
        }
    }

    /// <summary>Sent once and under this session only: its proof is good for one use, and afterwards every session has ended.</summary>
    /// <returns>False if another head came first.</returns>
    public async Task<bool> TryChangeSlotsAsync(ChangeSlotsRequest change, Session session, CancellationToken cancellationToken)
    {
        var call = new Call(HttpMethod.Post, KeystoreRoutes.Slots)
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(change, ProtocolJson.Default.ChangeSlotsRequest),
            ExpectedStatus = 204,
            Repeatable = false,
        };
        try
        {
            await connection.Http.SendAsync(call, session, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.HeadConflict)
        {
            return false;
        }
    }

    /// <summary>Sent once and under this session only: its proof is good for one use, and afterwards there is no account.</summary>
    /// <returns>Null if another head came first.</returns>
    public async Task<DeleteAccountResponse?> TryDeleteAccountAsync(DeleteAccountRequest request, Session session, CancellationToken cancellationToken)
    {
        var call = new Call(HttpMethod.Post, ServiceRoutes.AccountDeletion)
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(request, ProtocolJson.Default.DeleteAccountRequest),
            Repeatable = false,
        };
        try
        {
            return await connection.Http.SendAsync(call, session, ProtocolJson.Default.DeleteAccountResponse, cancellationToken).ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.HeadConflict)
        {
            return null;
        }
    }

    /// <summary>At most <see cref="ServiceRoutes.MaxRows"/> of what the service keeps of the account, from a place on.</summary>
    /// <param name="place">Null for the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<AccountDataResponse> GetAccountDataAsync(DataPlaceMessage? place, CancellationToken cancellationToken)
    {
        var call = new Call(HttpMethod.Get, ServiceRoutes.AccountData)
        {
            Query = place is null ? "" : string.Create(CultureInfo.InvariantCulture, $"?table={Uri.EscapeDataString(place.Table)}&skip={place.Skip}"),
            Repeatable = true,
            LongestAnswer = Call.ListAnswer,
        };
        var answer = await connection.SendAsync(call, ProtocolJson.Default.AccountDataResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Rows);
        return answer;
    }

    public async Task<SessionsResponse> GetSessionsAsync(CancellationToken cancellationToken)
    {
        var call = new Call(HttpMethod.Get, ServiceRoutes.Sessions) { Repeatable = true };
        var answer = await connection.SendAsync(call, ProtocolJson.Default.SessionsResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Sessions);
        return answer;
    }

    /// <summary>At most <see cref="ServiceRoutes.MaxEvents"/> that follow a number.</summary>
    public async Task<AuditResponse> GetAuditAsync(long after, CancellationToken cancellationToken)
    {
        var call = new Call(HttpMethod.Get, ServiceRoutes.Audit)
        {
            Query = string.Create(CultureInfo.InvariantCulture, $"?after={after}"),
            Repeatable = true,
        };
        var answer = await connection.SendAsync(call, ProtocolJson.Default.AuditResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Events);
        return answer.Previous.Length == Hash256.Size ? answer : throw Failures.InvalidAnswer(call, "holds no hash");
    }

    public Task DeleteSessionAsync(SessionId id, CancellationToken cancellationToken) =>
        connection.SendAsync(DeleteSession(id.ToString()), cancellationToken);

    public Task DeleteCurrentSessionAsync(CancellationToken cancellationToken) =>
        connection.SendLastAsync(DeleteSession("current"), cancellationToken);

    // Not repeatable: the second time there would be nothing to delete.
    private static Call DeleteSession(string id) =>
        new(HttpMethod.Delete, ServiceRoutes.Session.Replace("{id}", id, StringComparison.Ordinal))
        {
            ExpectedStatus = 204,
            Repeatable = false,
        };

    private static Call Get(string path, long since) =>
        new(HttpMethod.Get, path) { Query = string.Create(CultureInfo.InvariantCulture, $"?since={since}"), Repeatable = true };

    private static KeysResponse Winner(Call call, ProblemMessage problem)
    {
        if (problem is not { Head: { } head, Chain: { } chain, Keys: { } keys, Proof: { } proof, Events: { } events })
            throw Failures.InvalidAnswer(call, "names a conflict without showing it");
        RequireNoNulls(call, chain);
        RequireNoNulls(call, keys);
        RequireNoNulls(call, events);
        return new KeysResponse(keys, head, chain, proof, events);
    }

    // The serializer holds members to be what they say, and looks at no element of a list.
    private static void RequireNoNulls(Call call, object?[] list)
    {
        if (list.Contains(null))
            throw Failures.InvalidAnswer(call, "holds a null in a list");
    }
}
