using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Client;

/// <summary>
/// Brings an export to a service (docs/spec/export.md section 3). What has been done the service knows, not this device: cut off anywhere
/// and called again, it finds the account, and writes what is missing.
/// </summary>
internal sealed class Import(KeyladderClient client, InvitationCode? invitation, string? admission)
{
    public async Task<UnlockedAccount> RunAsync(Stream input, UnlockSecret secret, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(secret);
        using var export = await ExportedAccount.OpenAsync(input, secret, cancellationToken).ConfigureAwait(false);
        var account = await client.Pins.GetAsync(export.Account, cancellationToken).ConfigureAwait(false) is null
            ? await SignUpAsync(export, secret, cancellationToken).ConfigureAwait(false)
            : await GoOnAsync(export, secret, cancellationToken).ConfigureAwait(false);
        try
        {
            await account.Keys.BringAsync(export, cancellationToken).ConfigureAwait(false);
            return account;
        }
        catch
        {
            await account.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<UnlockedAccount> SignUpAsync(ExportedAccount export, UnlockSecret secret, CancellationToken cancellationToken)
    {
        try
        {
            using var plan = await NewAccount.CreateAsync(
                export, secret, DateOnly.FromDateTime(client.Http.Time.GetUtcNow().UtcDateTime), cancellationToken).ConfigureAwait(false);
            return await plan.SignUpAsync(client, invitation, admission, cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.AccountExists or FailureReason.SignUpClosed)
        {
            // It may have been made by a call whose answer was lost; what let the person in is then spent.
            return await TryUnlockAsync(export, secret, cancellationToken).ConfigureAwait(false)
                ?? throw (e.Reason == FailureReason.AccountExists ? Failures.AccountTaken(e) : e);
        }
    }

    private async Task<UnlockedAccount> GoOnAsync(ExportedAccount export, UnlockSecret secret, CancellationToken cancellationToken) =>
        await TryUnlockAsync(export, secret, cancellationToken).ConfigureAwait(false)
        ?? throw Failures.NotAllowed(
            "This device remembers the account, and this service does not open it with the secret of the export.",
            "If it remembers it from another service, import it with pins of its own: another profile, another store. If it is here already, "
            + "unlock it with the secret that it has here.");

    /// <returns>Null if the secret opens nothing there.</returns>
    private async Task<UnlockedAccount?> TryUnlockAsync(ExportedAccount export, UnlockSecret secret, CancellationToken cancellationToken)
    {
        try
        {
            return await client.Account(export.Account).UnlockAsync(secret, cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.SignInFailed)
        {
            return null;
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.OtherAccount)
        {
            throw Failures.SecretOfOtherAccount(e);
        }
    }
}
