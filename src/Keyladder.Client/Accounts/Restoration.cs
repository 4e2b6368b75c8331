using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Envelopes;
using Keyladder.Protocol.Keystore;
using HeldKeys = Keyladder.Client.HeldObjects<Keyladder.Cryptography.Heads.KeystoreHead, Keyladder.Client.StoredKey>;

namespace Keyladder.Client;

/// <summary>
/// What a restored backup took from an account, and how it comes back (docs/spec/heads.md section 6): from an account that was open at this
/// device meanwhile and has listed its keys.
/// </summary>
public sealed class Restoration
{
    private const int Tries = 8;

    private readonly KeystoreTrust _trust;
    private readonly KeystoreCalls _calls;
    private readonly KeystoreWatch _watch;
    private readonly KeyLedger _ledger;
    private readonly KeyCopy _copy;
    private readonly KeyWrapping _wrapping;
    private readonly UnlockMethods _methods;

    // As the person was shown it and chose; null where there was nothing to choose here.
    private HeldKeys? _chosen;

    internal Restoration(
        KeystoreTrust trust, KeystoreCalls calls, KeystoreWatch watch, KeyLedger ledger, KeyCopy copy, KeyWrapping wrapping, UnlockMethods methods) =>
        (_trust, _calls, _watch, _ledger, _copy, _wrapping, _methods) = (trust, calls, watch, ledger, copy, wrapping, methods);

    /// <summary>What the person is to be told; null, as nearly always, for nothing.</summary>
    public RestoreNotice? Notice { get; private set; }

    /// <summary>What an account that is still open here holds and the service has no more, or has older, and what is back there.</summary>
    /// <param name="before">The same account, open since before the restore. It is only read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>None where nothing went back.</returns>
    /// <exception cref="ArgumentException"><paramref name="before"/> is another account.</exception>
    public async Task<IReadOnlyList<RestoreDifference>> CompareAsync(UnlockedAccount before, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(before);
        await _copy.SyncAsync(cancellationToken).ConfigureAwait(false);
        return await IsFollowedAsync(before.Restoration._copy.Held, cancellationToken).ConfigureAwait(false)
            ? []
            : Compare(before, _copy.Held, _chosen, _trust.OwnSlot.Id);
    }

    /// <summary>
    /// Puts back what <paramref name="before"/> holds: keys that are gone, labels and states that are older, secrets that are gone. What is
    /// known to have been deleted or removed since the backup goes again; not the secret that unlocked this account, nor the last one that
    /// a person can type.
    /// </summary>
    /// <param name="before">The same account, open since before the restore. It is only read.</param>
    /// <param name="cancellationToken">Ends the call; a part may have been put back.</param>
    /// <returns>All that differed, and whether it was put back.</returns>
    /// <exception cref="ArgumentException"><paramref name="before"/> is another account.</exception>
    public async Task<IReadOnlyList<RestoreDifference>> PutBackAsync(UnlockedAccount before, CancellationToken cancellationToken = default)
    {
        var differences = await CompareAsync(before, cancellationToken).ConfigureAwait(false);
        var held = before.Restoration._copy.Held;
        List<KeyId> ids =
        [
            .. from difference in differences
               where difference.Change != RestoreChange.Unknown && difference.Secret is null
               select (difference.Held ?? difference.Shown)!.Id,
        ];
        var done = new HashSet<KeyId>();
        foreach (var page in ids.Chunk(KeystoreRoutes.MaxObjects))
            await PutKeysBackAsync(page, held, done, cancellationToken).ConfigureAwait(false);

        var isPast = IsPast(held, _chosen);
        var result = new List<RestoreDifference>();
        foreach (var difference in differences)
        {
            result.Add(difference with
            {
                IsPutBack = difference.Secret is { } secret
                    ? isPast && await TryPutSecretBackAsync(difference.Change, secret, before, cancellationToken).ConfigureAwait(false)
                    : done.Contains((difference.Held ?? difference.Shown)!.Id),
            });
        }

        return result;
    }

    /// <summary>Holds the first answer against the pin; an answer that the pin has overtaken is asked for again.</summary>
    internal async Task AcceptAsync(
        HeadPin pin, AccountResponse shown, long restored, RestoredException? chosen, KeystoreGoingBack back, CancellationToken cancellationToken)
    {
        try
        {
            var head = await _watch.TryAcceptAsync(pin, shown, restored, cancellationToken).ConfigureAwait(false)
                ?? (await _watch.ReadAccountAsync(cancellationToken).ConfigureAwait(false)).Head;
            Notice = RestoreNotice.Of(pin, head.Head, restored);
        }
        catch (IntegrityException e) when (e.Alarm is Alarm.RolledBack or Alarm.Forked)
        {
            (var accepted, Notice) = await back.TryAcceptAsync(pin, restored, chosen, e, cancellationToken).ConfigureAwait(false);
            if (!accepted)
                throw;
            _chosen = Notice is null ? chosen?.There : null;
        }
    }

