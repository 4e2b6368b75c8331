using System.Text.RegularExpressions;

namespace Repository.Tests;

/// <summary>
/// Attack E15, as far as it can be read: what is secret, or proves something, is compared by CryptographicOperations.FixedTimeEquals. How
/// long that takes is measured by bench (`-- timing`).
/// </summary>
public sealed partial class ConstantTimeTests
{
    // Everything else that compares bytes or characters to their end, and why it may stop at the first that differs.
    private static readonly Dictionary<string, (int Times, string WhyNotSecret)> Ordinary = new()
    {
        ["Keyladder.Client/Accounts/ExportedAccount.cs"] = (1, "a public key in a file, and the one that follows from the secret of who reads it"),
        ["Keyladder.Client/Accounts/UnlockMethods.cs"] = (1, "two locators of the caller's own, on his device"),
        ["Keyladder.Client/Integrity/Witness.cs"] = (1, "ciphertext that a service keeps, and the device's own copy of it"),
        ["Keyladder.Client/Store/StoreFile.cs"] = (1, "the first bytes of a file, which lie in clear"),
        ["Keyladder.Client/Vault/ItemMerge.cs"] = (4, "three versions of an item that its owner has opened, on his device: nobody else chooses or times them"),
        ["Keyladder.Client/Vault/Export/TarHeader.cs"] = (1, "a header that lies in clear"),
        ["Keyladder.Client/Vault/Export/VaultImport.cs"] = (1, "two attachments that their owner has opened, on his device"),
        ["Keyladder.Cryptography/Base64UrlText.cs"] = (1, "a text and its own canonical form"),
        ["Keyladder.Cryptography/Dids/SignedContent.cs"] = (1, "the hash of content that the reader has"),
        ["Keyladder.Cryptography/Heads/Head.cs"] = (2, "heads that were given up, which the account signed and its service keeps"),
        ["Keyladder.Cryptography/Heads/LostHead.cs"] = (1, "hashes of heads, likewise"),
        ["Keyladder.Cryptography/Signing/PublicKey.cs"] = (1, "public keys"),
        ["Keyladder.Hosting/Authentication/SessionKeys.cs"] = (1, "a public key that the service stores"),
        ["Keyladder.Keys/Envelopes/SealedFile.cs"] = (1, "the signature at the beginning of every sealed file"),
        ["Keyladder.Keys/Passphrases/Normalizer.cs"] = (1, "two constants"),
        ["Keyladder.Keys/Vault/Attachment.cs"] = (1, "the header of an envelope, which lies in clear"),
        ["Keyladder.Keys/Vault/AttributeType.cs"] = (2, "the value of a boolean, which its owner has opened, and the two words that it may be"),
        ["Keyladder.Hosting/Backups/BackupCheck.cs"] = (2, "pages and links of a backup that the operator holds"),
        ["Keyladder.Client/Vault/VaultQueue.cs"] = (1, "which items a write holds, by reference"),
        ["Keyladder.Client/Relationships/LetterReading.cs"] = (1, "ids of attributes, in a statement whose signature has been verified"),
        ["Keyladder.Client/Relationships/RelationshipRecords.cs"] = (1, "ids and revisions of the account's own attributes, which its Vault has in clear"),
        ["Keyladder.Keys/Hierarchy/RelationshipKey.cs"] = (1, "the name of a public key, at the head of a letter"),
        ["Keyladder.Keys/Relationships/Letter.cs"] = (1, "likewise"),
        ["Keyladder.Keys/Relationships/ShareStatement.cs"] = (1, "likewise, in a statement whose signature has been verified"),
        ["Keyladder.Vault/Accounts/SignUp.cs"] = (1, "public keys in what a person sends"),
        ["Keyladder.Vault/Channels/LeaveLetter.cs"] = (1, "a sealed letter, with the one that its sender left before"),
        ["Keyladder.Vault/Backups/VaultBackupCheck.cs"] = (2, "public keys of a backup, likewise"),
        ["Keyladder.Keystore/Keys/KeysTable.cs"] = (1, "slots of a head, which the account's own devices are shown"),
        ["Keyladder.Keystore/Slots/SlotsStore.cs"] = (1, "slots of a head, likewise"),
        ["Keyladder.Hosting/Heads/NextHead.cs"] = (1, "links of a head, likewise"),
        ["Keyladder.Hosting/Objects/ObjectWrites.cs"] = (1, "leaves, likewise"),
        ["Keyladder.Hosting/Sessions/SignInChecks.cs"] = (1, "the locator in a proof whose signature has been verified, and that of the signer's own slot"),
    };

