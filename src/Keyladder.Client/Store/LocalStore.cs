using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Client;

/// <summary>
/// Keeps a copy of each Vault that is opened, sealed, in a folder that only its owner can read: what is in it can be read and changed while the
/// Vault cannot be reached, and only what is other than in the copy is fetched the next time. What was changed waits in the copy until the
/// Vault has it: see <see cref="Vault.Queued"/>. One program at a time has a copy open. Beside them lies what opens the account while the Keystore
/// cannot be reached: <see cref="LockedAccount.UnlockOfflineAsync"/>. Who has that can try secrets without asking the Keystore; see docs/threat-model.md.
/// </summary>
/// <param name="folder">Made when the first Vault is opened, if it is not there.</param>
public sealed class LocalStore(string folder)
{
    private const string AccountSuffix = ".account";

    // Whoever holds the turn may be waiting for a service.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _folder = Path.GetFullPath(folder);

    /// <summary>Deletes the copy of a Vault, and with it what waits in it. The Vault itself stays as it is.</summary>
    /// <exception cref="KeyladderException">It is open, or cannot be deleted.</exception>
    public void Delete(AccountId vault) => StoreFile.Delete(PathOf(vault));

    internal StoreFile Open(VaultKeys keys) => StoreFile.Open(PathOf(keys.Service.Account), keys);

    /// <summary>Keeps what opens the account here without the Keystore.</summary>
    internal Task KeepAsync(AccountId account, Func<Stream, Task> write, CancellationToken cancellationToken) => InTurnAsync(
        account,
        async path =>
        {
            var file = PrivateFile.Begin(path);
            await using (file.ConfigureAwait(false))
            {
                await write(file).ConfigureAwait(false);
                PrivateFile.Complete(file, path);
            }
        },
        cancellationToken);

    /// <summary>
    /// Forgets it, and only then does what makes it false: changes the secrets that open the account, or deletes it. Whoever is about to keep it
    /// has done so before, or begins afterwards.
    /// </summary>
    internal Task ForgetAsync(AccountId account, Func<Task> change, CancellationToken cancellationToken) => InTurnAsync(
        account,
        path =>
        {
            PrivateFile.Delete(path);
            return change();
        },
        cancellationToken);

    /// <param name="account">The account that must open; null for whichever the secret opens.</param>
    /// <param name="mek">From the unlock secret.</param>
    /// <param name="kind">Of the slot, as the unlock secret has it.</param>
    /// <param name="login">Of the slot, as derived from the unlock secret.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null where nothing that was kept opens with the secret.</returns>
    /// <exception cref="KeyladderException">What was kept is damaged, or cannot be read.</exception>
    internal async Task<ExportedAccount?> TryOpenAsync(
        AccountId? account, MasterEncryptionKey mek, string kind, Ed25519PublicKey login, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(_folder))
            return null;
        foreach (var path in account is { } id ? [AccountPath(id)] : Directory.GetFiles(_folder, "*" + AccountSuffix))
        {
            try
            {
                var file = File.OpenRead(path);
                await using (file.ConfigureAwait(false))
                {
                    if (await ExportedAccount.TryReadAsync(file, mek, kind, login, cancellationToken).ConfigureAwait(false) is { } kept)
                        return kept;
                }
            }
            catch (FileNotFoundException)
            {
                return null;
            }
            catch (KeyladderException e)
            {
                throw Failures.StoreDamaged(path, e);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Failures.StoreUnusable(path, e);
            }
        }

        return null;
    }

    private async Task InTurnAsync(AccountId account, Func<string, Task> act, CancellationToken cancellationToken)
    {
        var path = AccountPath(account);
        try
        {
            using (await PrivateFile.TakeTurnAsync(path, Patience, cancellationToken).ConfigureAwait(false))
                await act(path).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failures.StoreUnusable(path, e);
        }
    }

    private string AccountPath(AccountId account) => Path.Combine(_folder, account + AccountSuffix);

    private string PathOf(AccountId vault) => Path.Combine(_folder, $"{vault}.vault");
}
