using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Recovery;
using Keyladder.Vectors;

namespace Keyladder.Keys.Tests.Vectors;

/// <summary>What docs/spec/passphrase-store.md derives and seals.</summary>
internal static class RecoveryVectors
{
    public static bool Usernames(VectorCase vector)
    {
        if (!Username.TryParse(vector.Text("typed"), out var username))
            return false;
        vector.Gives("username", username.Text);
        vector.Gives("salt", RecoveryPassword.Salt(Origin(vector, "store"), username));
        return true;
    }

    public static bool Ids(VectorCase vector)
    {
        vector.Gives("record", $"{RecoveryRecordId.FromSeed(vector.Bytes("seed")).Value:D}");
        vector.Gives("handle", $"{GuardianHandle.FromSeed(vector.Bytes("seed")).Value:D}");
        return true;
    }

    public static bool Codes(VectorCase vector)
    {
        if (!RecoveryCode.TryParse(vector.Text("typed"), out var code, out var error))
            return SecretVectors.Refused(vector, error);
        using (code)
        {
            var text = new char[RecoveryCode.TextLength];
            code.DangerousWriteTo(text);
            vector.Gives("secret", SecretVectors.Copy(code.CopySecret()));
            vector.Gives("code", new string(text));
        }

        return true;
    }

    public static bool JointWords(VectorCase vector)
    {
        using var words = Keys.Passphrases.Words.Derive(vector.Bytes("service"), vector.Bytes("client"), Place(vector));
        vector.Gives("words", Encoding.ASCII.GetString(SecretVectors.Copy(words.ToPassword())));
        return true;
    }

    public static bool SigningKeys(VectorCase vector)
    {
        using var key = new RecoveryKey(SecretBytes.CopyOf(vector.Bytes("r")));
        using var code = RecoveryCode.FromSecret(vector.Bytes("h"));
        Assert.True(GuardianHandle.TryParse(vector.Text("handle"), out var handle));
        var guardian = new GuardianPlace(Origin(vector, "guardian"), handle);
        using var storeKey = key.DeriveStoreKey(Place(vector));
        using var guardianKey = key.DeriveGuardianKey(guardian);
        using var releaseKey = code.DeriveReleaseKey(guardian);
        vector.Gives("storeKey", storeKey.PublicKey.Bytes);
        vector.Gives("guardianKey", guardianKey.PublicKey.Bytes);
        vector.Gives("releaseKey", releaseKey.PublicKey.Bytes);
        return true;
    }

    public static bool PasswordSlots(VectorCase vector)
    {
        using var stretched = new StretchedPassword(SecretBytes.CopyOf(vector.Bytes("w")));
        using var y1 = SecretBytes.CopyOf(vector.Bytes("y1"));
        using var y2 = SecretBytes.CopyOf(vector.Bytes("y2"));
        using var slotKey = stretched.DeriveSlotKey(y1, y2, Place(vector));
        return slotKey.TryUnwrap(new Wrapped<RecoveryKey>(vector.Bytes("slot")), out var key) && Gives(vector, key);
    }

    public static bool ResetSlots(VectorCase vector)
    {
        using var code = RecoveryCode.FromSecret(vector.Bytes("h"));
        using var secret = ResetSecret.Combine(vector.Bytes("a"), vector.Bytes("b"), code);
        return secret.TryUnwrap(new Wrapped<RecoveryKey>(vector.Bytes("slot")), Place(vector), out var key) && Gives(vector, key);
    }

    public static bool Kits(VectorCase vector)
    {
        using var key = new RecoveryKey(SecretBytes.CopyOf(vector.Bytes("r")));
        try
        {
            using var kit = key.Open(vector.Bytes("kit"), Place(vector));
            vector.Gives("keystore", kit.Keystore.ToString());
            vector.Gives("account", kit.Account.ToString());
            vector.Gives("identity", kit.Identity.ToArray());
            vector.Gives("words", Encoding.ASCII.GetString(SecretVectors.Copy(kit.Words.ToPassword())));
            Assert.True(Ed25519PublicKey.TryImport(vector.Bytes("identityKey"), out var identityKey));
            vector.Gives("isOf", kit.Identity == RecoveryKit.IdentityOf(kit.Account, identityKey) ? 1 : 0);
            return true;
        }
        catch (OpenFailedException)
        {
            return false;
        }
    }

    private static bool Gives(VectorCase vector, RecoveryKey key)
    {
        using (key)
            vector.Gives("r", SecretVectors.Copy(key.CopyKeyBytes()));
        return true;
    }

    private static RecoveryPlace Place(VectorCase vector)
    {
        Assert.True(RecoveryRecordId.TryParse(vector.Text("record"), out var record));
        return new RecoveryPlace(Origin(vector, "store"), record);
    }

    private static Origin Origin(VectorCase vector, string member)
    {
        Assert.True(Cryptography.Signing.Origin.TryParse(vector.Text(member), out var origin));
        return origin;
    }
}
