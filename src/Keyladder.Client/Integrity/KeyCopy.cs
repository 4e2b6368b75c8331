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
    private HeadPin _at = HeadPin.None;

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
            if (pin.Hash == from.Hash && !await watch.MoveAsync(from, to, cancellationToken).ConfigureAwait(false))
                continue;
            if (TryApply(from, to, delta, fetched) is { } keys)
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
            _at = written.To;
        }
    }

    /// <summary>What the copy holds, without a look at the service: in ciphertext, and at which head.</summary>
    public (HeadPin At, IReadOnlyList<StoredKey> Keys) Held
    {
        get
        {
            lock (_lock)
                return (_at, [.. _keys.Values]);
        }
    }

    private HeadPin At()
    {
        lock (_lock)
            return _at;
    }

    private List<StoredKey>? TryApply(HeadPin from, HeadPin to, Delta delta, Dictionary<Hash256, StoredKey> keys)
    {
        lock (_lock)
        {
            if (_at.Hash != from.Hash)
                return null;
            foreach (var (id, leaf) in delta.Leaves)
                Set(id, leaf is { } value ? keys[value] : null);
            _at = to;
            return [.. _keys.Values];
        }
    }

    private void Set(KeyId id, StoredKey? key)
    {
        if (key is null)
            _keys.Remove(id);
        else
            _keys[id] = key;
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
