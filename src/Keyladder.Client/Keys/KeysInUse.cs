using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Client;

/// <summary>
/// The unwrapped keys that callers hold: a change of state reaches them at once, and locking the account erases them all.
/// </summary>
internal sealed class KeysInUse : IDisposable
{
    private readonly Lock _lock = new();
    private List<KeystoreKey> _keys = [];
    private int _pruneAt = 64;
    private bool _locked;

    /// <exception cref="ObjectDisposedException">The account has been locked meanwhile; the key is gone.</exception>
    public TKey Add<TKey>(TKey key)
        where TKey : KeystoreKey
    {
        lock (_lock)
        {
            if (_locked)
                key.Dispose();
            ObjectDisposedException.ThrowIf(_locked, typeof(UnlockedAccount));
            if (_keys.Count >= _pruneAt)
            {
                _keys = [.. _keys.Where(held => !held.IsDisposed)];
                _pruneAt = Math.Max(64, 2 * _keys.Count);
            }

            _keys.Add(key);
            return key;
        }
    }

    public void ChangeState(KeyId id, KeyState state)
    {
        lock (_lock)
        {
            foreach (var key in _keys)
            {
                if (key.Id == id && key.State.CanBecome(state))
                    key.ChangeState(state);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _locked = true;
            foreach (var key in _keys)
                key.Dispose();
            _keys = [];
        }
    }
}
