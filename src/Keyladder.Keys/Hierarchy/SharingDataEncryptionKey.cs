using Keyladder.Cryptography;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>A DEK that seals what is exchanged with another person, who holds it under an account and a key id of his own.</summary>
public sealed class SharingDataEncryptionKey : DataEncryptionKey
{
    internal SharingDataEncryptionKey(AccountId account, KeyId id, KeyState state, SecretBytes key)
        : base(account, id, KeyPurpose.SharingDek, state, key)
    {
    }

    public static SharingDataEncryptionKey Generate(AccountId account) =>
        new(account, KeyId.Generate(), KeyState.Active, SecretBytes.Generate(KeySize));

    private protected override byte[] DataContext(DataId id, long revision) => Contexts.SharingData(id, revision);

    private protected override byte[] FileContext() => Contexts.SharingFile();
}
