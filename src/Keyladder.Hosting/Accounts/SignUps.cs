using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Admissions;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Sessions;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Hosting.Accounts;

/// <summary>How accounts begin: an account is there when its first head is.</summary>
public sealed class SignUps(Database database, Admittance admittance, Counters counters, ServiceOptions options, SessionsStore sessions)
{
    /// <param name="account">Its parts have been held against each other.</param>
    /// <param name="fill">Writes the slot and whatever else the account begins with.</param>
    /// <exception cref="ProblemException">The account is refused; nothing has changed but the count of what came from the address.</exception>
    public async Task<SignInResponse> RunAsync<THead>(NewAccount<THead> account, ClientAddress address, Func<Transaction, Task> fill, CancellationToken cancellation)
        where THead : Head, IHead<THead>
    {
        // Before it is known whether anything lets this person in: guessing at invitations is counted too.
        if ((await counters.AddAsync([($"{options.Name}/sign-ups", address.ToArray())], cancellation))[0] > options.Limits.SignUps)
            throw Problem.TooManyRequests(counters.RestOfHour);

        var id = account.Head.Head.Account;
        return await database.WriteAsync(
            async transaction =>
            {
                var landed = await HasLandedAsync(transaction, account, cancellation);
                if (!landed)
                {
                    // First: whoever is not let in hears the same, whether or not the account, the slot or the locator are taken.
                    await admittance.AdmitAsync(transaction, account.Invitation, account.Admission, cancellation);
                    if (await transaction.ExecuteAsync(HeadRows.Insert(id, account.Head, audited: 0), cancellation) == 0)
                        throw Problem.AccountExists();
                    await fill(transaction);
                }

                return await sessions.OpenAsync(transaction, id, account.Slot, account.Assertion, created: !landed, cancellation);
            },
            cancellation);
    }

    // The same sign-up once more, by the same person: the first answer may have been lost.
    private static Task<bool> HasLandedAsync<THead>(Transaction transaction, NewAccount<THead> account, CancellationToken cancellation)
        where THead : Head, IHead<THead> => transaction.QueryAsync(
            new Statement("""
                SELECT jws FROM heads WHERE account_id = @account AND number = 1
                AND EXISTS (SELECT 1 FROM slots WHERE account_id = @account AND slot_id = @slot AND locator = @locator AND login = @login);
                """)
            {
                { "account", account.Head.Head.Account.ToString() },
                { "slot", account.Slot.ToString() },
                { "locator", account.Locator },
                { "login", account.Login },
            },
            async rows => (await rows.ListAsync(row => HeadRows.Read<THead>(row.GetString(0)), cancellation)).Any(landed => landed.Hash == account.Head.Hash),
            cancellation);
}

/// <param name="Head">The first.</param>
/// <param name="Slot">Names the slot.</param>
/// <param name="Locator">What a sign-in finds the slot by.</param>
/// <param name="Login">Public half of the key that signs in.</param>
/// <param name="Assertion">Its signature by <paramref name="Login"/> has been verified.</param>
public sealed record NewAccount<THead>(
    SignedHead<THead> Head, SlotId Slot, byte[] Locator, byte[] Login, LoginAssertion Assertion, byte[]? Invitation, string? Admission)
    where THead : Head, IHead<THead>;
