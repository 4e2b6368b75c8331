namespace Keyladder.Keys.Envelopes;

/// <summary>
/// Every label of docs/spec/key-hierarchy.md, each in this one place. A label says what a derived key or a sealed text is; two uses never
/// share one, and a change of what is behind a label is a new label.
/// </summary>
internal static class Labels
{
    // Section 1 and 2: unlock secrets and what follows from them
    public const string SecretKeyCheck = "keystore/v1/secret-key";
    public const string WordsSalt = "keystore/v1/words";
    public const string PassphraseSalt = "keystore/v1/passphrase-salt";
    public const string DeviceSecret = "keystore/v1/device-secret";
    public const string SlotLocator = "keystore/v1/slot-locator";
    public const string LoginKeypair = "keystore/v1/login-keypair";
    public const string MasterEncryptionKey = "keystore/v1/master-encryption-key";

    // Section 3: envelopes
    public const string WrappedKek = "keystore/v1/wrapped-kek";
    public const string WrappedPersonalDek = "keystore/v1/wrapped-personal-dek";
    public const string WrappedSharingDek = "keystore/v1/wrapped-sharing-dek";
    public const string WrappedKeypair = "keystore/v1/wrapped-keypair";
    public const string KeyOverview = "keystore/v1/key-overview";
    public const string PersonalData = "data/v1/personal";
    public const string SharingData = "data/v1/sharing";
    public const string PersonalFile = "file/v1/personal";
    public const string SharingFile = "file/v1/sharing";

    // docs/spec/witness.md
    public const string WitnessKey = "keystore/v1/witness-key";
    public const string Witness = "keystore/v1/witness";

    // docs/spec/vault.md
    public const string VaultDekName = "vault/v1/dek-name";
    public const string VaultItem = "vault/v1/item";
    public const string VaultAttribute = "vault/v1/attribute";
    public const string VaultAttachment = "vault/v1/attachment";

    // docs/spec/relationships.md
    public const string DidKeypair = "relationship/v1/did-keypair";
    public const string SealingKeypair = "relationship/v1/sealing-keypair";
    public const string ChannelKeypair = "relationship/v1/channel-keypair";
    public const string SealingKeyName = "relationship/v1/sealing-key-name";
    public const string Letter = "relationship/v1/letter";
    public const string SafetyWords = "relationship/v1/safety-words";
    public const string Invitation = "invitation/v1/link";
    public const string InvitationSealingKey = "invitation/v1/sealing-key";
    public const string InvitationChannelKeypair = "invitation/v1/channel-keypair";
    public const string Offer = "invitation/v1/offer";
    public const string Acceptance = "invitation/v1/acceptance";
    public const string ShareDekName = "share/v1/dek-name";
    public const string SharedCopy = "share/v1/copy";
    public const string SharedAttachment = "share/v1/attachment";

    // docs/spec/key-file.md
    public const string KeyFileCheck = "key-file/v1/check";

    // docs/spec/passphrase-store.md
    public const string RecoveryCodeCheck = "recovery/v1/code";
    public const string RecoverySalt = "recovery/v1/salt";
    public const string PasswordSlot = "recovery/v1/password-slot";
    public const string ResetSlot = "recovery/v1/reset-slot";
    public const string RecoveryKit = "recovery/v1/kit";
    public const string RecoveryIdentity = "recovery/v1/identity";
    public const string StoreKey = "recovery/v1/store-key";
    public const string GuardianKey = "recovery/v1/guardian-key";
    public const string ReleaseKey = "recovery/v1/release-key";
    public const string RecoveryWords = "recovery/v1/words";

    // docs/spec/local-store.md
    public const string LocalStore = "vault/v1/local-store";
}
