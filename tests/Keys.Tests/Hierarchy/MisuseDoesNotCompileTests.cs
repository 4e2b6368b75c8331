namespace Keyladder.Keys.Tests.Hierarchy;

/// <summary>An arrow that is not in the table of docs/spec/key-hierarchy.md section 3 is not code. Each snippet fails for the one reason its error names; the control has every arrow and compiles.</summary>
public sealed class MisuseDoesNotCompileTests
{
    private const string NoConversion = "CS1503"; // this argument is not of that type
    private const string NoSuchMember = "CS1061";
    private const string WrongResult = "CS0029"; // the result is not of that type
    private const string Inaccessible = "CS0122";
    private const string NoSuchConstructor = "CS1729";
    private const string ReadOnly = "CS0200";
    private const string SetterInaccessible = "CS0272";
    private const string CannotInherit = "CS0509"; // the class is sealed
    private const string NoSuchOverload = "CS1501";
    private const string UnmetConstraint = "CS0452";
    private const string MissingArgument = "CS7036";

    [Fact]
    public void Control_every_arrow_of_the_table_compiles() => Assert.Empty(Snippets.Diagnostics(
        """
        Task<PassphraseDerivedKey> derived = PassphraseDerivedKey.DeriveAsync(secret);
        byte[] locator = pdk.DeriveSlotLocator();
        using LoginKeypair newLogin = pdk.DeriveLoginKeypair();
        using MasterEncryptionKey newMek = pdk.DeriveMasterEncryptionKey();
        wrappedKek = mek.Wrap(kek, slot);
        kek = mek.Unwrap(wrappedKek, account, slot, kekId);
        wrappedPersonal = kek.Wrap(personal);
        wrappedSharing = kek.Wrap(sharing);
        wrappedKeypair = kek.Wrap(keypair);
        wrappedIdentity = kek.Wrap(identity);
        personal = kek.Unwrap(wrappedPersonal, keyId, overview);
        sharing = kek.Unwrap(wrappedSharing, keyId, overview);
        keypair = kek.Unwrap(wrappedKeypair, keyId, overview);
        identity = kek.Unwrap(wrappedIdentity, keyId, overview);
        overview = kek.OpenOverview(keyId, kek.SealOverview(keyId, overview, 1), 1);
        bytes = personal.Open(dataId, personal.Seal(dataId, bytes));
        bytes = sharing.Open(dataId, sharing.Seal(dataId, bytes));
        Task sealing = personal.SealFileAsync(stream, stream);
        stream = sharing.OpenFile(file);
        Task<string> statement = keypair.SignAsync(stream, default);
        SignedHead<KeystoreHead> signed = identity.Sign(head);
        string jws = login.Sign(assertion) + login.Sign(proof);
        wrappedKek = new Wrapped<KeyEncryptionKey>(bytes);
        secret = UnlockSecret.FromDevice(deviceSecret);
        wrappedVaultSignIn = kek.Wrap(vaultSignIn);
        wrappedVaultKey = kek.Wrap(vaultKey);
        vaultSignIn = kek.Unwrap(wrappedVaultSignIn, keyId, overview);
        vaultKey = kek.Unwrap(wrappedVaultKey, keyId, overview);
        personal = PersonalDataEncryptionKey.Generate(account, service);
        item = personal.Open(itemId, personal.Seal(itemId, item, 1), 1);
        attribute = personal.Open(itemId, attributeId, personal.Seal(itemId, attributeId, attribute, 1), 1);
        using LoginKeypair atVault = vaultSignIn.OpenLogin();
        SignedHead<VaultHead> signedAtVault = vaultKey.Sign(vaultHead);
        jws = vaultKey.Sign(deletion) + identity.Sign(deletion);
        """));

