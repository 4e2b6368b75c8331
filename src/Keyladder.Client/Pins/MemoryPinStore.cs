using System.Collections.Concurrent;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>
/// Remembers until the process ends: for devices that must keep nothing, and for tests. Share one among the clients of a process.
/// </summary>
public sealed class MemoryPinStore : IPinStore
{
    private readonly ConcurrentDictionary<AccountId, HeadPin> _pins = new();

    public Task<HeadPin?> GetAsync(AccountId account, CancellationToken cancellationToken = default) =>
        Task.FromResult(_pins.GetValueOrDefault(account));

    public Task<bool> TryReplaceAsync(AccountId account, HeadPin expected, HeadPin next, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(next);
        if (expected.Number == 0)
            return Task.FromResult(_pins.TryAdd(account, next));
        return Task.FromResult(
            _pins.TryGetValue(account, out var current) && current.Hash == expected.Hash && _pins.TryUpdate(account, next, current));
    }
}
