using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Dids;

/// <summary>
/// What a person signs with a DID: a statement over the hash of some content, which stays as it is (docs/spec/signed-objects.md). Content
/// of any length is read in constant memory.
/// </summary>
/// <param name="Signer">Whose statement it is.</param>
/// <param name="IssuedAt">Seconds since the epoch, by the signer's clock.</param>
/// <param name="Sha512">SHA-512 of the content, 64 bytes.</param>
/// <param name="Size">Length of the content in bytes.</param>
public sealed record SignedContent(
    [property: JsonPropertyName("iss")] Did Signer,
    [property: JsonPropertyName("iat")] long IssuedAt,
    [property: JsonPropertyName("sha512")] byte[] Sha512,
    [property: JsonPropertyName("size")] long Size)
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Signs the content from the stream's position to its end.</summary>
    /// <returns>The JWS: what a file <c>NAME.sig</c> holds, with a newline after it.</returns>
    public static async Task<string> SignAsync(
        Stream content, Ed25519PrivateKey key, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(key);
        var (sha512, size) = await HashAsync(content, cancellationToken).ConfigureAwait(false);
        var statement = new SignedContent(Did.Of(key.PublicKey), now.ToUnixTimeSeconds(), sha512, size);
        return Jws.Sign(JwsKind.SignedContent, StrictJson.Write(statement, DidJson.Strict.SignedContent), key);
    }

    /// <summary>
    /// Verifies that the DID which the caller expects made the statement. It says nothing about any content before
    /// <see cref="MatchesAsync"/> has.
    /// </summary>
    public static bool TryVerifyStatement(string jws, Did signer, [NotNullWhen(true)] out SignedContent? statement)
    {
        ArgumentNullException.ThrowIfNull(signer);
        statement = null;
        if (Jws.TryVerify(JwsKind.SignedContent, jws, signer.PublicKey, out var payload)
            && StrictJson.TryRead(payload, DidJson.Strict.SignedContent, out statement)
            && statement.Signer.Equals(signer)
            && statement.Sha512.Length == SHA512.HashSizeInBytes)
            return true;
        statement = null;
        return false;
    }

    /// <summary>Whether the statement is about this content, read from the stream's position to its end.</summary>
    public async Task<bool> MatchesAsync(Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var (sha512, size) = await HashAsync(content, cancellationToken).ConfigureAwait(false);
        return size == Size && sha512.AsSpan().SequenceEqual(Sha512);
    }

    private static async Task<(byte[] Sha512, long Size)> HashAsync(Stream content, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var size = 0L;
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                size += read;
            }

            return (hash.GetHashAndReset(), size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }
}
