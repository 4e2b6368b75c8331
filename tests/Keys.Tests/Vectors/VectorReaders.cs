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
        ["key-files"] = Sync(SecretVectors.KeyFiles),
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
        ["relationship-keys"] = Sync(RelationshipVectors.Keys),
        ["key-bundles"] = Sync(RelationshipVectors.Bundles),
        ["relationship-links"] = Sync(RelationshipVectors.Links),
        ["invitation-letters"] = Sync(RelationshipVectors.Letters),
        ["safety-words"] = Sync(RelationshipVectors.Words),
        ["acceptances"] = Sync(RelationshipVectors.Acceptances),
        ["confirmations"] = Sync(RelationshipVectors.Confirmations),
        ["key-changes"] = Sync(RelationshipVectors.Changes),
        ["share-dek-names"] = Sync(ShareVectors.DekNames),
        ["shared-copies"] = Sync(ShareVectors.Copies),
        ["shared-attachments"] = Sync(ShareVectors.Attachments),
        ["share-statements"] = Sync(ShareVectors.Statements),
        ["share-orders"] = Sync(ShareVectors.Orders),
        ["share-events"] = Sync(ShareVectors.Events),
        ["letters"] = Sync(ShareVectors.Letters),
        ["usernames"] = Sync(RecoveryVectors.Usernames),
        ["recovery-ids"] = Sync(RecoveryVectors.Ids),
        ["recovery-codes"] = Sync(RecoveryVectors.Codes),
        ["recovery-words"] = Sync(RecoveryVectors.JointWords),
        ["recovery-keys"] = Sync(RecoveryVectors.SigningKeys),
        ["password-slots"] = Sync(RecoveryVectors.PasswordSlots),
        ["reset-slots"] = Sync(RecoveryVectors.ResetSlots),
        ["recovery-kits"] = Sync(RecoveryVectors.Kits),
    };

    private static Func<VectorCase, Task<bool>> Sync(Func<VectorCase, bool> reader) => vector => Task.FromResult(reader(vector));
}