    [Theory]
    // The MEK wraps only the KEK.
    [InlineData("mek.Wrap(personal, slot);", NoConversion)]
    [InlineData("mek.Wrap(sharing, slot);", NoConversion)]
    [InlineData("mek.Wrap(keypair, slot);", NoConversion)]
    [InlineData("mek.Wrap(identity, slot);", NoConversion)]
    [InlineData("mek.Wrap(mek, slot);", NoConversion)]
    [InlineData("mek.Seal(dataId, bytes);", NoSuchMember)]
    [InlineData("mek.Unwrap(wrappedPersonal, account, slot, kekId);", NoConversion)]
    // The KEK wraps no KEK, no MEK, no login key, and seals no data.
    [InlineData("kek.Wrap(kek);", NoConversion)]
    [InlineData("kek.Wrap(mek);", NoConversion)]
    [InlineData("kek.Wrap(pdk);", NoConversion)]
    [InlineData("kek.Wrap(login);", NoConversion)]
    [InlineData("kek.Wrap(bytes);", NoConversion)]
    [InlineData("kek.Wrap(secretBytes);", NoConversion)]
    [InlineData("kek.Wrap((DataEncryptionKey)personal);", NoConversion)]
    [InlineData("kek.Wrap((KeystoreKey)keypair);", NoConversion)]
    [InlineData("kek.Unwrap(wrappedKek, keyId, overview);", NoConversion)]
    [InlineData("kek.Seal(dataId, bytes);", NoSuchMember)]
    [InlineData("kek.Sign(head);", NoSuchMember)]
    // DEKs wrap nothing and sign nothing; keypairs neither wrap nor seal.
    [InlineData("personal.Wrap(personal);", NoSuchMember)]
    [InlineData("personal.Wrap(kek);", NoSuchMember)]
    [InlineData("sharing.Wrap(keypair);", NoSuchMember)]
    [InlineData("sharing.Unwrap(wrappedSharing, keyId, overview);", NoSuchOverload)] // there is an extension of that name for tasks
    [InlineData("personal.SignAsync(stream, default);", NoSuchMember)]
    [InlineData("keypair.Seal(dataId, bytes);", NoSuchMember)]
    [InlineData("keypair.Wrap(personal);", NoSuchMember)]
    [InlineData("pdk.Wrap(kek, slot);", NoSuchMember)]
    // Each signing key has one duty.
    [InlineData("keypair.Sign(head);", NoSuchMember)]
    [InlineData("keypair.Sign(bytes);", NoSuchMember)]
    [InlineData("keypair.Sign(assertion);", NoSuchMember)]
    [InlineData("identity.Sign(bytes);", NoConversion)]
    [InlineData("identity.Sign(assertion);", NoConversion)]
    [InlineData("identity.SignAsync(stream, default);", NoSuchMember)]
    [InlineData("login.Sign(head);", NoConversion)]
    [InlineData("login.Sign(bytes);", NoConversion)]
    [InlineData("head.Sign(identity);", NoConversion)]
    [InlineData("assertion.Sign(keypair);", NoConversion)]
    // A wrapped key is unwrapped in its role only, and is not another one.
    [InlineData("sharing = kek.Unwrap(wrappedPersonal, keyId, overview);", WrongResult)]
    [InlineData("keypair = kek.Unwrap(wrappedIdentity, keyId, overview);", WrongResult)]
    [InlineData("personal = kek.Unwrap(wrappedKeypair, keyId, overview);", WrongResult)]
    [InlineData("kek = kek.Unwrap(wrappedPersonal, keyId, overview);", WrongResult)]
    [InlineData("wrappedSharing = wrappedPersonal;", WrongResult)]
    [InlineData("wrappedSharing = kek.Wrap(personal);", WrongResult)]
    [InlineData("wrappedIdentity = kek.Wrap(keypair);", WrongResult)]
    [InlineData("Wrapped<KeystoreKey> any = wrappedPersonal;", WrongResult)]
    [InlineData("kek.Unwrap(new Wrapped<KeystoreKey>(bytes), keyId, overview);", NoConversion)]
    [InlineData("kek.Unwrap(bytes, keyId, overview);", NoConversion)]
    [InlineData("new Wrapped<AccountId>(bytes);", UnmetConstraint)]
    // An id of one kind is not that of another; nor is a bare UUID.
    [InlineData("mek.Unwrap(wrappedKek, account, kekId, kekId);", NoConversion)]
    [InlineData("kek.Unwrap(wrappedPersonal, dataId, overview);", NoConversion)]
    [InlineData("personal.Seal(keyId, bytes);", NoConversion)]
    [InlineData("personal.Seal(Guid.Empty, bytes);", NoConversion)]
    // J02: nobody chooses a context.
    [InlineData("personal.Seal(bytes, bytes);", NoConversion)]
    [InlineData("personal.Seal(\"label\", bytes);", NoConversion)]
    [InlineData("personal.Seal(dataId, bytes, bytes, 1, bytes);", NoSuchOverload)]
    [InlineData("Envelope.Seal(secretBytes, bytes, bytes, default);", Inaccessible)]
    [InlineData("Envelope.Open(secretBytes, bytes, bytes, default);", Inaccessible)]
    [InlineData("new SealingStream(stream, secretBytes, bytes);", Inaccessible)]
    [InlineData("new OpeningStream(stream, bytes, secretBytes, bytes);", Inaccessible)]
    [InlineData("var context = Contexts.PersonalFile(account);", Inaccessible)]
    [InlineData("var label = Labels.PersonalData;", Inaccessible)]
    // No key is made of bytes, none shows its bytes, and none is made by inheritance.
    [InlineData("new PersonalDataEncryptionKey(account, keyId, KeyState.Active, secretBytes);", Inaccessible)]
    [InlineData("new SharingDataEncryptionKey(bytes);", NoSuchConstructor)]
    [InlineData("new KeyEncryptionKey(account, kekId, secretBytes);", Inaccessible)]
    [InlineData("new MasterEncryptionKey(secretBytes);", Inaccessible)]
    [InlineData("new PassphraseDerivedKey(secretBytes);", Inaccessible)]
    [InlineData("new Keypair(account, keyId, KeyState.Active, Ed25519PrivateKey.Generate());", Inaccessible)]
    [InlineData("new IdentityKeypair(account, keyId, KeyState.Active, Ed25519PrivateKey.Generate());", Inaccessible)]
    [InlineData("new LoginKeypair(Ed25519PrivateKey.Generate());", Inaccessible)]
    [InlineData("MasterEncryptionKey.Generate();", "CS0117")]
    [InlineData("bytes = personal.key;", Inaccessible)]
    [InlineData("personal.CopyKeyBytes();", Inaccessible)]
    [InlineData("kek.CopyKeyBytes();", Inaccessible)]
    [InlineData("secret.DerivePseudorandomKey();", Inaccessible)]
    [InlineData("} class Mine : PersonalDataEncryptionKey { ", CannotInherit)]
    // State, purpose and public half come from the overview and its rules.
    [InlineData("personal.State = KeyState.Active;", SetterInaccessible)]
    [InlineData("keypair.Purpose = KeyPurpose.Identity;", ReadOnly)]
    [InlineData("overview.State = KeyState.Active;", ReadOnly)]
    [InlineData("new KeyOverview(KeyPurpose.Signing, KeyState.Active, null, default, null, null);", Inaccessible)]
    // Only a personal DEK seals for a Vault, each thing under ids of its own kind.
    [InlineData("kek.Seal(itemId, item, 1);", NoSuchMember)]
    [InlineData("mek.Seal(itemId, item, 1);", NoSuchMember)]
    [InlineData("sharing.Seal(dataId, item);", NoConversion)]
    [InlineData("sharing.Seal(itemId, bytes);", NoConversion)]
    [InlineData("sharing.Open(itemId, bytes);", NoConversion)]
    [InlineData("((DataEncryptionKey)personal).Seal(dataId, item);", NoConversion)]
    [InlineData("personal.Seal(dataId, item, 1);", NoConversion)]
    [InlineData("personal.Seal(attributeId, item, 1);", NoConversion)]
    [InlineData("personal.Seal(itemId, bytes, 1);", NoConversion)]
    [InlineData("personal.Seal(itemId, itemId, attribute, 1);", NoConversion)]
    [InlineData("personal.Seal(itemId, attributeId, item, 1);", NoConversion)]
    [InlineData("item = personal.Open(itemId, attributeId, bytes, 1);", WrongResult)]
    [InlineData("attribute = personal.Open(itemId, bytes, 1);", WrongResult)]
    [InlineData("new ItemAttribute(\"name\", \"text\", bytes);", Inaccessible)]
    [InlineData("attribute.Encode();", Inaccessible)]
    [InlineData("personal.vault = account;", Inaccessible)]
    // The keypairs of a Vault have one duty each, there and nowhere else.
    [InlineData("mek.Wrap(vaultKey, slot);", NoConversion)]
    [InlineData("vaultKey.Sign(head);", NoConversion)]
    [InlineData("vaultKey.Sign(assertion);", NoConversion)]
    [InlineData("vaultKey.OpenLogin();", NoSuchMember)]
    [InlineData("vaultKey.SignAsync(stream, default);", NoSuchMember)]
    [InlineData("vaultKey.Seal(itemId, item, 1);", NoSuchMember)]
    [InlineData("vaultSignIn.Sign(vaultHead);", NoSuchMember)]
    [InlineData("vaultSignIn.Sign(assertion);", NoSuchMember)]
    [InlineData("vaultSignIn.Sign(deletion);", NoSuchMember)]
    [InlineData("vaultSignIn.SignAsync(stream, default);", NoSuchMember)]
    [InlineData("vaultSignIn.Wrap(personal);", NoSuchMember)]
    [InlineData("identity.Sign(vaultHead);", NoConversion)]
    [InlineData("keypair.Sign(vaultHead);", NoSuchMember)]
    [InlineData("login.Sign(vaultHead);", NoConversion)]
    [InlineData("vaultHead.Sign(vaultKey);", NoConversion)]
    [InlineData("vaultKey = kek.Unwrap(wrappedVaultSignIn, keyId, overview);", WrongResult)]
    [InlineData("vaultSignIn = kek.Unwrap(wrappedKeypair, keyId, overview);", WrongResult)]
    [InlineData("identity = kek.Unwrap(wrappedVaultKey, keyId, overview);", WrongResult)]
    [InlineData("wrappedVaultKey = kek.Wrap(vaultSignIn);", WrongResult)]
    [InlineData("VaultHeadKeypair.Generate(account);", MissingArgument)]
    [InlineData("VaultSignInKeypair.Generate(account);", MissingArgument)]
    [InlineData("new VaultHeadKeypair(account, keyId, KeyState.Active, Ed25519PrivateKey.Generate(), service);", Inaccessible)]
    [InlineData("new VaultSignInKeypair(account, keyId, KeyState.Active, Ed25519PrivateKey.Generate(), service);", Inaccessible)]
    [InlineData("personal.Service = service;", ReadOnly)]
    [InlineData("overview.Service = service;", ReadOnly)]
    // Secrets are not strings and come out under a name that says so.
    [InlineData("UnlockSecret.FromWords(\"twelve words\");", NoConversion)]
    [InlineData("string text = Words.Generate();", WrongResult)]
    [InlineData("PassphraseDerivedKey.DeriveAsync(\"passphrase\");", NoConversion)]
    [InlineData("Words.FromEntropy(bytes);", Inaccessible)]
    // A device's secret is one rung above nothing but its slot: it wraps nothing itself, replaces no Secret Key, and is not made of any bytes.
    [InlineData("UnlockSecret.FromDevice(bytes);", NoConversion)]
    [InlineData("UnlockSecret.FromDevice(secretBytes);", NoConversion)]
    [InlineData("UnlockSecret.FromPassphrase(passphrase, deviceSecret);", NoConversion)]
    [InlineData("UnlockSecret.FromWords(deviceSecret);", NoConversion)]
    [InlineData("PassphraseDerivedKey.DeriveAsync(deviceSecret);", NoConversion)]
    [InlineData("deviceSecret.Wrap(kek, slot);", NoSuchMember)]
    [InlineData("mek.Wrap(deviceSecret, slot);", NoConversion)]
    [InlineData("kek.Wrap(deviceSecret);", NoConversion)]
    [InlineData("new DeviceSecret(secretBytes);", Inaccessible)]
    [InlineData("deviceSecret.CopySecret();", Inaccessible)]
    public void Everything_else_does_not(string statements, string error) => Assert.Equal([error], Snippets.Errors(statements));
}
