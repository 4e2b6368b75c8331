using System.Diagnostics.CodeAnalysis;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Keys.Passphrases;

/// <summary>
/// What unlocks an account on one device without anything typed: 32 random bytes, made on the device and kept there alone
/// (docs/spec/key-hierarchy.md section 1). Whoever reads them opens the account until the device is removed.
/// </summary>
public sealed class DeviceSecret : IDisposable
{
    /// <summary>In bytes.</summary>
    public const int Size = 32;

    private readonly SecretBytes secret;

    private DeviceSecret(SecretBytes secret) => this.secret = secret;

    public static DeviceSecret Generate() => new(SecretBytes.Generate(Size));

    /// <summary>Takes what <see cref="DangerousWriteTo"/> wrote; the caller clears it.</summary>
    /// <returns>False if it has another length.</returns>
    public static bool TryImport(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DeviceSecret? secret)
    {
        secret = bytes.Length == Size ? new DeviceSecret(SecretBytes.CopyOf(bytes)) : null;
        return secret is not null;
    }

    /// <summary>Writes the bytes for a file that only its owner can read, or the system's keystore; the caller clears the buffer.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes, which is what is written.</param>
    public void DangerousWriteTo(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, Size, nameof(destination));
        secret.DangerousSpan.CopyTo(destination);
    }

    public void Dispose() => secret.Dispose();

    public override string ToString() => nameof(DeviceSecret);

    internal SecretBytes CopySecret() => SecretBytes.CopyOf(secret.DangerousSpan);
}
