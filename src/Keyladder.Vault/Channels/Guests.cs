using Keyladder.Cryptography;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Sessions;
using Keyladder.Hosting.Storage;

namespace Keyladder.Vault.Channels;

/// <summary>Who a guest is at this Vault: the channel that its request names, if the request is signed by the channel's key.</summary>
internal sealed class Guests(SignInChecks checks)
{
    // There is always a row, that of the channel or nobody's: reading one takes time, and who asks must not see by it which channels there are.
    private const string Select = """
        SELECT account_id, guest_key, number FROM (
            SELECT 1 AS choice, account_id, guest_key, number FROM channels WHERE channel_id = @channel AND guest_key IS NOT NULL
            UNION ALL SELECT 2, @nobody_id, @nobody, CAST(0 AS bigint)
        ) found ORDER BY choice LIMIT 1;
        """;

    public Statement SelectChannel(GuestRequest guest) => new(Select)
    {
        { "channel", guest.KeyId.ToString() },
        { "nobody_id", Guid.Empty.ToString() },
        { "nobody", checks.Nobody },
    };

    /// <summary>Nothing else of the channel is read before.</summary>
    /// <exception cref="ProblemException">There is no such channel, or it is not its guest who asks.</exception>
    public static async Task<GuestChannel> VerifyAsync(GuestRequest guest, Rows rows, CancellationToken cancellation)
    {
        var (account, key, number) = (await rows.ListAsync(
            row => (Guid.Parse(row.GetString(0)), row.GetFieldValue<byte[]>(1), row.GetInt64(2)), cancellation)).Single();
        guest.RequireSignedBy(key);
        return new GuestChannel(new AccountId(account), new ChannelId(guest.KeyId), number);
    }
}

/// <summary>A channel whose guest has been verified.</summary>
/// <param name="Number">Of the last letter that was given in it.</param>
internal sealed record GuestChannel(AccountId Account, ChannelId Id, long Number);
