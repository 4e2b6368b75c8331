using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Sessions;

/// <summary>What an assertion or a proof must have besides its signature: this service as its audience, a fresh nonce of ours, a time near ours (docs/spec/sign-in.md sections 2 and 5).</summary>
public sealed class SignInChecks(Nonces nonces, ServiceOrigin origin, TimeProvider time)
{
    private const long MaxAgeSeconds = 60;

    /// <summary>Verifies in place of the key that an unknown locator does not have: never, as nobody holds its private half.</summary>
    public byte[] Nobody { get; } = NewPublicKey();

    /// <summary>Reads an assertion whose signer is not known yet.</summary>
    public LoginAssertion ReadAssertion(string assertion)
    {
        if (!LoginAssertion.TryReadUnverified(assertion, out var claimed))
            throw Problem.SignInFailed();
        Check(claimed.Audience, claimed.IssuedAt, claimed.Nonce);
        return claimed;
    }

    /// <param name="login">Of the slot that the assertion names, or <see cref="Nobody"/>, which costs the same and looks the same.</param>
    public static bool IsSignedBy(string assertion, byte[] login) =>
        Ed25519PublicKey.TryImport(login, out var key) && LoginAssertion.TryVerify(assertion, key, out _);

    /// <summary>A proof by the slot of the caller's session, for one head.</summary>
    public LoginProof VerifyProof(string proof, byte[] login, byte[] locator, Hash256 head)
    {
        if (!Ed25519PublicKey.TryImport(login, out var key)
            || !LoginProof.TryVerify(proof, key, out var verified)
            || !verified.Locator.AsSpan().SequenceEqual(locator)
            || new Hash256(verified.HeadHash) != head)
            throw Problem.SignInFailed();
        Check(verified.Audience, verified.IssuedAt, verified.Nonce);
        return verified;
    }

    /// <exception cref="ProblemException">The nonce has been used.</exception>
    public Task SpendAsync(Transaction transaction, AccountId account, string nonce, CancellationToken cancellation) =>
        nonces.SpendAsync(transaction, account, nonce, cancellation);

    private void Check(Origin audience, long issuedAt, string nonce)
    {
        if (audience != origin.Value || Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - issuedAt) > MaxAgeSeconds)
            throw Problem.SignInFailed();
        nonces.Check(nonce);
    }

    private static byte[] NewPublicKey()
    {
        using var key = Ed25519PrivateKey.Generate();
        return key.PublicKey.Bytes.ToArray();
    }
}
