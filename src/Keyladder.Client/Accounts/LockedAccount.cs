using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Client;

/// <summary>An account whose keys are out of reach. It holds no secret and need not be disposed of.</summary>
public sealed class LockedAccount
{
    private readonly KeyladderClient _client;

    internal LockedAccount(KeyladderClient client, AccountId? id) => (_client, Id) = (client, id);

    /// <summary>The account that must open; null for whichever the secret opens.</summary>
    public AccountId? Id { get; }

    /// <summary>
    /// Derives the keys of the secret's slot (a third of a second), signs in, and verifies the account from the secret up.
    /// </summary>
    /// <param name="secret">Stays the caller's, and is not needed afterwards.</param>
    /// <param name="cancellationToken">Ends the call; a session may have been opened.</param>
    /// <exception cref="KeyladderException">The secret opens no account there, or not this one.</exception>
    /// <exception cref="IntegrityException">What the service shows is not the account, or not as this device has last seen it.</exception>
    /// <exception cref="RestoredException">The account has gone back, and the service says that a backup was restored: the person chooses.</exception>
    public Task<UnlockedAccount> UnlockAsync(UnlockSecret secret, CancellationToken cancellationToken = default) =>
        UnlockAsync(secret, chosen: null, cancellationToken);

    /// <summary>
    /// Goes back with a service that was restored, after the person has been shown what went back and has chosen so. What this device
    /// remembers is then the older account. What an account that is still open here holds can be put back afterwards:
    /// <see cref="Restoration.PutBackAsync"/>.
    /// </summary>
    /// <param name="secret">One that unlocked the account when the backup was made.</param>
    /// <param name="chosen">What the person was shown. Where the service shows something else by now, they are to be shown that.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="UnlockAsync(UnlockSecret, CancellationToken)" path="/exception"/>
    public Task<UnlockedAccount> UnlockRestoredAsync(UnlockSecret secret, RestoredException chosen, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        return UnlockAsync(secret, chosen, cancellationToken);
    }

    /// <summary>
    /// Unlocks the account with what this device has kept of it, without asking the service: for when <see cref="UnlockAsync(UnlockSecret, CancellationToken)"/> finds that unreachable, and
    /// <see cref="KeyladderClient.Store"/> has had a Vault of the account open before. What was kept opens its Vaults' copies; everything else asks the service, and fails while that does not answer.
    /// </summary>
    /// <param name="secret">One that unlocked the account here when the service was reached last. It stays the caller's.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="KeyladderException">Nothing was kept that opens with this secret, or it is damaged.</exception>
    public async Task<UnlockedAccount> UnlockOfflineAsync(UnlockSecret secret, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (_client.Store is not { } store)
            throw Failures.NothingKept();
        using var derived = await PassphraseDerivedKey.DeriveAsync(secret, cancellationToken).ConfigureAwait(false);
        using var mek = derived.DeriveMasterEncryptionKey();
        var signInKey = new SignInKey(derived.DeriveSlotLocator(), derived.DeriveLoginKeypair());
        try
        {
            using var kept = await store.TryOpenAsync(Id, mek, secret.SlotKind, signInKey.PublicKey, cancellationToken).ConfigureAwait(false) ?? throw Failures.NothingKept();
            if (Id is { } wanted && kept.Account != wanted)
                throw Failures.OtherAccount();
            if (await _client.Pins.GetAsync(kept.Account, cancellationToken).ConfigureAwait(false) is { IsDeleted: true })
                throw Failures.NothingKept();
            return new UnlockedAccount(_client, new SignedConnection(_client.Http, signInKey, kept.Account, session: null), kept);
        }
        catch
        {
            signInKey.Dispose();
            throw;
        }
    }

    private async Task<UnlockedAccount> UnlockAsync(UnlockSecret secret, RestoredException? chosen, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(secret);
        using var derived = await PassphraseDerivedKey.DeriveAsync(secret, cancellationToken).ConfigureAwait(false);
        var signInKey = new SignInKey(derived.DeriveSlotLocator(), derived.DeriveLoginKeypair());
        SignedConnection connection;
        try
        {
            connection = new SignedConnection(
                _client.Http, signInKey, await signInKey.SignInAsync(_client.Http, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            signInKey.Dispose();
            throw;
        }

        try
        {
            if (Id is { } wanted && connection.Account != wanted)
                throw Failures.OtherAccount();
            using var mek = derived.DeriveMasterEncryptionKey();
            return await OpenAsync(connection, mek, secret.SlotKind, chosen, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private async Task<UnlockedAccount> OpenAsync(
        SignedConnection connection, MasterEncryptionKey mek, string kind, RestoredException? chosen, CancellationToken cancellationToken)
    {
        var pin = await _client.Pins.GetAsync(connection.Account, cancellationToken).ConfigureAwait(false) ?? HeadPin.None;
        var shown = await new KeystoreCalls(connection).GetAccountAsync(pin.Number, cancellationToken).ConfigureAwait(false);
        var trust = KeystoreTrust.Open(connection.Account, mek, kind, connection.SignInKey.PublicKey, shown);
        try
        {
            var account = new UnlockedAccount(_client, connection, trust);
            await account.AcceptAsync(pin, shown, chosen, cancellationToken).ConfigureAwait(false);
            return account;
        }
        catch
        {
            trust.Dispose();
            throw;
        }
    }
}
