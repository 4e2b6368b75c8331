using System.Buffers.Binary;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Recovery;

namespace Keyladder.PassphraseStore.Records;

/// <summary>OPRF keys that have evaluated once and belong to no record yet. The client keeps them, sealed for an hour: the Store has nothing to keep between two requests.</summary>
internal sealed class FreshKeys(AtRestSecret secret, TimeProvider time)
{
    private const string Label = "recovery/v1/fresh-oprf-key";
    private static readonly TimeSpan GoodFor = TimeSpan.FromHours(1);

    public byte[] Seal(SecretBytes scalar)
    {
        using var content = SecretBytes.Create(sizeof(long) + scalar.Length, (scalar, Expires: (time.GetUtcNow() + GoodFor).ToUnixTimeMilliseconds()), static (bytes, from) =>
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes, from.Expires);
            from.scalar.DangerousSpan.CopyTo(bytes[sizeof(long)..]);
        });
        return secret.Seal(content.DangerousSpan, Label);
    }

    /// <returns>The scalar; the caller disposes of it.</returns>
    /// <exception cref="ProblemException">It is not from here, or is too old.</exception>
    public SecretBytes Open(byte[] key)
    {
        try
        {
            using var content = secret.Open(key, Label);
            Problem.MalformedRequestUnless(BinaryPrimitives.ReadInt64BigEndian(content.DangerousSpan) > time.GetUtcNow().ToUnixTimeMilliseconds());
            return SecretBytes.CopyOf(content.DangerousSpan[sizeof(long)..]);
        }
        catch (OpenFailedException)
        {
            throw Problem.MalformedRequest();
        }
    }
}
