using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol;

namespace Keyladder.Client;

/// <summary>
/// An account whose keys are at hand. In memory are the KEK, the identity keypair, the login keypair of the slot that was unlocked and the
/// session's key; the unlock secret and the MEK are not. All members may be used side by side. <see cref="LockAsync"/> ends it; disposing
/// of it does the same and waits two seconds at most for the service.
/// </summary>
public sealed class UnlockedAccount : IAsyncDisposable
{
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(2);

    private readonly KeyladderClient _client;
    private readonly SignedConnection _connection;
    private readonly KeystoreTrust _trust;
    private readonly KeystoreCalls _calls;
    private readonly KeystoreWatch _watch;
    private readonly KeysInUse _inUse = new();
    private readonly Examination _examination;
    private readonly Export _export;
    private readonly Deletion<KeystoreHead> _deletion;
    private int _locked;

    /// <summary>Without the service, with what this device has kept.</summary>
    /// <param name="client">Where it is.</param>
    /// <param name="connection">Belongs to this from here on.</param>
    /// <param name="kept">Hands over what it opened.</param>
    internal UnlockedAccount(KeyladderClient client, SignedConnection connection, ExportedAccount kept)
        : this(client, connection, kept.HandOver(), kept.Keys) =>
        UnlockMethods.Hold(kept.Slot with { Locator = connection.SignInKey.Locator });

    internal UnlockedAccount(KeyladderClient client, SignedConnection connection, KeystoreTrust trust, IReadOnlyList<StoredKey>? kept = null)
    {
        (_client, _connection, _trust) = (client, connection, trust);
        _calls = new KeystoreCalls(connection);
        _watch = new KeystoreWatch(trust, _calls, client.Pins);
        var ledger = new KeyLedger(trust, _calls, _watch, client.Http.Time);
        var wrapping = new KeyWrapping(trust, _inUse);
        var copy = new KeyCopy(trust, _calls, _watch, ledger);
        Keys = new AccountKeys(trust, ledger, copy, wrapping, client.Http.Time) { Kept = kept };
        Dids = new AccountDids(Keys);
        _export = new Export(trust, _calls, _watch, copy, wrapping);
        _examination = new Examination(trust, _calls, _watch, ledger, wrapping);
        _deletion = new Deletion<KeystoreHead>(trust, connection, _calls, _watch);
        Vaults = new AccountVaults(Keys, client, trust, _calls, _watch, _export);
        Sessions = new AccountSessions(_calls);
        UnlockMethods = new UnlockMethods(trust, connection, _calls, _watch, copy, client.Store);
        Restoration = new Restoration(trust, _calls, _watch, ledger, copy, wrapping, UnlockMethods);
    }

    /// <summary>Fixed at sign-up; the same on every device.</summary>
    public AccountId Id => _trust.Account;

    /// <summary>Fingerprint of the account's root of trust: the same for its life, on every device (docs/spec/passphrase-store.md section 1).</summary>
    public Hash256 Identity => RecoveryKit.IdentityOf(Id, _trust.Identity.PublicKey);

    /// <summary>The day on which the account was made, as it noted itself, in UTC; null where it was made here just now, or opened offline.</summary>
    public DateOnly? Created => _trust.Created;

    /// <summary>DEKs and keypairs.</summary>
    public AccountKeys Keys { get; }

    /// <summary>By which the person signs in to apps elsewhere.</summary>
    public AccountDids Dids { get; }

    /// <summary>Where the person's items are: services of their own, with keys of this account.</summary>
    public AccountVaults Vaults { get; }

    /// <summary>Where the account is signed in, as the service tells it.</summary>
    public AccountSessions Sessions { get; }

    /// <summary>The secrets that unlock the account: this one, further ones, recovery keys.</summary>
    public UnlockMethods UnlockMethods { get; }

    /// <summary>What a restored backup took from the account, and how it comes back.</summary>
    public Restoration Restoration { get; }

