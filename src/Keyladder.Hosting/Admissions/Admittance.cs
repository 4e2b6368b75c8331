using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Admissions;

/// <summary>
/// Whether somebody may make an account (docs/spec/admission.md). What lets a person in is spent in the transaction that makes the account: of two that bring the same, one gets in, and a
/// sign-up that is refused for another reason has spent nothing.
/// </summary>
public sealed class Admittance(ServiceOptions options, IReadOnlyList<Did> registered, ServiceOrigin origin, TimeProvider time)
{
    private const long MaxClockSkewSeconds = 60;

    /// <exception cref="ProblemException">Not this person, or not this way.</exception>
    public async Task AdmitAsync(Transaction transaction, byte[]? invitation, string? admission, CancellationToken cancellation)
    {
        var spend = options.SignUp switch
        {
            SignUpRule.Open => null,
            SignUpRule.First => BeFirst,
            SignUpRule.Invitation when invitation is { } secret => InvitationRows.Spend(InvitationCode.HashOf(secret), time.GetUtcNow()),
            SignUpRule.Admission when admission is { } jws && Find(jws) is { } found => Spend(found.Signer, found.Statement),
            _ => throw Problem.SignUpClosed(),
        };
        if (spend is not null && await transaction.ExecuteAsync(spend, cancellation) == 0)
            throw Problem.SignUpClosed();
    }

    // The row is there for the race: whoever else sees no head yet meets it, waits, and loses.
    private static Statement BeFirst => new("INSERT INTO first_account (number) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM heads) ON CONFLICT DO NOTHING;");

    private (Did Signer, Admission Statement)? Find(string jws)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        foreach (var signer in registered)
        {
            if (signer.PublicKey is Ed25519PublicKey key && Admission.TryVerify(jws, key, out var statement))
                return statement.Audience == origin.Value && statement.IssuedAt <= now + MaxClockSkewSeconds && statement.Expires > now ? (signer, statement) : null;
        }

        return null;
    }

    private static Statement Spend(Did signer, Admission admission) =>
        new("INSERT INTO spent_admissions (signer, admission_id, expires) VALUES (@signer, @admission, @expires) ON CONFLICT DO NOTHING;")
        {
            { "signer", signer.ToString() },
            { "admission", admission.Id.ToString() },
            { "expires", StoredTime.HourAfter(DateTimeOffset.FromUnixTimeSeconds(admission.Expires)) },
        };
}
