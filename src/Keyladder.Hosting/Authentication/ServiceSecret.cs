using System.Diagnostics.CodeAnalysis;
using Keyladder.Cryptography.Secrets;
using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Authentication;

/// <summary>
/// What a service derives its halves of session keys and its nonces from. It lives in a file apart from the database, which alone signs nothing. The file holds one or two entries,
/// newest first, each u8(generation) ‖ 32 bytes; what the older one signed stays good until the next rotation. Instances that share the file are restarted one after the other: one
/// that is still running meets the new generation in what the others have handed out, and reads the file again.
/// </summary>
public sealed class ServiceSecret
{
    private static readonly SecretFileKind Kind = new("service secret", Kept: 1, "Restore it from a backup, or remove it: a new one is made and every session ends.");

    private readonly SecretFile file;

    private ServiceSecret(SecretFile file) => this.file = file;

    internal (byte Generation, SecretBytes Secret) Current => file.Entries[0];

    /// <exception cref="StartupException">The file cannot be read or made, is open to others, or is not a secret.</exception>
    public static ServiceSecret LoadOrCreate(string path)
    {
        if (!File.Exists(path))
            SecretFile.Create(path, Kind);
        return new ServiceSecret(new SecretFile(path, Kind));
    }

    /// <summary>
    /// Puts a new secret before the present one and drops the one before that. A running service takes it up at its next start, or when it meets something that another one made of it.
    /// </summary>
    /// <exception cref="StartupException">As <see cref="LoadOrCreate"/>.</exception>
    public static void Rotate(string path) => SecretFile.Rotate(path, Kind);

    /// <summary>The secret of a generation that is good now.</summary>
    internal bool TryGet(byte generation, [NotNullWhen(true)] out SecretBytes? secret) => file.TryGet(generation, out secret);
}
