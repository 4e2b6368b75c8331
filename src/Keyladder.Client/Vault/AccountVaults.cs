using System.Collections.Concurrent;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// The Vaults of an unlocked account: services of their own, which know the person by nothing that the Keystore knows (docs/spec/vault.md
/// section 1). Where they are, and how the person signs in, is kept as keys of the account.
/// </summary>
public sealed class AccountVaults
{
    private readonly AccountKeys _keys;
    private readonly KeyladderClient _client;
    private readonly VaultOpening _opening;
    private readonly ConcurrentDictionary<Vault, bool> _opened = new();

    internal AccountVaults(AccountKeys keys, KeyladderClient client, KeystoreTrust trust, KeystoreCalls calls, KeystoreWatch watch, Export export) =>
        (_keys, _client, _opening) = (keys, client, new VaultOpening(client, trust, calls, watch, export));

    /// <summary>The addresses of the account's Vaults; it has one or none, as a rule. Where the Keystore cannot be reached, those that were known before.</summary>
    public async Task<IReadOnlyList<Uri>> ListAsync(CancellationToken cancellationToken = default) =>
        [.. from key in await _keys.ListHeldAsync(cancellationToken).ConfigureAwait(false)
            where key.Purpose == KeyPurpose.VaultHead
            group key by key.Overview.Service!.Origin into there
            select there.Key.Address];

    /// <summary>
    /// Signs in to the account's Vault at an address, verifies what it shows, and holds what each of the two services shows against what was
    /// witnessed of it at the other one.
    /// </summary>
    /// <param name="address">Scheme, host and port: <c>https</c>, or <c>http</c> on this machine.</param>
    /// <param name="http">As for <see cref="KeyladderClient"/>; it stays the caller's. Null for one of the Vault's own.</param>
    /// <param name="cancellationToken">Ends the call; a session may have been opened.</param>
    /// <returns>To be disposed of; it needs the account to be unlocked.</returns>
    /// <exception cref="ArgumentException">The address is more than an origin, or its connection would be open to everybody on the way.</exception>
    /// <exception cref="KeyladderException">The account has no Vault there, or it does not answer.</exception>
    /// <exception cref="IntegrityException">What it shows is not the Vault, or not as this device has last seen it; for
    /// <see cref="Alarm.FreshnessUnproven"/>, see <see cref="OpenUnprovenAsync"/>.</exception>
    /// <exception cref="RestoredException">The Vault has gone back, and says that a backup was restored: see <see cref="OpenRestoredAsync"/>.</exception>
    public Task<Vault> OpenAsync(Uri address, HttpClient? http = null, CancellationToken cancellationToken = default) =>
        OpenAsync(address, new VaultChoice(), _client.Store, http, cancellationToken);

    /// <summary>
    /// Opens the Vault although it is not proven that both services show the newest state, after the person has been told why and goes on
    /// knowingly. What is shown is what is witnessed from then on.
    /// </summary>
    /// <param name="address">As for <see cref="OpenAsync(Uri, HttpClient, CancellationToken)"/>.</param>
    /// <param name="choice"><see cref="IntegrityException.Choice"/> of what the person was told. Where something else is found by now, they are
    /// to be told that.</param>
    /// <param name="http">As there.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <inheritdoc cref="OpenAsync(Uri, HttpClient, CancellationToken)"/>
    public Task<Vault> OpenUnprovenAsync(Uri address, string choice, HttpClient? http = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(choice);
        return OpenAsync(address, new VaultChoice(choice), _client.Store, http, cancellationToken);
    }

