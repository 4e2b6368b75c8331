using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Recovery;

/// <summary>
/// What a service seals OPRF keys and shares with before they reach its database, and makes the answers about what is not there from (docs/spec/passphrase-store.md section 5). It lives in
/// a file beside the service secret. No generation is ever dropped: what an old one sealed is not sealed again, and an index of names is made of the oldest.
/// </summary>
public sealed class AtRestSecret
{
    private const int KeySize = 32;
    private const int FingerprintSize = 16;

    private static readonly SecretFileKind Kind = new(
        "at-rest secret", Kept: byte.MaxValue, "Restore it from its own backup: nothing else opens what the service has sealed with it.");

    private readonly SecretFile file;

    private AtRestSecret(SecretFile file) => this.file = file;

    /// <summary>Of each generation, as the database keeps it: enough to notice another secret, and nothing of this one.</summary>
    internal IEnumerable<(byte Generation, byte[] Fingerprint)> Fingerprints => file.Entries.Select(entry =>
    {
        using var fingerprint = Derive(entry.Secret, "recovery/v1/at-rest-fingerprint", [], FingerprintSize);
        return (entry.Generation, fingerprint.DangerousSpan.ToArray());
    });

    /// <exception cref="StartupException">The file cannot be read or made, is open to others, or is not a secret.</exception>
    public static AtRestSecret LoadOrCreate(string path)
    {
        if (!File.Exists(path))
            SecretFile.Create(path, Kind);
        return new AtRestSecret(new SecretFile(path, Kind));
    }

    /// <summary>Puts a new generation before the others. A running service takes it up at its next start, or when it meets something that another one sealed with it.</summary>
    /// <exception cref="StartupException">The file cannot be read or written.</exception>
    public static void Rotate(string path) => SecretFile.Rotate(path, Kind);

    /// <param name="plaintext">What the database must not hold in clear.</param>
    /// <param name="label">What it is; another label opens it not.</param>
    /// <param name="owner">Whose it is, by ids: another's row opens it not.</param>
    /// <returns>u8(generation) ‖ an envelope.</returns>
    public byte[] Seal(ReadOnlySpan<byte> plaintext, string label, params ReadOnlySpan<Field> owner)
    {
        var (generation, secret) = file.Entries[0];
        using var key = SealingKey(secret);
        return [generation, .. Envelope.Seal(key, Fields.Encode(label, owner), plaintext, Padding.None)];
    }

    /// <param name="sealed">From <see cref="Seal"/>, from anywhere.</param>
    /// <param name="label">As when it was sealed.</param>
    /// <param name="owner">As when it was sealed.</param>
    /// <returns>The caller disposes of it.</returns>
    /// <exception cref="OpenFailedException">It was not sealed so, by none of the generations.</exception>
    public SecretBytes Open(ReadOnlySpan<byte> @sealed, string label, params ReadOnlySpan<Field> owner)
    {
        if (@sealed.IsEmpty || !file.TryGet(@sealed[0], out var secret))
            throw new OpenFailedException();
        using var key = SealingKey(secret);
        return Envelope.OpenSecret(key, Fields.Encode(label, owner), @sealed[1..], Padding.None);
    }

    /// <summary>The same for the same label and subject for as long as the file lasts: of its oldest generation.</summary>
    /// <param name="label">What it is for.</param>
    /// <param name="subject">Such as a name.</param>
    /// <param name="length">Bytes.</param>
    public byte[] Derive(string label, ReadOnlySpan<byte> subject, int length)
    {
        using var derived = Derive(file.Entries[^1].Secret, label, subject, length);
        return derived.DangerousSpan.ToArray();
    }

    private static SecretBytes SealingKey(SecretBytes secret) => Derive(secret, "recovery/v1/at-rest", [], KeySize);

    private static SecretBytes Derive(SecretBytes secret, string label, ReadOnlySpan<byte> subject, int length) =>
        HkdfSha512.DeriveKey(secret.DangerousSpan, [], Fields.Encode(label, subject.ToArray()), length);
}
