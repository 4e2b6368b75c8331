using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Keys.Passphrases;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>What unlocks an application's account (docs/spec/key-file.md), as a disk, an editor or a copy that was cut may have left it.</summary>
internal static class KeyFileParsers
{
    private static readonly byte[][] Genuine = [Write("https://keys.example.org", 1), Write("https://keys.example.org:8443", 2), Write("http://127.0.0.1:5410", 3), Write("http://[::1]:5410", 4)];

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("key-file", Genuine, Read) { Covers = ["KeyFile.TryParse", "KeyFile.TryReadLine", "KeyFile.TryDecode", "KeyFile.IsWrittenAs"] },
        // The check would refuse every change before the rest is looked at.
        new("key-file-content", Genuine, input => Read(Checked(input))) { BytesPerByte = 256 },
    ];

    private static bool Read(byte[] input)
    {
        if (!KeyFile.TryParse(input, out var keyFile, out var fault))
        {
            Require(Enum.IsDefined(fault.Value), "A refusal has its reason.");
            return false;
        }

        using (keyFile)
        {
            var written = new byte[keyFile.Size];
            keyFile.DangerousWriteTo(written);
            Require(written.AsSpan().SequenceEqual(input), "It is written as it was read.");
            Require(keyFile.Service.IsSecure, "The way to the service is closed to others.");
        }

        return true;
    }

    /// <summary>With the check that its lines ask for, where there are such.</summary>
    private static byte[] Checked(byte[] input)
    {
        var lines = Text.Of(input).Split('\n');
        if (lines.Length != 6 || !Origin.TryParse(lines[1], out var origin) || !AccountId.TryParse(lines[2], out var account) || !Base64UrlText.TryDecode(lines[3], out var secret))
            return input;
        lines[4] = Base64UrlText.Encode(SHA256.HashData(Fields.Encode("key-file/v1/check", origin.ToString(), account, secret)).AsSpan(0, 8));
        return Text.Bytes(string.Join('\n', lines));
    }

    private static byte[] Write(string service, byte first)
    {
        if (!Origin.TryParse(service, out var origin) || !DeviceSecret.TryImport(Fixed.Bytes(DeviceSecret.Size, first), out var secret))
            throw new InvalidOperationException();
        using var keyFile = new KeyFile(origin, new AccountId(Fixed.Uuid(first)), secret);
        var written = new byte[keyFile.Size];
        keyFile.DangerousWriteTo(written);
        return written;
    }
}
