using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Relationships;

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

    /// <summary>What both parties call the key, which each keeps under an id of its own (docs/spec/relationships.md section 7).</summary>
    public Hash256 NameFor(RelationshipId relationship, ShareId share)
    {
        using var name = HkdfSha512.Expand(Key.DangerousSpan, Fields.Encode(Labels.ShareDekName, relationship, share), Hash256.Size);
        return new Hash256(name.DangerousSpan);
    }

    /// <summary>Seals the copy of what is shared in one relationship.</summary>
    /// <param name="number">That of the statement which goes with it.</param>
    /// <returns>The envelope.</returns>
    /// <exception cref="KeyStateException">The key is not active.</exception>
    public byte[] Seal(RelationshipId relationship, ShareId share, SharedContent content, long number)
    {
        ArgumentNullException.ThrowIfNull(content);
        RequireSealing("seals");
        return Envelope.Seal(Key, Contexts.SharedCopy(relationship, share, number, NameFor(relationship, share)), content.Encode(), Padding.Shortest);
    }

    /// <exception cref="OpenFailedException">This key did not seal it as that copy of that share in that relationship, or it was altered.</exception>
    /// <exception cref="KeyStateException">The key has not been activated.</exception>
    public SharedContent Open(RelationshipId relationship, ShareId share, ReadOnlySpan<byte> copy, long number)
    {
        RequireOpening();
        var content = Envelope.Open(Key, Contexts.SharedCopy(relationship, share, number, NameFor(relationship, share)), copy, Padding.Shortest);
        return SharedContent.TryDecode(content, out var shared) ? shared : throw new OpenFailedException();
    }

    /// <summary>A key that came from another person, under an id of this account's own.</summary>
    internal static SharingDataEncryptionKey Receive(AccountId account, SecretBytes key) =>
        new(account, KeyId.Generate(), KeyState.Active, SecretBytes.CopyOf(key.DangerousSpan));

    private protected override byte[] DataContext(DataId id, long revision) => Contexts.SharingData(id, revision);

    private protected override byte[] FileContext() => Contexts.SharingFile();
}
