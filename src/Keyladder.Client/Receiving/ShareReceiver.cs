using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// Receives what others share with an application, with nobody there: unlocks the application's account by its key file, fetches what comes, accepts the terms that it may accept,
/// opens what is shared and hands it over, and says what is over. Where its services do not answer it waits; what only a person can decide ends it.
/// </summary>
/// <remarks>
/// After each start it hands over all that is shared, and then what is new: it keeps no list of what has been handed over, and the application that kept the values in memory has
/// them again. So everything comes at least once, also to each of several processes with one key file; <see cref="ReceivedShare.Relationship"/>, <see cref="ReceivedShare.Id"/> and
/// <see cref="ReceivedShare.Number"/> tell what has been done before. A share's id without its relationship names nothing: who shares chooses it, and another one may have chosen the same.
/// </remarks>
/// <param name="keyFile">Path of the file that <see cref="UnlockMethods.AddKeyFileAsync"/> wrote. Read at the start, and again where it opens the account no more: a file that took its place is taken.</param>
/// <param name="stateFolder">For what this machine remembers of the account, so that a service that goes back in time is noticed: no secret is in it. Made if it is not there; several processes may share it.</param>
public sealed class ShareReceiver(string keyFile, string stateFolder)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    // Who shares chooses the id: it is one share's in its relationship alone. The number is the statement's.
    private readonly Dictionary<(RelationshipId, ShareId), long> _handedOver = [];

    // What the application may have something of, also where it threw: as it was given to it last.
    private readonly Dictionary<(RelationshipId, ShareId), HeldShare> _tried = [];
    private readonly HashSet<(RelationshipId, ShareId)> _forgotten = [];
    private HashSet<string> _told = [];
    private HashSet<string> _toldBefore = [];

    // Whether there may be something that has not been looked at, so that nothing is to be waited for.
    private bool _isBehind = true;

    /// <summary>
    /// Takes a share that is new, has been updated, or is there at the start. What it throws is told, and the share comes again with the next look, the others meanwhile. One share at a time.
    /// </summary>
    public required Func<ReceivedShare, CancellationToken, Task> Receive { get; init; }

    /// <summary>
    /// Forgets a share, which <see cref="HeldShare.Relationship"/> and <see cref="HeldShare.Id"/> name together: it was taken back, is past its last day, has terms by now that are not to be accepted, or its sharer's
    /// Vault lets the application in no more. It may come for one that was never handed over, or whose <see cref="Receive"/> threw, and more than once. Thrown out of it, it is called again with the next look.
    /// </summary>
    public required Func<HeldShare, CancellationToken, Task> Forget { get; init; }

    /// <summary>
    /// Whether the application may accept the terms of a share, which it does in its operator's name: look at <see cref="HeldShare.Terms"/>, which are not null here. None unless something else is said. Asked about every share with
    /// terms at each start, also where they were accepted before.
    /// </summary>
    public Func<HeldShare, bool> MayAccept { get; init; } = _ => false;

    /// <summary>
    /// Hears what did not go as it should and does not end this, once for as long as it lasts: a service that does not answer, a letter that was refused, terms that may not be accepted, what <see cref="Receive"/> threw. The message of a
    /// <see cref="KeyladderException"/> holds no secret and nothing of the content.
    /// </summary>
    public Action<Exception>? Tell { get; init; }

    /// <summary>How long to wait between two looks at what the others have left, at most 30 seconds; meanwhile it is waited for something to come, as by <see cref="Relationships.SyncAsync"/>. What is taken back is forgotten within it.</summary>
    public TimeSpan Pause
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromSeconds(VaultRoutes.MaxWaitSeconds));
            field = value;
        }
    } = TimeSpan.FromSeconds(5);

    /// <summary>For services in front of which there are proxies, certificates of one's own or TLS 1.2; as for <see cref="KeyladderClient"/>. It stays the caller's.</summary>
    public HttpClient? Http { get; init; }

    /// <summary>Null for the system's clock.</summary>
    public TimeProvider? Time { get; init; }

    private TimeProvider Clock => Time ?? TimeProvider.System;

    /// <summary>Runs until it is cancelled, and locks the account then.</summary>
    /// <param name="cancellationToken">Ends it. What is being handed over hears of it too.</param>
    /// <exception cref="KeyladderException">The key file is not what it must be or opens no account any more, or the account has no Vault, or several. Let go of what was handed over.</exception>
    /// <exception cref="IntegrityException">One of the application's own services shows what cannot be true: its operator is to look at it, with `keyladder` and the application's account.</exception>
    /// <exception cref="RestoredException">One of them was restored from a backup: likewise.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ReceivingAccount? account = null;
        var failures = 0;
        (_isBehind, _told, _toldBefore) = (true, [], []);
        _handedOver.Clear();
        _tried.Clear();
        _forgotten.Clear();
        try
        {
            while (true)
            {
                try
                {
                    account ??= await ReceivingAccount.OpenAsync(keyFile, stateFolder, Http, Clock, cancellationToken).ConfigureAwait(false);
                    await LookAsync(account, cancellationToken).ConfigureAwait(false);
                    failures = 0;
                }
                catch (KeyladderException e) when (IsPassing(e.Reason) || (account is not null && e.Reason == FailureReason.SessionEnded))
                {
                    Say(e);
                    _isBehind = true;
                    if (e.Reason == FailureReason.SessionEnded)
                    {
                        await account!.DisposeAsync().ConfigureAwait(false);
                        account = null;
                    }

                    // Whether a last day is over needs no service, and one that keeps silent or asks for a day's patience does not make it longer.
                    await ForgetPastAsync(cancellationToken).ConfigureAwait(false);
                    await Backoff.WaitLongAsync(++failures, e.RetryAfter, LongestWaitNow(), Clock, cancellationToken).ConfigureAwait(false);
                    await ForgetPastAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was asked for.
        }
        finally
        {
            if (account is not null)
                await account.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static bool IsPassing(FailureReason reason) => reason
        is FailureReason.Unreachable or FailureReason.ServiceFailed or FailureReason.InvalidAnswer or FailureReason.TooManyRequests or FailureReason.QuotaExceeded or FailureReason.Conflict;

    private async Task LookAsync(ReceivingAccount account, CancellationToken cancellationToken)
    {
        (_toldBefore, _told) = (_told, []);
        var relationships = account.Vault.Relationships;
        var begun = Clock.GetTimestamp();
        var news = await relationships.SyncAsync(_isBehind ? TimeSpan.Zero : Pause, cancellationToken).ConfigureAwait(false);
        foreach (var why in news.Refused.Concat<KeyladderException>(news.Unreachable.Values))
            Say(why);
        var established = (await relationships.ListAsync(cancellationToken).ConfigureAwait(false)).Where(each => each.Status == RelationshipStatus.Established).Select(each => each.Id).ToHashSet();
        established.ExceptWith(news.Shut);
        var held = await relationships.ListHeldAsync(cancellationToken).ConfigureAwait(false);
        var good = held.Where(share => share.State == ShareStates.Given && established.Contains(share.Relationship) && !IsPastLastDay(share, held, account)).ToList();
        foreach (var over in held.Concat(_tried.Values).ExceptBy(good.Select(NameOf), NameOf).ToList())
            await ForgetAsync(over, cancellationToken).ConfigureAwait(false);
        _isBehind = false;
        foreach (var share in good.Where(share => _handedOver.GetValueOrDefault(NameOf(share)) != share.Statement.Number))
            await HandOverAsync(relationships, share, cancellationToken).ConfigureAwait(false);

        // The Vault and the others' know the account by other keys than the one in the file: only the Keystore says that it was removed.
        await account.RequireUnlockMethodAsync(cancellationToken).ConfigureAwait(false);
        if (!_isBehind && Pause - Clock.GetElapsedTime(begun) is { } rest && rest > TimeSpan.Zero && news is { Established.Count: 0, Shares.Count: 0 })
            await Task.Delay(rest, Clock, cancellationToken).ConfigureAwait(false);
    }

    private async Task HandOverAsync(Relationships relationships, HeldShare share, CancellationToken cancellationToken)
    {
        try
        {
            if (share.Terms is not null && !MayAccept(share))
            {
                Say(ReceivingFailures.TermsNotAllowed(share));
                await ForgetAsync(share, cancellationToken).ConfigureAwait(false);
                return;
            }

            if (share.Terms is not null)
                await AcceptAsync(relationships, share, cancellationToken).ConfigureAwait(false);
            var content = await relationships.OpenAsync(share, cancellationToken).ConfigureAwait(false);
            // What was opened is what it is now; where that is another number than was looked at before, it comes with the next look.
            var opened = (await relationships.ListHeldAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(each => NameOf(each) == NameOf(share));
            if (opened?.Statement.Number != share.Statement.Number)
            {
                _isBehind = true;
                return;
            }

            // Before: what throws may have kept it.
            _tried[NameOf(opened)] = opened;
            _forgotten.Remove(NameOf(opened));
            await Receive(new ReceivedShare(opened, opened.Statement.Number, content) { From = relationships }, cancellationToken).ConfigureAwait(false);
            _handedOver[NameOf(opened)] = opened.Statement.Number;
        }
        catch (Exception e) when (IsOfOneShare(e, cancellationToken))
        {
            Say(e);
        }
    }

    /// <summary>Told again at each start: whether it had been told when the process ended nobody knows.</summary>
    private async Task AcceptAsync(Relationships relationships, HeldShare share, CancellationToken cancellationToken)
    {
        try
        {
            await relationships.AcceptTermsAsync(share, cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (share.IsAccepted && IsOfOneShare(e, cancellationToken))
        {
            Say(e);
        }
    }

    private async Task ForgetAsync(HeldShare share, CancellationToken cancellationToken)
    {
        if (_forgotten.Contains(NameOf(share)))
            return;
        try
        {
            await Forget(share, cancellationToken).ConfigureAwait(false);
            _handedOver.Remove(NameOf(share));
            _tried.Remove(NameOf(share));
            _forgotten.Add(NameOf(share));
        }
        catch (Exception e) when (!(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            Say(e);
        }
    }

    /// <summary>By this machine's clock alone, for while there is no other.</summary>
    private async Task ForgetPastAsync(CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime);
        foreach (var past in _tried.Values.Where(share => share.Expires < today).ToList())
            await ForgetAsync(past, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Until the next last day is over, and never longer than this machine may sleep or its clock be set without being noticed.</summary>
    private TimeSpan LongestWaitNow()
    {
        var now = Clock.GetUtcNow().UtcDateTime;
        return _tried.Values.Select(share => share.Expires).OfType<DateOnly>().Select(last => last.ToDateTime(TimeOnly.MaxValue, DateTimeKind.Utc) - now)
            .Where(left => left > TimeSpan.Zero).Append(LongestWait).Min();
    }

    private static (RelationshipId, ShareId) NameOf(HeldShare share) => (share.Relationship, share.Id);

    // What is the matter with the application's own services comes up again with the next look, and is told apart there.
    private static bool IsOfOneShare(Exception exception, CancellationToken cancellationToken) =>
        exception is not KeyladderException { Reason: FailureReason.SessionEnded } && !(exception is OperationCanceledException && cancellationToken.IsCancellationRequested);

    /// <summary>By this machine's clock, that of the application's Vault and what the sharer has signed: the latest of them, as for opening.</summary>
    private bool IsPastLastDay(HeldShare share, IReadOnlyList<HeldShare> held, ReceivingAccount account) =>
        share.Expires is { } last
        && held.Where(each => each.Relationship == share.Relationship).Select(each => each.Statement.Day)
            .Append(DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime)).Append(DateOnly.FromDateTime(account.Vault.ServiceTime.UtcDateTime)).Max() > last;

    private void Say(Exception exception)
    {
        var what = $"{exception.GetType()} {exception.Message}";
        if (_told.Add(what) && !_toldBefore.Contains(what))
            Tell?.Invoke(exception);
    }
}
