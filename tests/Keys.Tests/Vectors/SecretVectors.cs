using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Vectors;

namespace Keyladder.Keys.Tests.Vectors;

internal static class SecretVectors
{
    public static bool Words(VectorCase vector)
    {
        if (!Keys.Passphrases.Words.TryParse(vector.Text("typed"), out var words, out var error))
            return Refused(vector, error);
        using (words)
            vector.Gives("words", Encoding.ASCII.GetString(Copy(words.ToPassword())));
        return true;
    }

    public static bool Forms(VectorCase vector)
    {
        vector.Gives("form", UnlockSecret.HasShapeOfWords(vector.Text("typed")) ? "words" : "passphrase");
        return true;
    }

    public static bool SecretKeys(VectorCase vector)
    {
        if (!SecretKey.TryParse(vector.Text("typed"), out var secretKey, out var error))
            return Refused(vector, error);
        using (secretKey)
        {
            var code = new char[SecretKey.TextLength];
            secretKey.DangerousWriteTo(code);
            vector.Gives("secret", Copy(secretKey.CopySecret()));
            vector.Gives("code", new string(code));
        }

        return true;
    }

    public static bool KeyFiles(VectorCase vector)
    {
        if (!KeyFile.TryParse(vector.Bytes("file"), out var keyFile, out var fault))
        {
            Assert.Equal(vector.Text("reason") == "file-start", fault is not KeyFileFault.Damaged);
            return false;
        }

        using (keyFile)
        using (var secret = keyFile.ToUnlockSecret())
        using (var expected = Device(vector.Bytes("secret")))
        using (var expectedSecret = UnlockSecret.FromDevice(expected))
        using (var derived = secret.DerivePseudorandomKey())
        using (var expectedDerived = expectedSecret.DerivePseudorandomKey())
        {
            vector.Gives("origin", keyFile.Service.ToString());
            vector.Gives("account", keyFile.Account.ToString());
            Assert.True(derived.FixedTimeEquals(expectedDerived));
            var written = new byte[keyFile.Size];
            keyFile.DangerousWriteTo(written);
            Assert.Equal(vector.Bytes("file"), written);
        }

        return true;
    }

    public static bool Passphrase(VectorCase vector)
    {
        var typed = vector.Has("typed") ? vector.Text("typed") : Utf16(vector.Bytes("typedUtf16"));
        if (!Keys.Passphrases.Passphrase.TryParse(typed, out var passphrase, out var error))
            return Refused(vector, error);
        using (passphrase)
            vector.Gives("canonical", Encoding.UTF8.GetString(Copy(passphrase.ToPassword())));
        return true;
    }

    public static bool Derivation(VectorCase vector)
    {
        if (vector.Has("device"))
        {
            if (!DeviceSecret.TryImport(vector.Bytes("device"), out var deviceSecret))
                return vector.RefusedFor("length");
            using (deviceSecret)
            using (var fromDevice = UnlockSecret.FromDevice(deviceSecret))
                return Derived(vector, fromDevice);
        }

        using var secret = ReadUnlockSecret(vector, out var password, out var salt, out var extractSalt);
        vector.Gives("password", password);
        vector.Gives("salt", salt);

        // The library has no PDK to show: what follows from the file's must be what follows from its own.
        using var expected = HkdfSha512.Extract(extractSalt, vector.Bytes("pdk"));
        vector.Gives("prk", expected.DangerousSpan);
        return Derived(vector, secret);
    }

    private static DeviceSecret Device(byte[] bytes) => DeviceSecret.TryImport(bytes, out var secret) ? secret : throw new InvalidDataException("No device secret.");

    private static bool Derived(VectorCase vector, UnlockSecret secret)
    {
        var pseudorandomKey = secret.DerivePseudorandomKey();
        vector.Gives("prk", pseudorandomKey.DangerousSpan);

        using var derived = new PassphraseDerivedKey(pseudorandomKey);
        vector.Gives("locator", derived.DeriveSlotLocator());
        using var login = derived.DeriveLoginKeypair();
        vector.Gives("loginPublic", login.PublicKey.Bytes);
        using var expectedLogin = Ed25519PrivateKey.FromSeed(vector.Bytes("loginSeed"));
        Assert.Equal(expectedLogin.PublicKey, login.PublicKey);

        // Nor a MEK: what one wraps, the other unwraps.
        using var mek = derived.DeriveMasterEncryptionKey();
        using var expectedMek = new MasterEncryptionKey(SecretBytes.CopyOf(vector.Bytes("mek")));
        using var kek = KeyEncryptionKey.Generate(AccountId.Generate());
        var slot = SlotId.Generate();
        expectedMek.Unwrap(mek.Wrap(kek, slot), kek.Account, slot, kek.Id).Dispose();
        return true;
    }

    /// <param name="extractSalt">The secret of the Secret Key; empty for words.</param>
    private static UnlockSecret ReadUnlockSecret(VectorCase vector, out byte[] password, out byte[] salt, out byte[] extractSalt)
    {
        if (vector.Has("words"))
        {
            Assert.True(Keys.Passphrases.Words.TryParse(vector.Text("words"), out var words, out _));
            using (words)
            {
                (password, salt, extractSalt) = (Copy(words.ToPassword()), Encoding.ASCII.GetBytes(Labels.WordsSalt), []);
                return UnlockSecret.FromWords(words);
            }
        }

        Assert.True(Keys.Passphrases.Passphrase.TryParse(vector.Text("passphrase"), out var passphrase, out _));
        Assert.True(SecretKey.TryParse(vector.Text("secretKey"), out var secretKey, out _));
        using (passphrase)
        using (secretKey)
        {
            (password, extractSalt) = (Copy(passphrase.ToPassword()), Copy(secretKey.CopySecret()));
            salt = Copy(HkdfSha512.DeriveKey(extractSalt, [], Encoding.ASCII.GetBytes(Labels.PassphraseSalt), 32));
            return UnlockSecret.FromPassphrase(passphrase, secretKey);
        }
    }

    public static bool Refused(VectorCase vector, UnlockSecretError error)
    {
        if (error.Fault == UnlockSecretFault.UnknownWord)
            vector.Says("position", error.Position);
        return vector.RefusedFor(error.Fault switch
        {
            UnlockSecretFault.UnknownWord => "word",
            UnlockSecretFault.WordCount => "count",
            UnlockSecretFault.WordsChecksum or UnlockSecretFault.SecretKeyChecksum => "checksum",
            UnlockSecretFault.SecretKeyVersion => "prefix",
            UnlockSecretFault.SecretKeySymbol => "symbol",
            UnlockSecretFault.SecretKeyLength or UnlockSecretFault.TooShort or UnlockSecretFault.PasswordTooShort or UnlockSecretFault.TooLong => "length",
            UnlockSecretFault.ShapeOfWords => "shape-of-words",
            UnlockSecretFault.LoneSurrogate => "surrogate",
            UnlockSecretFault.ControlCharacter => "control-character",
            UnlockSecretFault.UnsettledCharacter => "unassigned",
            _ => throw new UnreachableException(error.ToString()),
        });
    }

    public static byte[] Copy(SecretBytes secret)
    {
        using (secret)
            return secret.DangerousSpan.ToArray();
    }

    private static string Utf16(byte[] units) =>
        new([.. units.Chunk(2).Select(unit => (char)BinaryPrimitives.ReadUInt16BigEndian(unit))]);
}
