namespace Keyladder.Client;

/// <summary>An application's account, unlocked by its key file, and its Vault.</summary>
internal sealed class ReceivingAccount : IAsyncDisposable
{
    private readonly KeyladderClient _client;
    private readonly UnlockedAccount _account;

    private ReceivingAccount(KeyladderClient client, UnlockedAccount account, Vault vault) => (_client, _account, Vault) = (client, account, vault);

    public Vault Vault { get; }

    /// <param name="keyFile">Its path.</param>
    /// <param name="stateFolder">For pins. There is no copy of the Vault in it: one process at a time can have that open.</param>
    /// <param name="http">Stays the caller's; null for one of its own.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<ReceivingAccount> OpenAsync(string keyFile, string stateFolder, HttpClient? http, TimeProvider time, CancellationToken cancellationToken)
    {
        using var file = KeyFiles.Read(keyFile);
        var client = new KeyladderClient(file.Service.Address, new FilePinStore(Path.Combine(stateFolder, "pins")), http, time);
        UnlockedAccount? account = null;
        try
        {
            using (var secret = file.ToUnlockSecret())
                account = await client.Account(file.Account).UnlockAsync(secret, cancellationToken).ConfigureAwait(false);
            var addresses = await account.Vaults.ListAsync(cancellationToken).ConfigureAwait(false);
            if (addresses is not [var address])
                throw ReceivingFailures.NotOneVault(addresses.Count);
            return new ReceivingAccount(client, account, await account.Vaults.OpenAsync(address, http, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            if (account is not null)
                await account.DisposeAsync().ConfigureAwait(false);
            client.Dispose();
            if (account is null && e is KeyladderException { Reason: FailureReason.SignInFailed })
                throw KeyFileFailures.OpensNothing(file.Service, e);
            throw;
        }
    }

    /// <exception cref="KeyladderException">The device of the key file has been removed, or the Keystore does not answer.</exception>
    public Task RequireUnlockMethodAsync(CancellationToken cancellationToken) => _account.UnlockMethods.ListAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Vault.DisposeAsync().ConfigureAwait(false);
        await _account.DisposeAsync().ConfigureAwait(false);
        _client.Dispose();
    }
}