    /// <summary>
    /// Replaces the secret that unlocked the account here. The keys stay; no data is touched; all sessions of other devices end, and only
    /// the new secret, or another one of the account's, opens it from then on.
    /// </summary>
    /// <param name="secret">The new one.</param>
    /// <param name="typedAgain">The new one as the person typed it a second time. It has to open what the first one sealed, before anything
    /// is sent.</param>
    /// <param name="cancellationToken">Ends the call; the change may have landed.</param>
    /// <exception cref="KeyladderException">Nothing has changed, but for <see cref="FailureReason.OutcomeUnknown"/>.</exception>
    public Task ChangePassphraseAsync(UnlockSecret secret, UnlockSecret typedAgain, CancellationToken cancellationToken = default) =>
        UnlockMethods.ReplaceOwnAsync(secret, typedAgain, cancellationToken);

    /// <summary>
    /// Looks at everything the account owns, from nothing: does it still open? An alarm is a finding here, so that one bad object hides no
    /// other.
    /// </summary>
    /// <exception cref="KeyladderException">The service cannot be asked.</exception>
    public Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken = default) =>
        _examination.RunAsync(cancellationToken);

    /// <summary>
    /// What happened to the account: sign-ins, ended sessions, changes of keys and secrets, the oldest first. The service tells it, and
    /// each change of the account signs for all before it, so that nothing can be altered, dropped or added there afterwards.
    /// </summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="IntegrityException">The list is not the one that the account signed for; says from which event on.</exception>
    /// <exception cref="KeyladderException">The service cannot be asked.</exception>
    public Task<IReadOnlyList<AccountEvent>> ReadAuditAsync(CancellationToken cancellationToken = default) =>
        new AccountAudit<KeystoreHead>(_trust, _calls, _watch).ReadAsync(cancellationToken);

    /// <summary>
    /// Everything that the service keeps of the account, row by row, as it lies in its tables: the service's word, and ciphertext. Rows that
    /// come or go meanwhile may be there or not.
    /// </summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="KeyladderException">The service cannot be asked.</exception>
    public IAsyncEnumerable<StoredRows> ReadDataAsync(CancellationToken cancellationToken = default) => AccountData.ReadAsync(_calls, cancellationToken);

    /// <summary>
    /// Writes what another service needs to go on with the account (docs/spec/export.md): every key, in ciphertext, as the account last
    /// signed for it and shown to open. It opens with the secret that unlocked the account here and with nothing else, and tells whoever
    /// has it no more than the service knows. <see cref="KeyladderClient.ImportAsync(Stream, UnlockSecret, CancellationToken)"/> brings it
    /// there.
    /// </summary>
    /// <param name="output">Gets the export, about 1,200 bytes for each key. It stays the caller's; after a failure it may hold a part.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many keys it holds, the identity keypair not counted.</returns>
    /// <exception cref="IntegrityException">A key is not as the account signed for it, or does not open.</exception>
    /// <exception cref="KeyladderException">The service cannot be asked, or a device's own secret unlocked the account here.</exception>
    public Task<int> ExportAsync(Stream output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        return _export.WriteAsync(output, cancellationToken);
    }

    /// <summary>
    /// Writes all that a Vault of the account holds, sealed (docs/spec/vault-export.md): items, attributes and attachments as the account last
    /// signed for them, each shown to open, and the account's own export beside them. <see cref="ExportedVault"/> opens it without any
    /// service, with the secret that unlocked the account here and with nothing else.
    /// </summary>
    /// <param name="vault">One that this account opened.</param>
    /// <param name="output">Gets the export, as large as what the Vault keeps. It stays the caller's; after a failure it may hold a part.</param>
    /// <param name="progress">Hears how many bytes have been written.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many items it holds.</returns>
    /// <exception cref="IntegrityException">Something is not as the account signed for it, or does not open.</exception>
    /// <exception cref="KeyladderException">A service cannot be asked, or a device's own secret unlocked the account here.</exception>
    public Task<int> ExportVaultAsync(Vault vault, Stream output, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(output);
        return new VaultExport(_export, Keys, vault).WriteAsync(output, progress, cancellationToken);
    }

    /// <summary>
    /// Deletes the account at the service, with everything that it keeps of it, and erases every key here, those that callers hold too.
    /// Nothing opens the account afterwards, and what only its keys open is lost. Backups of the service hold it until they expire. This
    /// device remembers the deletion, and says so if the service shows the account again.
    /// </summary>
    /// <param name="cancellationToken">Ends the call; the account may have been deleted.</param>
    /// <returns>What shows that it was.</returns>
    /// <exception cref="KeyladderException">Nothing has changed, but for <see cref="FailureReason.OutcomeUnknown"/>.</exception>
    public async Task<DeletedAccount> DeleteAsync(CancellationToken cancellationToken = default)
    {
        var deleted = await _deletion.RunAsync(cancellationToken).ConfigureAwait(false);
        if (_client.Store is { } store)
            await store.ForgetAsync(Id, () => Task.CompletedTask, CancellationToken.None).ConfigureAwait(false);
        if (Interlocked.Exchange(ref _locked, 1) == 0)
        {
            _inUse.Dispose();
            _trust.Dispose();
            _connection.Dispose();
            await Vaults.Close().Closed.ConfigureAwait(false);
        }

        return deleted;
    }

    /// <summary>Sends a signed request by hand, and gives the answer as it came: nothing of it has been verified.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="target">Path and query, from <c>/</c> on.</param>
    /// <param name="json">The body; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<(int Status, ReadOnlyMemory<byte> Body)> SendAsync(
        HttpMethod method, string target, byte[]? json = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(target);
        if (!target.StartsWith('/'))
            throw new ArgumentException($"A target starts with a slash, such as {ServiceRoutes.Sessions}.", nameof(target));
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var (path, rest) = query < 0 ? (target, "") : (target[..query], target[query..]);
        return _connection.ExchangeAsync(
            new Call(method, path) { Query = rest, Body = json, LongestAnswer = Call.ListAnswer, Repeatable = false }, cancellationToken);
    }

    /// <summary>
    /// Erases every key, those that callers hold too, but for what seals the last witnesses of open Vaults: that takes a second at most. Then
    /// it ends the session at the service; without an answer from there the session ends by its own time. A file that is being opened or sealed is finished with its own key.
    /// </summary>
    public async Task<LockedAccount> LockAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _locked, 1) == 0)
        {
            _inUse.Dispose();
            _trust.Dispose();
            var (left, closed) = Vaults.Close();
            try
            {
                await left.ConfigureAwait(false);
                await _calls.DeleteCurrentSessionAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is KeyladderException or OperationCanceledException)
            {
                // The keys are gone, which is what was asked for.
            }
            finally
            {
                _connection.Dispose();
            }

            await closed.ConfigureAwait(false);
        }

        return new LockedAccount(_client, Id);
    }

    /// <summary>Locks the account, and waits two seconds at most for the service.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(LongestGoodbye, _client.Http.Time);
        await LockAsync(limit.Token).ConfigureAwait(false);
    }

    public override string ToString() => $"account {Id}";

    /// <summary>Whether these words are what unlocked the account here. A third of a second of work.</summary>
    internal async Task<bool> IsOpenWithAsync(Words words, CancellationToken cancellationToken)
    {
        using var secret = UnlockSecret.FromWords(words);
        using var derived = await PassphraseDerivedKey.DeriveAsync(secret, cancellationToken).ConfigureAwait(false);
        using var login = derived.DeriveLoginKeypair();
        return login.PublicKey.Equals(_connection.SignInKey.PublicKey);
    }

    internal Origin Origin => _client.Http.Origin;

    /// <summary>Holds the first answer against the pin, and remembers the slot that it came with.</summary>
    internal Task AcceptAsync(HeadPin pin, AccountResponse shown, RestoredException? chosen, CancellationToken cancellationToken)
    {
        var own = _trust.OwnSlot;
        UnlockMethods.Hold(new(own.Id.Value, own.Kind, own.Login.Bytes.ToArray(), shown.Slot.Wrapped, _connection.SignInKey.Locator));
        var back = new KeystoreGoingBack(_trust, _calls, _watch, _client.Http.Time);
        return Restoration.AcceptAsync(pin, shown, _connection.Restored, chosen, back, cancellationToken);
    }
}
