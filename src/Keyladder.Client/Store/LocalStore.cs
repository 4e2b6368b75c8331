using Keyladder.Cryptography;

namespace Keyladder.Client;

/// <summary>
/// Keeps a copy of each Vault that is opened, sealed, in a folder that only its owner can read: what is in it can be read and changed while the
/// Vault cannot be reached, and only what is other than in the copy is fetched the next time. What was changed waits in the copy until the
/// Vault has it: see <see cref="Vault.Queued"/>. One program at a time has a copy open.
/// </summary>
/// <param name="folder">Made when the first Vault is opened, if it is not there.</param>
public sealed class LocalStore(string folder)
{
    private readonly string _folder = Path.GetFullPath(folder);

    /// <summary>Deletes the copy of a Vault, and with it what waits in it. The Vault itself stays as it is.</summary>
    /// <exception cref="KeyladderException">It is open, or cannot be deleted.</exception>
    public void Delete(AccountId vault) => StoreFile.Delete(PathOf(vault));

    internal StoreFile Open(VaultKeys keys) => StoreFile.Open(PathOf(keys.Service.Account), keys);

    private string PathOf(AccountId vault) => Path.Combine(_folder, $"{vault}.vault");
}