    /// <summary>
    /// Goes back with a Vault that was restored, after the person has been shown what went back and has chosen so. What waits on this device to be
    /// sent waits on, and is sent then. A Vault that is open since before is to be disposed of first.
    /// </summary>
    /// <param name="address">As for <see cref="OpenAsync(Uri, HttpClient, CancellationToken)"/>.</param>
    /// <param name="chosen">What the person was shown. Where the Vault shows something else by now, they are to be shown that.</param>
    /// <param name="putBack">Whether what this device still holds is put back at once, as by <see cref="VaultRestoration.PutBackAsync"/>.</param>
    /// <param name="http">As there.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <inheritdoc cref="OpenAsync(Uri, HttpClient, CancellationToken)"/>
    public Task<Vault> OpenRestoredAsync(
        Uri address, RestoredException chosen, bool putBack = false, HttpClient? http = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        return OpenAsync(address, new VaultChoice(Restored: chosen, PutBack: putBack), _client.Store, http, cancellationToken);
    }

    /// <summary>
    /// Makes an account at a Vault: its keys first, in the Keystore, then the account with its first head. Called again after it was cut off,
    /// or where the account has a Vault there, it goes on and opens it. Where what answers is no Vault, or goes by another address, the keys are
    /// deleted again.
    /// </summary>
    /// <param name="address">As for <see cref="OpenAsync(Uri, HttpClient, CancellationToken)"/>.</param>
    /// <param name="invitation">From the Vault's operator, where it asks for one; it stays the caller's.</param>
    /// <param name="admission">What an app's own service signed for this person, where the Vault asks for that.</param>
    /// <param name="http">As for <see cref="OpenAsync(Uri, HttpClient, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Ends the call; the Vault may have been made.</param>
    /// <inheritdoc cref="OpenAsync(Uri, HttpClient, CancellationToken)"/>
    public async Task<Vault> CreateAsync(
        Uri address, InvitationCode? invitation = null, string? admission = null, HttpClient? http = null, CancellationToken cancellationToken = default)
    {
        var origin = ReadOrigin(address);
        var isMade = false;
        return await ConnectAsync(origin, new VaultChoice(), _client.Store, http, FindOrMakeAsync, SignUpOrInAsync, cancellationToken).ConfigureAwait(false);

        async Task<VaultKeys> FindOrMakeAsync(ServiceHttp transport)
        {
            if (await VaultKeys.FindAsync(_keys, origin, cancellationToken).ConfigureAwait(false) is { } keys)
                return keys;
            // A slip in the address should not leave keys behind for a Vault that there is not.
            await SignInKey.ReachAsync(transport, cancellationToken).ConfigureAwait(false);
            var made = await VaultKeys.MakeAsync(_keys, origin, cancellationToken).ConfigureAwait(false);
            isMade = true;
            return made;
        }

        async Task<Session> SignUpOrInAsync(VaultKeys keys, SignInKey key, ServiceHttp transport)
        {
            try
            {
                return await key.SignInAsync(transport, cancellationToken).ConfigureAwait(false);
            }
            catch (KeyladderException e) when (e.Reason == FailureReason.SignInFailed)
            {
                // What this device has seen was there: to make it anew would take away the alarm about its loss.
                if (await _client.Pins.GetAsync(keys.Service.Account, cancellationToken).ConfigureAwait(false) is not null)
                    throw;
            }

            try
            {
                return await SignUpAsync(keys, key, transport, invitation, admission, cancellationToken).ConfigureAwait(false);
            }
            catch (KeyladderException e) when (isMade && e is { Reason: FailureReason.SignInFailed } or RefusedException { Problem.Type: ProblemTypes.MalformedRequest })
            {
                // A Vault that wants an invitation, or has no room, will take the keys yet; another service, or one that goes by another address, never.
                await _keys.DeleteOfVaultAsync(keys.Service, CancellationToken.None).ConfigureAwait(false);
                throw Failures.NotThisVault(origin.Address, e);
            }
        }
    }

