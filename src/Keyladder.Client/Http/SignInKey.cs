using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Hierarchy;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// What signs in: a locator and a login keypair (docs/spec/sign-in.md section 2). At the Keystore they are those of an unlock slot; at a
/// Vault the locator is the public half of the keypair (docs/spec/vault.md section 1).
/// </summary>
internal sealed class SignInKey(byte[] locator, LoginKeypair loginKeypair) : IDisposable
{
    private const int Tries = 3;

    private static readonly TimeSpan FarthestRestore = TimeSpan.FromDays(1);

    public byte[] Locator { get; } = locator;

    public Ed25519PublicKey PublicKey => loginKeypair.PublicKey;

    /// <summary>
    /// Opens a session. Each try has a nonce and an X25519 key of its own, so that a lost answer leaves an unused session behind and
    /// nothing else.
    /// </summary>
    public Task<Session> SignInAsync(ServiceHttp http, CancellationToken cancellationToken) =>
        OpenSessionAsync(
            http,
            assertion => new Call(HttpMethod.Post, ServiceRoutes.Sessions)
            {
                Body = JsonSerializer.SerializeToUtf8Bytes(new SignInRequest(assertion), ProtocolJson.Default.SignInRequest),
                ExpectedStatus = 201,
                Repeatable = false,
            },
            cancellationToken);

    /// <summary>
    /// Makes the account together with its first session. Sent again, the same account with the same head is the same sign-up
    /// (docs/spec/keystore-api.md, docs/spec/vault-api.md).
    /// </summary>
    public Task<Session> SignUpAsync<TRequest>(
        ServiceHttp http, Func<string, TRequest> request, JsonTypeInfo<TRequest> type, CancellationToken cancellationToken) =>
        OpenSessionAsync(
            http,
            assertion => new Call(HttpMethod.Post, ServiceRoutes.Accounts)
            {
                Body = JsonSerializer.SerializeToUtf8Bytes(request(assertion), type),
                ExpectedStatus = 201,
                Repeatable = false,
            },
            cancellationToken);

    /// <summary>Whether there is such a service at all: asks for a nonce, and leaves it.</summary>
    public static Task ReachAsync(ServiceHttp http, CancellationToken cancellationToken) => NonceAsync(http, cancellationToken);

    /// <summary>A proof for the one call that brings the head with this hash.</summary>
    public async Task<string> ProveAsync(ServiceHttp http, byte[] headHash, CancellationToken cancellationToken)
    {
        var nonce = await NonceAsync(http, cancellationToken).ConfigureAwait(false);
        return loginKeypair.Sign(new LoginProof(http.Origin, nonce, Locator, http.ServiceTime.ToUnixTimeSeconds(), headHash));
    }

    public void Dispose() => loginKeypair.Dispose();

    private async Task<Session> OpenSessionAsync(ServiceHttp http, Func<string, Call> call, CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            using var ephemeral = X25519PrivateKey.Generate();
            var nonce = await NonceAsync(http, cancellationToken).ConfigureAwait(false);
            var assertion = new LoginAssertion(
                http.Origin, nonce, Locator, http.ServiceTime.ToUnixTimeSeconds(), ephemeral.PublicKey.ToArray());
            var attempt = call(loginKeypair.Sign(assertion));
            try
            {
                var answer = await http.SendAsync(
                    attempt, signer: null, ProtocolJson.Default.SignInResponse, cancellationToken).ConfigureAwait(false);
                if (!SessionKeyId.TryParse(answer.KeyId, out var keyId))
                    throw Failures.InvalidAnswer(attempt, "names no session");
                if (answer.Restored is <= 0)
                    throw Failures.InvalidAnswer(attempt, "holds no restore number");
                return new Session(
                    keyId, SessionKey.DeriveForClient(ephemeral, answer.ServerKey, http.Origin, keyId), Plausible(http, answer.Restored ?? 0));
            }
            catch (CryptographicException e)
            {
                throw Failures.InvalidAnswer(attempt, "holds no acceptable key", e);
            }
            catch (KeyladderException e) when (
                e.Reason == FailureReason.Unreachable && RetryAfter.IsShort(e.RetryAfter) && ++failures < Tries)
            {
                // Lost, or too late for its nonce: the next try has a new one. What was refused as too much is not tried again: if it was
                // the secret that was wrong, each further try lengthens the wait.
                await Backoff.WaitAsync(failures, e.RetryAfter, http.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // What is kept must be less than what a true restore shows later, or that one could never be chosen (docs/spec/heads.md section 6).
    private static long Plausible(ServiceHttp http, long restored) =>
        Math.Min(restored, (http.Time.GetUtcNow() + FarthestRestore).ToUnixTimeSeconds());

    private static async Task<string> NonceAsync(ServiceHttp http, CancellationToken cancellationToken)
    {
        var call = new Call(HttpMethod.Post, ServiceRoutes.Nonces) { Repeatable = true };
        var answer = await http.SendAsync(call, signer: null, ProtocolJson.Default.NonceResponse, cancellationToken).ConfigureAwait(false);
        if (answer.Nonce.Length is 0 or > 128)
            throw Failures.InvalidAnswer(call, "holds no nonce");
        http.CorrectClock(call, answer.Time);
        return answer.Nonce;
    }
}
