using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Accounts;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Hosting.Sessions;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Vault.Accounts;

internal static class SignUp
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(ServiceRoutes.Accounts, HandleAsync).WithName(nameof(SignUp)).WithSummary("A new account with its slot and its first head, and a session.")
            .Refuses(ProblemTypes.SignInFailed, ProblemTypes.NonceExpired, ProblemTypes.SignUpClosed, ProblemTypes.AccountExists, ProblemTypes.HeadRejected).Unsigned();

    private static async Task<Created<SignInResponse>> HandleAsync(
        JsonBody<VaultSignUpRequest> body, ClientAddress address, SignInChecks checks, SignUps signUps, CancellationToken cancellation)
    {
        var request = body.Value;
        WellFormed.Check(request);
        var assertion = checks.ReadAssertion(request.Assertion);
        if (!SignInChecks.IsSignedBy(request.Assertion, request.Slot.Login))
            throw Problem.SignInFailed();
        var (head, account) = (NextHead<VaultHead>.Read(request.Head), new AccountId(request.Account));
        head.RequireFirst(account);
        Problem.HeadRejectedUnless(head.Head.SignIn.Bytes.SequenceEqual(request.Slot.Login));

        return TypedResults.Created((string?)null, await signUps.RunAsync(
            new NewAccount<VaultHead>(
                head.Signed, new SlotId(request.Slot.Id), Locator: request.Slot.Login, request.Slot.Login, assertion, request.Invitation, request.Admission),
            address,
            transaction => FillAsync(transaction, account, request.Slot, cancellation),
            cancellation));
    }

    // The public half of the sign-in keypair is the locator too.
    private static async Task FillAsync(Transaction transaction, AccountId account, VaultSlotMessage slot, CancellationToken cancellation)
    {
        var inserted = await transaction.ExecuteAsync(
            new Statement("INSERT INTO slots (account_id, slot_id, locator, login) VALUES (@account, @slot, @login, @login) ON CONFLICT DO NOTHING;")
            {
                { "account", account.ToString() },
                { "slot", slot.Id.ToString() },
                { "login", slot.Login },
            },
            cancellation);
        if (inserted == 0)
            throw Problem.AccountExists();
        await transaction.ExecuteAsync(new Statement("INSERT INTO usage (account_id, bytes) VALUES (@account, 0);") { { "account", account.ToString() } }, cancellation);
    }
}
