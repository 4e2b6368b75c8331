using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Keyladder.Keys.Tests.Hierarchy;

/// <summary>Compiles snippets as an app would that references the built assemblies and is a friend of none.</summary>
internal static class Snippets
{
    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Keyladder.", StringComparison.Ordinal)))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <returns>The ids of the errors, in order.</returns>
    public static IReadOnlyList<string> Errors(string statements) => [.. Diagnostics(statements).Select(error => error.Id)];

    public static IReadOnlyList<Diagnostic> Diagnostics(string statements)
    {
        var source = $$"""
            using System;
            using System.Threading.Tasks;
            using Keyladder.Cryptography;
            using Keyladder.Cryptography.ChunkedEncryption;
            using Keyladder.Cryptography.Heads;
            using Keyladder.Cryptography.Secrets;
            using Keyladder.Cryptography.Signing;
            using Keyladder.Keys.Envelopes;
            using Keyladder.Keys.Hierarchy;
            using Keyladder.Keys.Passphrases;
            using Keyladder.Keys.Vault;

            public static class App
            {
                public static void Run(
                    AccountId account, SlotId slot, KeyId keyId, DataId dataId, KeyEncryptionKeyId kekId, KeyOverview overview, byte[] bytes, SecretBytes secretBytes,
                    UnlockSecret secret, DeviceSecret deviceSecret, Passphrase passphrase, PassphraseDerivedKey pdk, MasterEncryptionKey mek, KeyEncryptionKey kek, PersonalDataEncryptionKey personal,
                    SharingDataEncryptionKey sharing, Keypair keypair, IdentityKeypair identity, LoginKeypair login,
                    Wrapped<KeyEncryptionKey> wrappedKek, Wrapped<PersonalDataEncryptionKey> wrappedPersonal, Wrapped<SharingDataEncryptionKey> wrappedSharing,
                    Wrapped<Keypair> wrappedKeypair, Wrapped<IdentityKeypair> wrappedIdentity,
                    VaultSignInKeypair vaultSignIn, VaultHeadKeypair vaultKey, Wrapped<VaultSignInKeypair> wrappedVaultSignIn, Wrapped<VaultHeadKeypair> wrappedVaultKey,
                    KeyService service, ItemId itemId, AttributeId attributeId, ItemOverview item, ItemAttribute attribute, VaultHead vaultHead, AccountDeletion deletion,
                    LoginAssertion assertion, LoginProof proof, KeystoreHead head, SealedFile file, System.IO.Stream stream)
                {
                    {{statements}}
                }
            }
            """;
        var compilation = CSharpCompilation.Create(
            "App",
            [CSharpSyntaxTree.ParseText(source)],
            References,
            // With the internal and private members imported, the error says that they are out of reach and not that they do not exist.
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, metadataImportOptions: MetadataImportOptions.All));
        return [.. compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
    }
}
