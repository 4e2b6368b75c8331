using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;

namespace Keyladder.Cli.Commands;

/// <summary>
/// Unlocks with the Secret Key that is in force. A change of passphrase that was cut off leaves two in the profile, and only the service knows
/// which one opens the account; the one that did is kept.
/// </summary>
internal static class SecretKeys
{
    public static async Task<T> UnlockAsync<T>(Profile profile, TypedSecret? code, Func<TypedSecret?, Task<T>> unlock)
    {
        if (code is null)
            return await unlock(null);
        var bytes = code.ToUtf8();
        using var wiped = new Wiped(bytes);
        T opened;
        try
        {
            opened = await unlock(code);
        }
        catch (Exception e) when (Failures.From(e).Code == ExitCode.SignInFailed && profile.ReadNextSecretKey(bytes) is { } next)
        {
            using var wipedNext = new Wiped(next);
            using var nextCode = TypedSecret.FromUtf8(next);
            opened = await unlock(nextCode);
            Keep(profile, next);
            return opened;
        }

        Keep(profile, bytes);
        return opened;
    }

    /// <summary>Lays it into the profile. A secret that comes to rest on a disk is no surprise to its owner.</summary>
    public static void Keep(Profile profile, ReadOnlySpan<byte> code)
    {
        if (profile.WriteSecretKey(code))
            Screen.Say($"Your Secret Key lies in {profile.SecretKeyFile}, which only you can read.");
    }

    /// <summary>In this process, for a command that changes what opens the account.</summary>
    public static Task<UnlockedAccount> UnlockAsync(Profile profile, KeyladderClient client, TypedSecret typed, TypedSecret? code, CancellationToken cancellationToken) =>
        UnlockAsync(profile, code, async candidate =>
        {
            using var secret = SecretInput.Parse(typed, candidate);
            var account = await client.Account().UnlockAsync(secret, cancellationToken);
            if (account.Restoration.Notice is { } notice)
                Screen.Notify(notice.Message);
            return account;
        });
}
