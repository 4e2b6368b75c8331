using System.Security.Cryptography;

namespace Keyladder.Cryptography.ChunkedEncryption;

/// <summary>
/// What was given does not open. One face for every reason (version, length, key, context, altered bytes, padding, content): what tells
/// them apart helps only whoever made the failure (docs/spec/envelopes.md).
/// </summary>
public sealed class OpenFailedException : CryptographicException
{
    internal OpenFailedException()
        : base("This does not open: it was altered or cut, or belongs to another key or another place.")
    {
    }
}