    /// <summary>
    /// Deletes the account at a Vault, with every item. Nothing brings it back but a backup of the Vault; this device remembers the deletion,
    /// and says so if the Vault shows the account again. Its keys stay among the account's until <see cref="ForgetAsync"/>.
    /// </summary>
    /// <param name="address">As for <see cref="OpenAsync(Uri, HttpClient, CancellationToken)"/>.</param>
    /// <param name="http">As for <see cref="OpenAsync(Uri, HttpClient, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Ends the call; the account may have been deleted.</param>
    /// <returns>What shows that it was; null where this device had deleted it before, and the Vault knows it no more.</returns>
    /// <exception cref="KeyladderException">Nothing has changed, but for <see cref="FailureReason.OutcomeUnknown"/>.</exception>
    /// <inheritdoc cref="OpenAsync(Uri, HttpClient, CancellationToken)"/>
    public async Task<DeletedAccount?> DeleteAsync(Uri address, HttpClient? http = null, CancellationToken cancellationToken = default)
    {
        DeletedAccount deleted;
        try
        {
            // Without the copy on this device: another Vault that is open may have that.
            await using var vault = await OpenAsync(address, new VaultChoice(), store: null, http, cancellationToken).ConfigureAwait(false);
            deleted = await vault.DeleteAccountAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.SignInFailed)
        {
            // That it is gone is believed where this device has seen it go.
            var (_, isDeleted) = await FindAsync(ReadOrigin(address), cancellationToken).ConfigureAwait(false);
            if (isDeleted)
                return null;
            throw;
        }

        await Task.WhenAll(_opened.Keys.Where(vault => vault.Id == deleted.Id).Select(vault => vault.DisposeAsync().AsTask())).ConfigureAwait(false);
        _client.Store?.Delete(deleted.Id);
        return deleted;
    }

