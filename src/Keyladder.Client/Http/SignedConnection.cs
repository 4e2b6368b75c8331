using System.Collections.Concurrent;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography;
using Keyladder.Protocol;

namespace Keyladder.Client;

/// <summary>
/// Signed calls for one account. When a session has ended, it signs in once more with the login key and sends the call again; it was
/// refused before anything was done with it. The login key stays in memory while the account is unlocked for this, and for the proofs of
/// privileged calls (docs/spec/sign-in.md section 5): what could abuse it there finds the KEK beside it, and without it an account that is
/// unlocked for days would ask for the words twice a day. The MEK and the secret do not stay.
/// </summary>
/// <param name="http">The way to the service.</param>
/// <param name="signInKey">Belongs to this from here on.</param>
/// <param name="account">Who signs in.</param>
/// <param name="session">Null where none has been opened yet: the first call opens one.</param>
internal sealed class SignedConnection(ServiceHttp http, SignInKey signInKey, AccountId account, Session? session) : IDisposable
{
    private readonly SemaphoreSlim _signIn = new(1, 1);

    // Their keys sign nothing that a service takes, but calls side by side may still be at it.
    private readonly ConcurrentBag<Session> _ended = [];
    private volatile Session? _session = session;
    private volatile bool _disposed;

    public SignedConnection(ServiceHttp http, SignInKey signInKey, Session session)
        : this(http, signInKey, session.KeyId.Account, session)
    {
    }

    public ServiceHttp Http { get; } = http;

    public SignInKey SignInKey { get; private set; } = signInKey;

    /// <summary>Whose session it is, as the service says; the root of trust decides whether that is true.</summary>
    public AccountId Account { get; } = account;

    /// <summary>The restore number that the service showed at the last sign-in; 0 for none. A restore ends every session.</summary>
    public long Restored => _session?.Restored ?? 0;

    public async Task<T> SendAsync<T>(Call call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        await SendAsync(call, session => Http.SendAsync(call, session, type, cancellationToken), cancellationToken).ConfigureAwait(false);

    /// <returns>The answer's body as it is; empty where there is none.</returns>
    public async Task<ReadOnlyMemory<byte>> SendAsync(Call call, CancellationToken cancellationToken) =>
        await SendAsync(call, session => Http.SendAsync(call, session, cancellationToken), cancellationToken).ConfigureAwait(false);

    /// <summary>For the last call of a session: where that has ended already, there is nothing to sign in again for.</summary>
    public Task SendLastAsync(Call call, CancellationToken cancellationToken) =>
        _session is { } last ? Http.SendAsync(call, last, cancellationToken) : Task.CompletedTask;

    /// <summary>Any signed call, and the answer as it is.</summary>
    public async Task<(int Status, ReadOnlyMemory<byte> Body)> ExchangeAsync(Call call, CancellationToken cancellationToken)
    {
        var used = await GetSessionAsync(cancellationToken).ConfigureAwait(false);
        var (status, body, _) = await Http.ExchangeAsync(call, used, cancellationToken).ConfigureAwait(false);
        if (status != 401
            || !StrictJson.TryRead(body.Span, ProtocolJson.Default.ProblemMessage, out var problem)
            || problem.Type != ProblemTypes.SignInRequired)
            return (status, body);
        await SignInAgainAsync(used, cancellationToken).ConfigureAwait(false);
        (status, body, _) = await Http.ExchangeAsync(call, _session!, cancellationToken).ConfigureAwait(false);
        return (status, body);
    }

    /// <summary>
    /// For a call after which every session is over, this one too. Whoever meets its end meanwhile waits, and goes on with the sign-in key
    /// that stands here then.
    /// </summary>
    public async Task<T> ExclusivelyAsync<T>(Func<Session, Task<T>> call, CancellationToken cancellationToken)
    {
        await _signIn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(UnlockedAccount));
            if (_session is null)
                Replace(await SignInKey.SignInAsync(Http, cancellationToken).ConfigureAwait(false));
            return await call(_session!).ConfigureAwait(false);
        }
        finally
        {
            _signIn.Release();
        }
    }

    /// <summary>Goes on with the key of another unlock slot; to be called within <see cref="ExclusivelyAsync"/>.</summary>
    /// <param name="signInKey">Belongs to the connection from here on.</param>
    /// <param name="session">Opened with it; null to open one when it is needed.</param>
    public void Adopt(SignInKey signInKey, Session? session)
    {
        SignInKey.Dispose();
        SignInKey = signInKey;
        if (session is not null)
            Replace(session);
        if (_disposed)
            signInKey.Dispose();
    }

    public void Dispose()
    {
        _disposed = true;
        _session?.Dispose();
        foreach (var session in _ended)
            session.Dispose();
        SignInKey.Dispose();
    }

    private async Task<T> SendAsync<T>(Call call, Func<Session, Task<T>> send, CancellationToken cancellationToken)
    {
        for (bool corrected = false, signedIn = false; ;)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(UnlockedAccount));
            var used = await GetSessionAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await send(used).ConfigureAwait(false);
            }
            catch (RefusedException e) when (e.Problem.Type == ProblemTypes.ClockSkew && !corrected)
            {
                Http.CorrectClock(call, e.Problem.Time);
                corrected = true;
            }
            catch (RefusedException e) when (e.Problem.Type == ProblemTypes.SignInRequired && !signedIn)
            {
                await SignInAgainAsync(used, cancellationToken).ConfigureAwait(false);
                signedIn = true;
            }
        }
    }

    private async Task<Session> GetSessionAsync(CancellationToken cancellationToken)
    {
        if (_session is null)
            await SignInAgainAsync(ended: null, cancellationToken).ConfigureAwait(false);
        return _session!;
    }

    private async Task SignInAgainAsync(Session? ended, CancellationToken cancellationToken)
    {
        await _signIn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Calls that ran side by side meet the end of one session together; the first signs in for all.
            if (ended == _session)
                Replace(await SignInKey.SignInAsync(Http, cancellationToken).ConfigureAwait(false));
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.SignInFailed)
        {
            throw Failures.SessionEnded(Http.Kind);
        }
        finally
        {
            _signIn.Release();
        }
    }

    private void Replace(Session next)
    {
        if (next.KeyId.Account != Account || _disposed)
        {
            next.Dispose();
            ObjectDisposedException.ThrowIf(_disposed, typeof(UnlockedAccount));
            throw new IntegrityException(
                Alarm.ObjectInvalid, "the session", "The service signed in to another account with this account's login key.");
        }

        if (_session is { } ended)
            _ended.Add(ended);
        _session = next;
    }
}
