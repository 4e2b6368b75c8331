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

    /// <summary>Signs the content from the stream's position to its end, as the <c>did:key</c> of the key.</summary>
    /// <returns>The JWS: what a file <c>NAME.sig</c> holds, with a newline after it.</returns>
    public static Task<string> SignAsync(Stream content, PrivateKey key, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return SignAsync(content, key, Did.Of(key.PublicKey), now, cancellationToken);
    }

    /// <summary>Signs the content from the stream's position to its end, as a DID that has the key.</summary>
    /// <param name="signer">The key's own <c>did:key</c> or <c>did:jwk</c>; or a <c>did:web</c>, whose document has to list the key.</param>
    /// <exception cref="ArgumentException">The DID is made of another key.</exception>
    /// <inheritdoc cref="SignAsync(Stream, PrivateKey, DateTimeOffset, CancellationToken)"/>
    public static async Task<string> SignAsync(
        Stream content, PrivateKey key, Did signer, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(signer);
        if (signer.Method != DidMethod.Web && !key.PublicKey.Equals(signer.PublicKey))
            throw new ArgumentException("The DID is made of another key.", nameof(signer));
        var (sha512, size) = await HashAsync(content, cancellationToken).ConfigureAwait(false);
        var statement = new SignedContent(signer, now.ToUnixTimeSeconds(), sha512, size);
        return Jws.Sign(JwsKind.SignedContent, StrictJson.Write(statement, DidJson.Strict.SignedContent), key);
    }

    /// <summary>
    /// Verifies that the DID which the caller expects made the statement. It says nothing about any content before
    /// <see cref="MatchesAsync"/> has. That of a <c>did:web</c> is verified with its document.
    /// </summary>
    public static bool TryVerifyStatement(string jws, Did signer, [NotNullWhen(true)] out SignedContent? statement)
    {
        ArgumentNullException.ThrowIfNull(signer);
        statement = null;
        return signer.PublicKey is { } key && TryVerify(jws, signer, key, out statement);
    }

    /// <summary>The same with a document, whose keys for assertions are tried in turn.</summary>
    public static bool TryVerifyStatement(string jws, DidDocument signer, [NotNullWhen(true)] out SignedContent? statement)
    {
        ArgumentNullException.ThrowIfNull(signer);
        statement = null;
        foreach (var key in signer.AssertionKeys)
        {
            if (TryVerify(jws, signer.Id, key, out statement))
                return true;
        }

        return false;
    }

    /// <summary>Whether the statement is about this content, read from the stream's position to its end.</summary>
    public async Task<bool> MatchesAsync(Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var (sha512, size) = await HashAsync(content, cancellationToken).ConfigureAwait(false);
        return size == Size && sha512.AsSpan().SequenceEqual(Sha512);
    }

    private static bool TryVerify(string jws, Did signer, PublicKey key, [NotNullWhen(true)] out SignedContent? statement)
    {
        statement = null;
        if (Jws.TryVerify(JwsKind.SignedContent, jws, key, out var payload)
            && StrictJson.TryRead(payload, DidJson.Strict.SignedContent, out statement)
            && statement.Signer.Equals(signer)
            && statement.Sha512.Length == SHA512.HashSizeInBytes)
            return true;
        statement = null;
        return false;
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