    /// <summary>
    /// Makes a new key that seals what is written to the Vault from now on, for when a device that had the old one is lost. What was sealed
    /// before opens as before, and is sealed anew when it is changed. Other devices, those that run too, take the new key before anything that they
    /// write lands.
    /// </summary>
    /// <param name="address">As for <see cref="OpenAsync(Uri, HttpClient, CancellationToken)"/>.</param>
    /// <param name="http">As there, for where the Vault is not open.</param>
    /// <param name="cancellationToken">Ends the call; the key may have been replaced.</param>
    /// <exception cref="KeyladderException">The account has no Vault there, or it does not answer, and nothing has changed. What fails later is to be called again.</exception>
    public async Task ReplaceKeyAsync(Uri address, HttpClient? http = null, CancellationToken cancellationToken = default)
    {
        var (service, _) = await FindAsync(ReadOrigin(address), cancellationToken).ConfigureAwait(false);
        Vault[] opened = [.. _opened.Keys.Where(vault => vault.Id == service.Account)];
        if (opened is [var first, ..])
        {
            await first.ReplaceKeyAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await using var vault = await OpenAsync(address, new VaultChoice(), store: null, http, cancellationToken).ConfigureAwait(false);
            await vault.ReplaceKeyAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (var vault in opened.Skip(1))
            await vault.RefreshKeysAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Deletes the keys of a Vault that this device has deleted the account of, for good: what they sealed opens nowhere any more. A new
    /// account can be made there then.
    /// </summary>
    /// <param name="address">As for <see cref="OpenAsync(Uri, HttpClient, CancellationToken)"/>.</param>
    /// <param name="unproven">Also where it has not: for a Vault that is gone, or never was one. A Vault that says so may lie, and only the person knows.</param>
    /// <param name="cancellationToken">Ends the call; they may have been deleted.</param>
    /// <exception cref="KeyladderException">The account there has not been deleted from here, or there are no keys for it.</exception>
    public async Task ForgetAsync(Uri address, bool unproven = false, CancellationToken cancellationToken = default)
    {
        var (service, isDeleted) = await FindAsync(ReadOrigin(address), cancellationToken).ConfigureAwait(false);
        if (!isDeleted && !unproven)
            throw Failures.NotAllowed("The keys of a Vault stay for as long as the account there.", "Delete that first.");
        await Task.WhenAll(_opened.Keys.Where(vault => vault.Id == service.Account).Select(vault => vault.DisposeAsync().AsTask())).ConfigureAwait(false);
        await _keys.DeleteOfVaultAsync(service, cancellationToken).ConfigureAwait(false);
        _client.Store?.Delete(service.Account);
    }

    /// <summary>Closes every Vault that was opened: they end with the account. From the call on they show nothing.</summary>
    /// <returns>What ends when the last witnesses have been left at the Keystore, a second later at most; and when the Vaults have heard.</returns>
    internal (Task Left, Task Closed) Close()
    {
        Vault[] vaults = [.. _opened.Keys];
        var closed = Task.WhenAll(vaults.Select(vault => vault.DisposeAsync().AsTask()));
        return (Task.WhenAll(vaults.Select(vault => vault.Left)), closed);
    }

    private async Task<Vault> OpenAsync(Uri address, VaultChoice choice, LocalStore? store, HttpClient? http, CancellationToken cancellationToken)
    {
        var origin = ReadOrigin(address);
        return await ConnectAsync(
            origin,
            choice,
            store,
            http,
            async _ => await VaultKeys.FindAsync(_keys, origin, cancellationToken).ConfigureAwait(false) ?? throw Failures.NoVault(origin.Address),
            (_, key, transport) => key.SignInAsync(transport, cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }

    /// <returns>The account there, and whether this device has deleted it.</returns>
    private async Task<(KeyService Service, bool IsDeleted)> FindAsync(Origin origin, CancellationToken cancellationToken)
    {
        var service = VaultKeys.Find(await _keys.ListAsync(cancellationToken).ConfigureAwait(false), origin) ?? throw Failures.NoVault(origin.Address);
        return (service, await _client.Pins.GetAsync(service.Account, cancellationToken).ConfigureAwait(false) is { IsDeleted: true });
    }

    private async Task<Session> SignUpAsync(
        VaultKeys keys, SignInKey key, ServiceHttp transport, InvitationCode? invitation, string? admission, CancellationToken cancellationToken)
    {
        var head = keys.Head.Sign(new VaultHead
        {
            Account = keys.Service.Account,
            Number = 1,
            Day = DateOnly.FromDateTime(_client.Http.Time.GetUtcNow().UtcDateTime),
            Count = 0,
            Root = Hash256.Zero,
            Key = keys.Head.PublicKey,
            SignIn = keys.SignIn.PublicKey,
            Dek = keys.SealingName,
            Links = [],
        });
        var slot = new VaultSlotMessage(SlotId.Generate().Value, key.Locator);
        return await key.SignUpAsync(
            transport,
            assertion => new VaultSignUpRequest(keys.Service.Account.Value, assertion, slot, head.Jws, invitation?.DangerousSpan.ToArray(), admission),
            ProtocolJson.Default.VaultSignUpRequest,
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<Vault> ConnectAsync(
        Origin origin,
        VaultChoice choice,
        LocalStore? store,
        HttpClient? http,
        Func<ServiceHttp, Task<VaultKeys>> find,
        Func<VaultKeys, SignInKey, ServiceHttp, Task<Session>> signIn,
        CancellationToken cancellationToken)
    {
        var vault = await _opening.OpenAsync(origin, choice, store, http, find, signIn, closed => _opened.TryRemove(closed, out _), cancellationToken).ConfigureAwait(false);
        _opened.TryAdd(vault, true);
        return vault;
    }

    private static Origin ReadOrigin(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!Origin.TryCreate(address, out var origin))
            throw new ArgumentException("An address is scheme, host and port, such as https://vault.example.org.", nameof(address));
        return origin.IsSecure
            ? origin
            : throw new ArgumentException("Plain HTTP is for a service on this machine; everywhere else the address starts with https.", nameof(address));
    }
}
