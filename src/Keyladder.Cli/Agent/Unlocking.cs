using Keyladder.Cli.Commands;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Cli.Agent;

/// <summary>How the agent opens an account: with a secret, and, after a restore, as the person has chosen.</summary>
internal sealed class Unlocking(Profile profile)
{
    private const string Offline = "The service cannot be reached: the account is open with what this device has kept. Items can be read and changed; what changes is sent later.";

    /// <param name="request">What is asked.</param>
    /// <param name="input">The typed secret, if it is not this device's own.</param>
    /// <param name="before">What is open here already; null if nothing. It is only read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="Failure">The service was restored, and the person has not chosen yet: what they are to be asked stands in it.</exception>
    public async Task<Unlocked> RunAsync(Unlock request, Stream input, UnlockedAccount? before, CancellationToken cancellationToken)
    {
        using var secret = request.Device ? await ReadDeviceAsync(cancellationToken) : await ReadTypedAsync(request.SecretKeyLength, input, cancellationToken);
        var client = ServiceAddress.Connect(request.Server, profile);
        UnlockedAccount? account = null;
        try
        {
            try
            {
                account = await UnlockAsync(client, secret, request, before, cancellationToken);
            }
            catch (KeyladderException e) when (e.Reason == FailureReason.Unreachable)
            {
                account = await TryUnlockOfflineAsync(client, secret, cancellationToken);
                if (account is null)
                    throw;
                return new Unlocked(client, account, [], IsQuestion: false, Offline);
            }

            var wentBack = await PutBackAsync(account, request, before, cancellationToken);
            var isOpen = !request.PutBack && request.Restored is null && RestoreLine.IsAny(wentBack);
            return new Unlocked(client, account, wentBack, isOpen, Notice: null);
        }
        catch
        {
            if (account is not null)
                await account.DisposeAsync();
            client.Dispose();
            throw;
        }
    }

    /// <returns>Null where this device has kept nothing that opens with the secret.</returns>
    private static async Task<UnlockedAccount?> TryUnlockOfflineAsync(KeyladderClient client, UnlockSecret secret, CancellationToken cancellationToken)
    {
        try
        {
            return await client.Account().UnlockOfflineAsync(secret, cancellationToken);
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.SignInFailed)
        {
            return null;
        }
    }

    private static async Task<UnlockedAccount> UnlockAsync(
        KeyladderClient client, UnlockSecret secret, Unlock request, UnlockedAccount? before, CancellationToken cancellationToken)
    {
        try
        {
            return await client.Account().UnlockAsync(secret, cancellationToken);
        }
        catch (RestoredException e)
        {
            before = before?.Id == e.Account ? before : null;
            if (request.Restored != e.Choice)
                throw Failure.WentBack(e, RestoreQuestion.Of(e, before));
            if (request.PutBack && before is null)
                throw new Failure(ExitCode.Locked, "Nothing is open on this device that could be put back.", $"To go back all the same: keyladder unlock --accept-restore {request.Restored}");
            return await client.Account().UnlockRestoredAsync(secret, e, cancellationToken);
        }
    }

    /// <summary>
    /// What is open is held against the account, since another device, or another command on this one, may have gone back with the service. An account that
    /// is opened anew is listed: what the agent holds can be put back should the service be restored some day.
    /// </summary>
    private static async Task<RestoreLine[]> PutBackAsync(UnlockedAccount account, Unlock request, UnlockedAccount? before, CancellationToken cancellationToken)
    {
        if (before?.Id == account.Id)
        {
            return RestoreLine.Of(request.PutBack
                ? await account.Restoration.PutBackAsync(before, cancellationToken)
                : await account.Restoration.CompareAsync(before, cancellationToken));
        }

        try
        {
            await account.Keys.ListAsync(cancellationToken);
        }
        catch (KeyladderException)
        {
            // Open all the same, so that `doctor` can look: each command that needs the list raises the alarm, or says what failed.
        }

        return [];
    }

    private async Task<UnlockSecret> ReadDeviceAsync(CancellationToken cancellationToken)
    {
        using var device = await DeviceStore.Of(profile).ReadAsync(cancellationToken);
        return UnlockSecret.FromDevice(device);
    }

    /// <param name="secretKeyLength">How many bytes of Secret Key code come before what was typed.</param>
    /// <param name="input">Both, as UTF-8.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<UnlockSecret> ReadTypedAsync(int secretKeyLength, Stream input, CancellationToken cancellationToken)
    {
        var bytes = GC.AllocateArray<byte>(2 * TypedSecret.MaxLength, pinned: true);
        using var wiped = new Wiped(bytes);
        var length = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        using var code = secretKeyLength == 0 ? null : TypedSecret.FromUtf8(bytes.AsSpan(0, secretKeyLength));
        using var typed = TypedSecret.FromUtf8(bytes.AsSpan(secretKeyLength, length - secretKeyLength));
        return SecretInput.Parse(typed, code);
    }
}

/// <summary>An account that was opened.</summary>
/// <param name="WentBack">What was open before and went back.</param>
/// <param name="IsQuestion">Whether it could still be put back, and the person has not said.</param>
/// <param name="Notice">What the person should know of how it was opened; null for nothing.</param>
internal sealed record Unlocked(KeyladderClient Client, UnlockedAccount Account, RestoreLine[] WentBack, bool IsQuestion, string? Notice);
