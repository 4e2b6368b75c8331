using Keyladder.Keys.Tests.Vectors;

namespace Keyladder.Vectors;

internal static class VectorReaders
{
    public static IReadOnlyList<string> Files => VectorFiles.OfKeys;

    /// <summary>By the name of the file: whether our code takes a case of it.</summary>
    public static Dictionary<string, Func<VectorCase, Task<bool>>> Of { get; } = new()
    {
        ["words"] = Sync(SecretVectors.Words),
        ["forms"] = Sync(SecretVectors.Forms),
        ["secret-keys"] = Sync(SecretVectors.SecretKeys),
        ["passphrases"] = Sync(SecretVectors.Passphrase),
        ["derivation"] = Sync(SecretVectors.Derivation),
        ["envelopes"] = Sync(RoleVectors.Envelopes),
        ["key-overviews"] = Sync(RoleVectors.KeyOverviews),
        ["files"] = RoleVectors.FilesAsync,
        ["vault-dek-names"] = Sync(VaultVectors.DekNames),
        ["witnesses"] = Sync(WitnessVectors.Witnesses),
        ["vault-items"] = Sync(VaultVectors.Items),
        ["vault-attributes"] = Sync(VaultVectors.Attributes),
        ["vault-attachments"] = Sync(VaultVectors.Attachments),
    };

    private static Func<VectorCase, Task<bool>> Sync(Func<VectorCase, bool> reader) => vector => Task.FromResult(reader(vector));
}
