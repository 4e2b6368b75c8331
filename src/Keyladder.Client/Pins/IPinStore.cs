using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>
/// What a device remembers of each account: the newest state that it has seen, as a number and hashes. There is nothing secret in it, but
/// who can set it back can hide a rollback from this device.
/// </summary>
public interface IPinStore
{
    /// <returns>Null if this device has not seen the account.</returns>
    /// <exception cref="KeyladderException">What is stored cannot be read. It is never taken for nothing.</exception>
    Task<HeadPin?> GetAsync(AccountId account, CancellationToken cancellationToken = default);

    /// <summary>Replaces the pin if it is still the one expected, in one step also for other processes that use the same store.</summary>
    /// <param name="account">Whose pin it is.</param>
    /// <param name="expected">The pin that <paramref name="next"/> was verified against; number 0 for none.</param>
    /// <param name="next">On return it survives the end of the process, as far as the store can promise that.</param>
    /// <param name="cancellationToken">Leaves the old pin or the new one.</param>
    /// <returns>False, with nothing changed, if another pin is there.</returns>
    /// <exception cref="KeyladderException">What is stored cannot be read or replaced.</exception>
    Task<bool> TryReplaceAsync(AccountId account, HeadPin expected, HeadPin next, CancellationToken cancellationToken = default);
}
