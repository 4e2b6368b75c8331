using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;

namespace Keyladder.Client;

/// <summary>How a Vault is opened: its keys, its copy on this device, a session, and what each of the two services shows held against what was witnessed of it.</summary>
internal sealed class VaultOpening(KeyladderClient client, KeystoreTrust trust, KeystoreCalls calls, KeystoreWatch watch, Export export)
{
    /// <param name="origin">Where the Vault is.</param>
    /// <param name="choice">What the person has chosen about what was found before.</param>
    /// <param name="store">Takes a copy; null for none.</param>
    /// <param name="http">Stays the caller's; null for one of the Vault's own.</param>
    /// <param name="find">Gives the keys of the account there.</param>
    /// <param name="signIn">Opens a session with them.</param>
    /// <param name="closed">Hears when the Vault has been closed.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<Vault> OpenAsync(
        Origin origin,
        VaultChoice choice,
        LocalStore? store,
        HttpClient? http,
        Func<ServiceHttp, Task<VaultKeys>> find,
        Func<VaultKeys, SignInKey, ServiceHttp, Task<Session>> signIn,
        Action<Vault> closed,
        CancellationToken cancellationToken)
    {
        var own = http is null ? DefaultHttpClient.Create(origin) : null;
        var transport = new ServiceHttp(ServiceKind.Vault, http ?? own!, origin, client.Http.Time) { Timeout = client.Timeout };
        SignInKey? key = null;
        SignedConnection? connection = null;
        Witnesses? witnesses = null;
        StoreFile? file = null;
        try
        {
            var keys = await find(transport).ConfigureAwait(false);
            file = store?.Open(keys);
            if (store is not null)
                keys.KeepAsync = ct => store.KeepAsync(trust.Account, output => export.WriteForThisDeviceAsync(output, ct), ct);
            key = new SignInKey(keys.SignIn.PublicKey.Bytes.ToArray(), keys.SignIn.OpenLogin());
            connection = new SignedConnection(transport, key, keys.Service.Account, await TrySignInAsync(keys, key, transport).ConfigureAwait(false));
            var (vaultCalls, vaultTrust) = (new VaultCalls(connection), new VaultTrust(keys));
            var vaultWatch = new VaultWatch(vaultTrust, vaultCalls, client.Pins);
            witnesses = WitnessesOf(keys, vaultCalls, vaultWatch);
            var vault = new Vault(connection, keys, vaultTrust, vaultCalls, vaultWatch, witnesses, file, own, http, closed);
            await vault.StartAsync(choice, cancellationToken).ConfigureAwait(false);
            return vault;
        }
        catch
        {
            if (connection is null)
                key?.Dispose();
            connection?.Dispose();
            witnesses?.Dispose();
            own?.Dispose();
            file?.Dispose();
            throw;
        }

        async Task<Session?> TrySignInAsync(VaultKeys keys, SignInKey signInKey, ServiceHttp http)
        {
            try
            {
                var session = await signIn(keys, signInKey, http).ConfigureAwait(false);
                if (session.KeyId.Account == keys.Service.Account)
                    return session;
                session.Dispose();
                throw new IntegrityException(Alarm.ObjectInvalid, "the session", "The Vault signed in to another account than the one that was asked for.");
            }
            catch (KeyladderException e) when (e.Reason == FailureReason.Unreachable && file?.Loaded.Head is not null)
            {
                return null;
            }
        }
    }

    private Witnesses WitnessesOf(VaultKeys keys, VaultCalls vaultCalls, VaultWatch vaultWatch)
    {
        var key = trust.Kek.DeriveWitnessKey();
        var vault = keys.Service.Account;
        return new Witnesses(
            key,
            new Witness<KeystoreHead>(key, new WitnessKeeper("The Vault", "the Keystore", vault, vaultCalls), watch, trust.Account),
            new Witness<VaultHead>(key, new WitnessKeeper("The Keystore", "the Vault", trust.Account, calls), vaultWatch, vault),
            client.Http.Time);
    }
}
