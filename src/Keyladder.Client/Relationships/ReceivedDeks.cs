using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;

namespace Keyladder.Client;

/// <summary>DEKs that came with letters, on their way to the Keystore: each is stored once, however often a write is planned.</summary>
internal sealed class ReceivedDeks(AccountKeys keys) : IDisposable
{
    private readonly Dictionary<(ShareId, Hash256), KeyId> _ids = [];
    private readonly List<SharingDataEncryptionKey> _waiting = [];

    /// <summary>The id that the DEK has, or will have, in this account.</summary>
    public KeyId IdOf(Letter letter, ShareStatement statement)
    {
        var name = (statement.Share, statement.Dek!.Value);
        if (!_ids.TryGetValue(name, out var id))
        {
            var dek = letter.TakeDek(keys.Owner);
            _ids[name] = id = dek.Id;
            _waiting.Add(dek);
        }

        return id;
    }

    public async Task StoreAsync(CancellationToken cancellationToken)
    {
        await keys.ReceiveAsync(_waiting, cancellationToken).ConfigureAwait(false);
        Dispose();
    }

    /// <summary>Those that nothing names: another device had taken the letters first.</summary>
    public IEnumerable<KeyId> Unused(IEnumerable<KeyId> named) => _ids.Values.Except(named);

    public void Dispose()
    {
        _waiting.ForEach(dek => dek.Dispose());
        _waiting.Clear();
    }
}
