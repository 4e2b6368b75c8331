using Keyladder.Cryptography.Signing;

namespace Keyladder.Keys.Hierarchy;

/// <summary>The keypair of an unlock slot: it signs the assertions and proofs of docs/spec/sign-in.md, nothing else.</summary>
public sealed class LoginKeypair : IDisposable
{
    private readonly Ed25519PrivateKey privateKey;

    internal LoginKeypair(Ed25519PrivateKey privateKey) => this.privateKey = privateKey;

    public Ed25519PublicKey PublicKey => privateKey.PublicKey;

    /// <returns>The JWS.</returns>
    public string Sign(LoginAssertion assertion)
    {
        ArgumentNullException.ThrowIfNull(assertion);
        return assertion.Sign(privateKey);
    }

    /// <returns>The JWS.</returns>
    public string Sign(LoginProof proof)
    {
        ArgumentNullException.ThrowIfNull(proof);
        return proof.Sign(privateKey);
    }

    public void Dispose() => privateKey.Dispose();
}