    // Tags, tokens, commitments, checks and key halves.
    private static readonly Dictionary<string, int> Constant = new()
    {
        ["Keyladder.Cli/Profiles/Profile.cs"] = 2,
        ["Keyladder.Cli/Terminal/SecretInput.cs"] = 1,
        ["Keyladder.Client/Relationships/Inviting.cs"] = 1,
        ["Keyladder.AspNetCore/DidChallenge.cs"] = 1,
        ["Keyladder.Cryptography/Dids/DidSignIn.cs"] = 1,
        ["Keyladder.Cryptography/ChunkedEncryption/ChunkCipher.cs"] = 1,
        ["Keyladder.Cryptography/Oprf/Ristretto255Sha512.cs"] = 1,
        ["Keyladder.Cryptography/Secrets/InvitationCode.cs"] = 1,
        ["Keyladder.Cryptography/Secrets/SecretBytes.cs"] = 2,
        ["Keyladder.Cryptography/Signing/SessionKey.cs"] = 1,
        ["Keyladder.Hosting/Authentication/Nonces.cs"] = 1,
        ["Keyladder.Hosting/Recovery/AtRestSecretStart.cs"] = 1,
        ["Keyladder.PassphraseStore/Codes/CodesStore.cs"] = 1,
        ["Keyladder.Keys/Hierarchy/KeypairBytes.cs"] = 1,
        ["Keyladder.Keys/Hierarchy/RelationshipKey.cs"] = 1,
        ["Keyladder.Keys/Passphrases/KeyFile.cs"] = 1,
        ["Keyladder.Keys/Passphrases/WrittenCode.cs"] = 1,
        ["Keyladder.Keys/Passphrases/Words.cs"] = 1,
        ["Keyladder.Keys/Recovery/RecoveryCode.cs"] = 1,
        ["Keyladder.Keys/Recovery/RecoveryKit.cs"] = 1,
        ["Keyladder.Keys/Recovery/RecoveryPassword.cs"] = 1,
    };

    [Fact]
    public void E15_what_is_compared_otherwise_than_in_constant_time_is_no_secret() =>
        Assert.Equal(Lines(Ordinary.Select(file => (file.Key, file.Value.Times))), Lines(Uses(Ordinarily())));

    [Fact]
    public void E15_tags_tokens_commitments_and_checks_are_compared_in_constant_time() =>
        Assert.Equal(Lines(Constant.Select(file => (file.Key, file.Value))), Lines(Uses(Constantly())));

    [Fact]
    public void The_search_sees_each_way_to_compare()
    {
        Assert.All(
            ["a.SequenceEqual(b)", "a.AsSpan().SequenceEqual(b)", "a.SequenceCompareTo(b)", "a.AsSpan().StartsWith(tag)", "StructuralComparisons.StructuralEqualityComparer", "a.CommonPrefixLength(tag) == 32"],
            text => Assert.Matches(Ordinarily(), text));
        Assert.Matches(Constantly(), "CryptographicOperations.FixedTimeEquals(a, b)");
        Assert.Matches(Constantly(), "entropy.FixedTimeEquals(expected)");
        Assert.DoesNotMatch(Constantly(), "/// <see cref=\"FixedTimeEquals\"/>");
        Assert.DoesNotMatch(Constantly(), "public bool FixedTimeEquals(SecretBytes other)");
    }

    private static IEnumerable<(string File, int Times)> Uses(Regex pattern) =>
        from path in Repository.Files("*.cs", "src")
        let file = Path.GetRelativePath(Path.Combine(Repository.Root, "src"), path).Replace('\\', '/')
        let times = pattern.Count(File.ReadAllText(path))
        where times > 0
        select (file, times);

    private static List<string> Lines(IEnumerable<(string File, int Times)> uses) => [.. uses.Select(use => $"{use.File}: {use.Times}").Order(StringComparer.Ordinal)];

    // WordList looks words up in the public list; what was typed is on this device.
    [GeneratedRegex(@"(?<!word\.|typed\.)(\bSequenceEqual\(|\bSequenceCompareTo\(|AsSpan\([^)]*\)\.StartsWith\(|StructuralEqualityComparer|(?<!typed\.)CommonPrefixLength\()")]
    private static partial Regex Ordinarily();

    [GeneratedRegex(@"(?<!bool )\bFixedTimeEquals\(")]
    private static partial Regex Constantly();
}
