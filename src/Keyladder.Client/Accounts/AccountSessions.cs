using System.Globalization;
using Keyladder.Cryptography;

namespace Keyladder.Client;

/// <summary>A session at the service, as the service tells it: no head covers it.</summary>
/// <param name="Id">Its name at the service.</param>
/// <param name="UnlockMethod">The slot whose secret signed in.</param>
/// <param name="Created">The day, in UTC.</param>
/// <param name="Expires">When it ends by itself.</param>
/// <param name="Current">Whether it is this one.</param>
public sealed record AccountSession(SessionId Id, SlotId UnlockMethod, DateOnly Created, DateTimeOffset Expires, bool Current);

/// <summary>
/// Where the account is signed in. A session is access to ciphertext; ending one takes no keys from a device that is unlocked.
/// </summary>
public sealed class AccountSessions
{
    private readonly ServiceCalls _calls;

    internal AccountSessions(ServiceCalls calls) => _calls = calls;

    /// <summary>All of the account's, this one included; the service's word.</summary>
    public async Task<IReadOnlyList<AccountSession>> ListAsync(CancellationToken cancellationToken = default)
    {
        var answer = await _calls.GetSessionsAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return [.. answer.Sessions.Select(session => new AccountSession(
                new SessionId(session.Id),
                new SlotId(session.Slot),
                DateOnly.ParseExact(session.Created, "yyyy-MM-dd", CultureInfo.InvariantCulture),
                DateTimeOffset.FromUnixTimeMilliseconds(session.Expires),
                session.Current))];
        }
        catch (Exception e) when (e is FormatException or ArgumentOutOfRangeException)
        {
            throw new KeyladderException(
                FailureReason.InvalidAnswer, "The service's list of sessions holds no dates.", "Tell its operator.", e);
        }
    }

    /// <summary>
    /// Ends a session. Ending the current one makes the next call sign in again; to be done with the account here, lock it.
    /// </summary>
    /// <exception cref="KeyladderException">There is no such session.</exception>
    public Task RevokeAsync(SessionId id, CancellationToken cancellationToken = default) =>
        _calls.DeleteSessionAsync(id, cancellationToken);
}
