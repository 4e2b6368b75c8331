using System.Text;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Keys.Hierarchy;

/// <summary>
/// PDK: what follows from an unlock secret, at the KDF's price where it was typed. Three keys are derived from it, one label each
/// (docs/spec/key-hierarchy.md section 2); then it goes.
/// </summary>
public sealed class PassphraseDerivedKey : IDisposable
{
    private const int OutputSize = 32;

    // HKDF's pseudorandom key: PDK and, in the second form, the Secret Key's secret; of a device, its secret.
    private readonly SecretBytes pseudorandomKey;

    internal PassphraseDerivedKey(SecretBytes pseudorandomKey) => this.pseudorandomKey = pseudorandomKey;

    /// <summary>Takes a third of a second where the secret was typed, on a thread of the pool: no thread that serves a person waits.</summary>
    /// <param name="secret">Must not be disposed of before the task has completed.</param>
    /// <param name="cancellationToken">Cancels before the start; the derivation itself cannot be interrupted.</param>
    public static Task<PassphraseDerivedKey> DeriveAsync(UnlockSecret secret, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return Task.Run(() => new PassphraseDerivedKey(secret.DerivePseudorandomKey()), cancellationToken);
    }

    /// <summary>Finds the slot at the Keystore, 32 bytes; another secret has another one.</summary>
    public byte[] DeriveSlotLocator()
    {
        using var locator = Derive(Labels.SlotLocator);
        return locator.DangerousSpan.ToArray();
    }

    public LoginKeypair DeriveLoginKeypair()
    {
        using var seed = Derive(Labels.LoginKeypair);
        return new LoginKeypair(Ed25519PrivateKey.FromSeed(seed.DangerousSpan));
    }

    public MasterEncryptionKey DeriveMasterEncryptionKey() => new(Derive(Labels.MasterEncryptionKey));

    public void Dispose() => pseudorandomKey.Dispose();

    private SecretBytes Derive(string label) =>
        HkdfSha512.Expand(pseudorandomKey.DangerousSpan, Encoding.ASCII.GetBytes(label), OutputSize);
}