    /// <param name="before">Says what is held.</param>
    /// <param name="now">What the service shows.</param>
    /// <param name="restored">What it showed right after the restore, before anything was written here; null where that is not known.</param>
    /// <param name="own">The slot that unlocked the account; null where it is not open yet.</param>
    internal IReadOnlyList<RestoreDifference> Compare(UnlockedAccount before, HeldKeys now, HeldKeys? restored, SlotId? own)
    {
        if (before.Id != _trust.Account)
            throw new ArgumentException("Another account's keys cannot be put back here.", nameof(before));
        var held = before.Restoration._copy.Held;
        if (held.Head is null)
            return [];
        var isPast = IsPast(held, restored);
        var differences = new List<RestoreDifference>();
        foreach (var key in held.Objects.Values.Where(key => key.Id != _trust.Identity.Id))
        {
            if (!now.Objects.TryGetValue(key.Id, out var there))
                differences.Add(new(RestoreChange.Missing, _wrapping.Describe(key), Shown: null, Secret: null));
            else if (!IsSame(Merge(key, there), _wrapping.Describe(there).Overview))
                differences.Add(new(RestoreChange.Older, _wrapping.Describe(key), _wrapping.Describe(there), Secret: null));
        }

        foreach (var key in now.Objects.Values.Where(key => !held.Objects.ContainsKey(key.Id)))
        {
            var wasThere = restored?.Objects.ContainsKey(key.Id) ?? true;
            if (wasThere || held.Gone.ContainsKey(key.Id))
            {
                var change = isPast || held.Gone.ContainsKey(key.Id) ? RestoreChange.Returned : RestoreChange.Unknown;
                differences.Add(new(change, Held: null, _wrapping.Describe(key), Secret: null));
            }
        }

        differences.AddRange(
            from slot in Slots(held)
            where Slots(now).All(other => other.Id != slot.Id)
            select new RestoreDifference(
                RestoreChange.Missing, Held: null, Shown: null, new UnlockMethod(slot.Id, slot.Kind, Current: false)));
        differences.AddRange(
            from slot in Slots(now)
            where Slots(held).All(other => other.Id != slot.Id) && (restored is null || Slots(restored).Any(other => other.Id == slot.Id))
            select new RestoreDifference(
                isPast ? RestoreChange.Returned : RestoreChange.Unknown, Held: null, Shown: null, new UnlockMethod(slot.Id, slot.Kind, slot.Id == own)));
        return differences;
    }

    /// <summary>
    /// Whether what the service showed right after the restore is known to come before what is held. If not, somebody may have written
    /// since the restore: then a key that is not held may be new, and a secret that is not there may have been removed.
    /// </summary>
    private static bool IsPast(HeldKeys held, HeldKeys? restored) => restored is not null && held.HasFollowed(restored.At);

    /// <summary>
    /// Whether the account follows what is held: then nothing of it went back. What is shown to follow it has to be the account as it is now:
    /// the head that was given up follows what is held too.
    /// </summary>
    private async Task<bool> IsFollowedAsync(HeldKeys held, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            var pin = await _watch.GetPinAsync(cancellationToken).ConfigureAwait(false);
            var shown = await _calls.GetAccountAsync(held.At.Number, cancellationToken).ConfigureAwait(false);
            HeadPin newest;
            try
            {
                (_, newest) = _watch.VerifyDescent(held.At, shown.Head, shown.Chain);
            }
            catch (IntegrityException e) when (e.Alarm is Alarm.RolledBack or Alarm.Forked)
            {
                return false;
            }

            if (await _watch.IsNewestAsync(pin, held.At, newest, cancellationToken).ConfigureAwait(false))
                return true;
        }

        throw Failures.Conflict();
    }

    /// <summary>What the service refuses, because it was deleted there since, does not keep the rest from coming back.</summary>
    private async Task PutKeysBackAsync(KeyId[] page, HeldKeys held, HashSet<KeyId> done, CancellationToken cancellationToken)
    {
        try
        {
            _copy.Follow(await _ledger.WriteAsync(
                [.. page], there => [.. page.Select(id => Change(id, held, there)).OfType<ObjectChange<StoredKey>>()], cancellationToken).ConfigureAwait(false));
            done.UnionWith(page);
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.Rejected)
        {
            if (page.Length == 1)
                return;
            await PutKeysBackAsync(page[..(page.Length / 2)], held, done, cancellationToken).ConfigureAwait(false);
            await PutKeysBackAsync(page[(page.Length / 2)..], held, done, cancellationToken).ConfigureAwait(false);
        }
    }

    private ObjectChange<StoredKey>? Change(KeyId id, HeldKeys held, IReadOnlyDictionary<ObjectName, StoredKey> there)
    {
        there.TryGetValue(id, out var last);
        if (!held.Objects.TryGetValue(id, out var key))
            return last is null ? null : new ObjectChange<StoredKey>(id, last, Next: null);
        if (last is null)
            return new ObjectChange<StoredKey>(id, Last: null, _wrapping.Renumber(key, 1));
        var next = _wrapping.Edit(last, overview => Merge(key, last) is var merged && IsSame(merged, overview) ? overview : merged);
        return next == last ? null : new ObjectChange<StoredKey>(id, last, next);
    }

    private async Task<bool> TryPutSecretBackAsync(
        RestoreChange change, UnlockMethod secret, UnlockedAccount before, CancellationToken cancellationToken) => change switch
    {
        RestoreChange.Missing => before.UnlockMethods.Held(secret.Id) is { } slot
            && await _methods.TryPutBackAsync(slot, cancellationToken).ConfigureAwait(false),
        RestoreChange.Returned => await _methods.TryRemoveAgainAsync(secret.Id, cancellationToken).ConfigureAwait(false),
        _ => false,
    };

    /// <summary>The label of the later revision, and the state that is further on: no way leads back from that.</summary>
    private KeyOverview Merge(StoredKey held, StoredKey there)
    {
        var (mine, theirs) = (_wrapping.Describe(held).Overview, _wrapping.Describe(there).Overview);
        return (mine.State > theirs.State ? mine : theirs).WithLabel(held.Revision > there.Revision ? mine.Label : theirs.Label);
    }

    private static IEnumerable<HeadSlot> Slots(HeldKeys held) => held.Head?.Head.Slots ?? [];

    private static bool IsSame(KeyOverview one, KeyOverview other) => (one.State, one.Label) == (other.State, other.Label);
}
