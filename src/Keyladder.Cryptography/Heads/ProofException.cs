using System.Security.Cryptography;

namespace Keyladder.Cryptography.Heads;

/// <summary>A proof is not one (docs/spec/heads.md section 2), or not one for this set of paths.</summary>
public sealed class ProofException : CryptographicException
{
    public ProofException()
        : this("Not a proof.")
    {
    }

    public ProofException(string message)
        : base(message)
    {
    }

    public ProofException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
