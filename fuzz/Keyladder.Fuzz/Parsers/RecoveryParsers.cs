using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>What a person types to get her words back, and what the Passphrase Store shows then (docs/spec/passphrase-store.md section 1).</summary>
internal static class RecoveryParsers
{
    private static readonly string[] Usernames = ["person@example.org", " Person@EXAMPLE.org ", "\u00c4rger@example.org", "\uff30erson\uff20example.org"];

    private static readonly RecoveryPlace Place =
        new(Origin.TryParse("https://passphrases.example.org", out var origin) ? origin : throw new InvalidOperationException(), new RecoveryRecordId(Fixed.Uuid(7)));

    private static readonly RecoveryKey Key = new(Fixed.Secret(1));

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("username", [.. Usernames.Select(Text.Bytes)], ReadUsername) { Covers = ["Username.TryParse"], BytesPerByte = 256 },
        new("recovery-password", [Text.Bytes("correct horse battery staple")], ReadPassword) { Covers = ["RecoveryPassword.TryParse"], BytesPerByte = 256 },
        new("recovery-code", [.. Enumerable.Range(1, 5).Select(first => Text.Bytes(Write(RecoveryCode.FromSecret(Fixed.Bytes(32, (byte)first)))))], ReadCode)
        {
            Covers = ["RecoveryCode.TryParse"],
        },
        new("recovery-device", [Device()], ReadDevice) { Covers = ["RecoveryDevice.TryImport", "RecoveryDeviceJson.Members"], BytesPerByte = 512 },
        new("recovery-slot", [Sealed.Envelope(Fixed.Secret(2), Contexts.PasswordSlot(Place), Sealed.Padded(Fixed.Bytes(32), Padding.Fixed(128)))], OpenSlot),
        new("recovery-kit", [Key.Seal(Kit("https://keys.example.org", 1), Place)], input => Opens(() => Key.Open(input, Place)))
        {
            Covers = ["RecoveryKey.Open"],
        },
        new("recovery-kit-content", [Content("https://keys.example.org", 1), Content("https://keys.example.org:8443", 2), Content("http://127.0.0.1:5410", 3)], ReadKit)
        {
            Covers = ["RecoveryKit.TryDecode", "KitJson.Members", "WordsConverter.Read", "RecoveryKit.IsPlace"],
            BytesPerByte = 256,
        },
    ];

    private static bool ReadUsername(byte[] input)
    {
        if (!Username.TryParse(Text.Of(input), out var username))
            return false;
        Require(Username.TryParse(username.Text, out var again) && again.Equals(username), "The canonical form is read as itself.");
        Require(System.Text.Encoding.UTF8.GetByteCount(username.Text) <= Username.MaxBytes, "A username is short.");
        return true;
    }

    private static bool ReadPassword(byte[] input)
    {
        if (!RecoveryPassword.TryParse(Text.Of(input), out var password, out var error))
        {
            _ = error.ToString();
            return false;
        }

        using (password)
        {
            using var canonical = password.ToPassword();
            Require(
                RecoveryPassword.TryParse(System.Text.Encoding.UTF8.GetString(canonical.DangerousSpan), out var again, out _) && again.IsSame(password),
                "The canonical form is read as itself.");
        }

        return true;
    }

    private static bool ReadCode(byte[] input)
    {
        if (!RecoveryCode.TryParse(Text.Of(input), out var code, out var error))
        {
            _ = error.ToString();
            return false;
        }

        using (code)
            Require(RecoveryCode.TryParse(Write(code), out var again, out _) && again.IsSame(code), "The written form is read as itself.");
        return true;
    }

    private static bool ReadDevice(byte[] input)
    {
        if (!RecoveryDevice.TryImport(input, out var device))
            return false;
        using (device)
        {
            Require(device.Store.Scheme == Uri.UriSchemeHttps || device.Store.IsLoopback, "The way to the Store is closed to others.");
            Require(RecoveryDevice.TryImport(device.DangerousExport(), out var again) && again.RecoveryCode.IsSame(device.RecoveryCode), "Writing it again keeps it.");
            again?.Dispose();
        }

        return true;
    }

    private static byte[] Device()
    {
        using var code = RecoveryCode.FromSecret(Fixed.Bytes(32));
        _ = Username.TryParse(Usernames[0], out var username);
        using var device = RecoveryDevice.Generate(
            username!, Place, new GuardianPlace(Place.Store, new GuardianHandle(Fixed.Uuid(8))), new AccountId(Fixed.Uuid(9)), Hash256.Of(Fixed.Bytes(32)), code);
        return device.DangerousExport();
    }

    private static bool OpenSlot(byte[] input)
    {
        using var slotKey = new PasswordSlotKey(Fixed.Secret(2), Place);
        if (!slotKey.TryUnwrap(new Wrapped<RecoveryKey>(input), out var key))
            return false;
        key.Dispose();
        return true;
    }

    private static bool ReadKit(byte[] input)
    {
        if (!RecoveryKit.TryDecode(input, out var kit))
            return false;
        using (kit)
        {
            using var encoded = kit.Encode();
            Require(kit.Keystore.IsSecure, "The way to the Keystore is closed to others.");
            Require(encoded.Length < 512, "Every kit fits its padding.");
            Require(RecoveryKit.TryDecode(encoded.DangerousSpan, out var again) && again.Account == kit.Account && again.Identity == kit.Identity, "Writing it again keeps it.");
            again?.Dispose();
        }

        return true;
    }

    private static bool Opens(Func<RecoveryKit> open)
    {
        try
        {
            open().Dispose();
            return true;
        }
        catch (OpenFailedException)
        {
            return false;
        }
    }

    private static RecoveryKit Kit(string keystore, byte first) => new(
        Origin.TryParse(keystore, out var origin) ? origin : throw new InvalidOperationException(),
        new AccountId(Fixed.Uuid(first)),
        Hash256.Of(Fixed.Bytes(32, first)),
        Words.FromEntropy(Fixed.Bytes(16, first)));

    private static byte[] Content(string keystore, byte first)
    {
        using var kit = Kit(keystore, first);
        using var content = kit.Encode();
        return content.DangerousSpan.ToArray();
    }

    private static string Write(RecoveryCode code)
    {
        var text = new char[RecoveryCode.TextLength];
        code.DangerousWriteTo(text);
        return new string(text);
    }
}
