using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// All keys of the account at one head, complete (docs/spec/heads.md section 5, "A delta"): ciphertext, in memory only. It follows the
/// service by what changed since.
/// </summary>
internal sealed class KeyCopy(RootOfTrust trust, KeystoreCalls calls, HeadWatch watch, KeyLedger ledger)
{
    private const int Tries = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<KeyId, StoredKey> _keys = [];
    private readonly HashSet<KeyId> _gone = [];
    private readonly HashSet<Hash256> _heads = [];
    private HeadPin _at = HeadPin.None;
    private SignedHead<KeystoreHead>? _head;

    /// <summary>Brings the copy to the newest head.</summary>
    /// <returns>Every key, the identity keypair among them.</returns>
    public async Task<IReadOnlyList<StoredKey>> SyncAsync(CancellationToken cancellationToken)
    {
        var fetched = new Dictionary<Hash256, StoredKey>();
        for (var tries = 0; tries < Tries; tries++)
        {
            var from = At();
            var pin = await watch.GetPinAsync(cancellationToken).ConfigureAwait(false);
            var answer = await calls.GetChangesAsync(from.Number, cancellationToken).ConfigureAwait(false);
            var (head, to) = watch.VerifyDescent(from, answer.Head, answer.Chain);
            if (!await watch.IsNewestAsync(pin, from, to, cancellationToken).ConfigureAwait(false))
                continue;
            trust.RequireOwnSlot(head.Head);

            var delta = Delta.Verify(from, head, answer.Changes, answer.Proof);
            if (!await TryCollectAsync(delta, answer.Keys, fetched, cancellationToken).ConfigureAwait(false))
                continue;
            // The copy may be older than the number that another process was shown at its sign-in.
            to = to with { Restored = pin.Restored };
            if (pin.Hash == from.Hash && !await watch.MoveAsync(pin, to, cancellationToken).ConfigureAwait(false))
                continue;
            if (TryApply(from, to, [head, .. answer.Chain.Select(HeadWatch.ReadLink)], pin, delta, fetched) is { } keys)
                return keys;
        }

        throw Failures.Conflict();
    }

    /// <summary>Follows an own write, if it was made at the head of the copy; otherwise the next sync brings it.</summary>
    public void Follow(Written written)
    {
        lock (_lock)
        {
            if (_at.Hash != written.From.Hash)
                return;
            foreach (var change in written.Changes)
                Set(change.Id, change.Next);
            Move(written.To, [written.Head]);
        }
    }

    /// <summary>What the copy holds, without a look at the service.</summary>
    public HeldKeys Held
    {
        get
        {
            lock (_lock)
                return new HeldKeys(_at, _head, new Dictionary<KeyId, StoredKey>(_keys), new HashSet<KeyId>(_gone), new HashSet<Hash256>(_heads));
        }
    }

    private HeadPin At()
    {
        lock (_lock)
            return _at;
    }

    private List<StoredKey>? TryApply(
        HeadPin from, HeadPin to, IReadOnlyList<SignedHead<KeystoreHead>> way, HeadPin pin, Delta delta, Dictionary<Hash256, StoredKey> keys)
    {
        lock (_lock)
        {
            if (_at.Hash != from.Hash)
                return null;
            foreach (var (id, leaf) in delta.Leaves)
                Set(id, leaf is { } value ? keys[value] : null);
            Move(to, way);
            if (pin.Number > 0)
                _heads.UnionWith([pin.Hash, .. pin.Ancestors, .. pin.Followed]); // the newest head follows what this device had seen
            return [.. _keys.Values];
        }
    }

    private void Set(KeyId id, StoredKey? key)
    {
        if (key is not null)
            _keys[id] = key;
        else if (_keys.Remove(id))
            _gone.Add(id);
    }

    /// <param name="to">Where the copy stands from here on.</param>
    /// <param name="way">The head there, first, and those on the way to it: what they link to comes before it too.</param>
    private void Move(HeadPin to, IReadOnlyList<SignedHead<KeystoreHead>> way)
    {
        (_at, _head) = (to, way[0]);
        _heads.Add(to.Hash);
        _heads.UnionWith(to.Ancestors);
        foreach (var head in way)
            _heads.UnionWith(head.Head.Links);
    }

    /// <summary>Finds an object for every new leaf: in the answer, or, where there are too many for one, a thousand at a time.</summary>
    /// <returns>False if the account has moved on and the delta is no longer that to the newest head.</returns>
    private async Task<bool> TryCollectAsync(
        Delta delta, KeyMessage[] shown, Dictionary<Hash256, StoredKey> collected, CancellationToken cancellationToken)
    {
        var ids = new HashSet<KeyId>();
        foreach (var message in shown)
        {
            var key = StoredKey.Read(message);
            if (!ids.Add(key.Id))
                throw Alarms.ObjectInvalid(key.Id, "twice");
            if (!delta.Leaves.TryGetValue(key.Id, out var leaf) || leaf != key.Leaf)
                throw Alarms.ObjectInvalid(key.Id, "which is not what the account signed");
            collected[key.Leaf] = key;
        }

        List<KeyId> missing =
            [.. from entry in delta.Leaves where entry.Value is { } leaf && !collected.ContainsKey(leaf) select entry.Key];
        if (missing.Count > 0 && (shown.Length > 0 || delta.Leaves.Count <= KeystoreRoutes.MaxDeltaObjects))
            throw Alarms.Withheld(missing[0]);
        foreach (var page in missing.Chunk(KeystoreRoutes.MaxObjects))
        {
            var there = await ledger.FetchAsync(page, cancellationToken).ConfigureAwait(false);
            foreach (var key in there.Keys.Values)
                collected[key.Leaf] = key;
            if (!page.All(id => there.Keys.TryGetValue(id, out var key) && delta.Leaves[id] == key.Leaf))
                return false;
        }

        foreach (var leaf in delta.Leaves.Values)
        {
            if (leaf is { } value && collected[value].Kek != trust.Kek.Id)
                throw Alarms.ObjectInvalid(collected[value].Id, "wrapped by another KEK than the account's");
        }

        return true;
    }
}
