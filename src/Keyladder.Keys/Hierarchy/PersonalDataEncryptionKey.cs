using Keyladder.Cryptography;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>A DEK that seals the person's own data; what it seals opens in this account only.</summary>
public sealed class PersonalDataEncryptionKey : DataEncryptionKey
{
    internal PersonalDataEncryptionKey(AccountId account, KeyId id, KeyState state, SecretBytes key)
        : base(account, id, KeyPurpose.PersonalDek, state, key)
    {
    }

    public static PersonalDataEncryptionKey Generate(AccountId account) =>
        new(account, KeyId.Generate(), KeyState.Active, SecretBytes.Generate(KeySize));

    private protected override byte[] DataContext(DataId id, long revision) => Contexts.PersonalData(Account, Id, id, revision);

    private protected override byte[] FileContext() => Contexts.PersonalFile(Account);
}
