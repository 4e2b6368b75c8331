using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// The signed calls that every service has, one method each. What comes back is well-formed and nothing more: whether it is true is for the
/// classes in Integrity to say.
/// </summary>
internal abstract class ServiceCalls(SignedConnection connection)
{
    protected SignedConnection Connection { get; } = connection;

    /// <inheritdoc cref="SignedConnection.Restored"/>
    public long Restored => Connection.Restored;

    public async Task<SessionsResponse> GetSessionsAsync(CancellationToken cancellationToken)
    {
        var call = Get(ServiceRoutes.Sessions);
        var answer = await Connection.SendAsync(call, ProtocolJson.Default.SessionsResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Sessions);
        return answer;
    }

    public Task DeleteSessionAsync(SessionId id, CancellationToken cancellationToken) =>
        Connection.SendAsync(DeleteSession(id.ToString()), cancellationToken);

    public Task DeleteCurrentSessionAsync(CancellationToken cancellationToken) =>
        Connection.SendLastAsync(DeleteSession("current"), cancellationToken);

    /// <summary>At most <see cref="ServiceRoutes.MaxEvents"/> that follow a number.</summary>
    public async Task<AuditResponse> GetAuditAsync(long after, CancellationToken cancellationToken)
    {
        var call = Get(ServiceRoutes.Audit) with { Query = string.Create(CultureInfo.InvariantCulture, $"?after={after}") };
        var answer = await Connection.SendAsync(call, ProtocolJson.Default.AuditResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Events);
        return answer.Previous.Length == Hash256.Size ? answer : throw Failures.InvalidAnswer(call, "holds no hash");
    }

    /// <summary>At most <see cref="ServiceRoutes.MaxRows"/> of what the service keeps of the account, from a place on.</summary>
    /// <param name="place">Null for the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<AccountDataResponse> GetAccountDataAsync(DataPlaceMessage? place, CancellationToken cancellationToken)
    {
        var call = Get(ServiceRoutes.AccountData) with
        {
            Query = place is null ? "" : string.Create(CultureInfo.InvariantCulture, $"?table={Uri.EscapeDataString(place.Table)}&skip={place.Skip}"),
            LongestAnswer = Call.ListAnswer,
        };
        var answer = await Connection.SendAsync(call, ProtocolJson.Default.AccountDataResponse, cancellationToken).ConfigureAwait(false);
        RequireNoNulls(call, answer.Rows);
        return answer;
    }

    /// <summary>What was left at this service about another one.</summary>
    public async Task<WitnessResponse> GetWitnessAsync(CancellationToken cancellationToken) =>
        await Connection.SendAsync(Get(ServiceRoutes.Witness), ProtocolJson.Default.WitnessResponse, cancellationToken).ConfigureAwait(false);

    /// <summary>Lands once, however often it is sent.</summary>
    /// <returns>What is there then: what was sent, or what came first.</returns>
    public async Task<WitnessResponse> PutWitnessAsync(PutWitnessRequest witness, CancellationToken cancellationToken)
    {
        var call = Post(ServiceRoutes.Witness, witness, ProtocolJson.Default.PutWitnessRequest) with { Method = HttpMethod.Put };
        return await Connection.SendAsync(call, ProtocolJson.Default.WitnessResponse, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sent once and under this session only: its proof is good for one use, and afterwards there is no account.</summary>
    /// <returns>Null if another head came first.</returns>
    public async Task<DeleteAccountResponse?> TryDeleteAccountAsync(DeleteAccountRequest request, Session session, CancellationToken cancellationToken)
    {
        var call = Post(ServiceRoutes.AccountDeletion, request, ProtocolJson.Default.DeleteAccountRequest) with { Repeatable = false };
        try
        {
            return await Connection.Http.SendAsync(call, session, ProtocolJson.Default.DeleteAccountResponse, cancellationToken).ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.HeadConflict)
        {
            return null;
        }
    }

    /// <summary>Lands once, however often it is sent: a head that has landed answers as if it had landed now.</summary>
    /// <returns>The answer if it landed; otherwise how the service says that another head came first.</returns>
    protected async Task<(T? Landed, ProblemMessage? Conflict)> WriteAsync<T>(
        Call call, long number, JsonTypeInfo<T> type, Func<T, long> numberOf, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            var answer = await Connection.SendAsync(call, type, cancellationToken).ConfigureAwait(false);
            return numberOf(answer) == number
                ? (answer, null)
                : throw Failures.InvalidAnswer(call, "acknowledges another head than the one it was sent");
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.HeadConflict)
        {
            return (null, e.Problem);
        }
    }

    protected static Call Get(string path) => new(HttpMethod.Get, path) { Repeatable = true };

    protected static Call Get(string path, long since) =>
        Get(path) with { Query = string.Create(CultureInfo.InvariantCulture, $"?since={since}") };

    protected static Call Post<T>(string path, T request, JsonTypeInfo<T> type) =>
        new(HttpMethod.Post, path) { Body = JsonSerializer.SerializeToUtf8Bytes(request, type), Repeatable = true };

    // The serializer holds members to be what they say, and looks at no element of a list.
    protected static void RequireNoNulls(Call call, params ReadOnlySpan<object?[]> lists)
    {
        foreach (var list in lists)
        {
            if (list.Contains(null))
                throw Failures.InvalidAnswer(call, "holds a null in a list");
        }
    }

    // Not repeatable: the second time there would be nothing to delete.
    private static Call DeleteSession(string id) =>
        new(HttpMethod.Delete, ServiceRoutes.Session.Replace("{id}", id, StringComparison.Ordinal))
        {
            ExpectedStatus = 204,
            Repeatable = false,
        };
}
