using Keyladder.Cryptography.Secrets;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Keys.Passphrases;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>What people type (docs/spec/key-hierarchy.md section 1). Nothing is derived: that costs a third of a second and reads nothing.</summary>
internal static class SecretParsers
{
    private static readonly string[] TypedPassphrases =
    [
        "correct horse battery staple", "  \u00c4rger mit Umlauten  ", "\ufb01\ufb02 ligatures and \u2460 digits",
        "\ud83d\ude00 \ud83d\ude00 \ud83d\ude00 \ud83d\ude00 \ud83d\ude00 \ud83d\ude00",
        "\u1e9b\u0323\u212b \u0958\u30ac\u304b\u3099 \uac00\u1100\u1161",
    ];

    private static readonly SecretKey Secret = SecretKey.FromSecret(Fixed.Bytes(32));

    public static byte[] SecretKeyText { get; } = Text.Bytes(Write(Secret));

    private static readonly string[] InvitationCodes = ["KI1-00000000-00000000-00000000-01X3FQQP", "KI1-00000000-11111111-11111111-11S15K7X"];

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("words", [.. Enumerable.Range(1, 9).Select(first => Text.Bytes(WordsOf((byte)first)))], ReadWords)
        {
            Covers = ["Words.TryParse", "Words.Read", "WordList.IndexOf", "WordList.Nearest"],
        },
        new("secret-key", [.. Enumerable.Range(1, 9).Select(first => Text.Bytes(Write(SecretKey.FromSecret(Fixed.Bytes(32, (byte)first)))))], ReadSecretKey)
        {
            Covers = ["SecretKey.TryParse", "WrittenCode.TryRead", "WrittenCode.Read"],
        },
        new("invitation", [.. InvitationCodes.Select(Text.Bytes)], ReadInvitation)
        {
            Covers = ["InvitationCode.TryParse", "InvitationCode.TryRead", "InvitationCode.Check"],
        },
        new("passphrase", [.. TypedPassphrases.Select(Text.Bytes)], ReadPassphrase)
        {
            Covers = ["Passphrase.TryParse", "CanonicalText.TryRead", "CanonicalText.CheckTyped", "CanonicalText.CheckCanonical", "Normalizer.Normalize", "Normalizer.IndexOfUnsettled"],
            BytesPerByte = 256,
        },
        new("unlock-secret", [.. TypedPassphrases.Select(Text.Bytes), Text.Bytes(WordsOf(1))], ReadUnlockSecret)
        {
            Covers = ["UnlockSecret.TryParse", "UnlockSecret.HasShapeOfWords", "UnlockSecret.IsShapeOfWords"],
            // Five times normalized: twice read, each time for its shape first, and once for its shape alone.
            BytesPerByte = 5 * 128,
        },
    ];

    private static string WordsOf(byte first)
    {
        using var words = Words.FromEntropy(Fixed.Bytes(16, first));
        return Write(words);
    }

    private static string Write(Words words)
    {
        var text = new char[Words.MaxTextLength];
        return new string(text, 0, words.DangerousWriteTo(text));
    }

    private static string Write(SecretKey secretKey)
    {
        var text = new char[SecretKey.TextLength];
        secretKey.DangerousWriteTo(text);
        return new string(text);
    }

    private static bool ReadWords(byte[] input)
    {
        var text = Text.Of(input);
        if (!Words.TryParse(text, out var words, out var error))
        {
            _ = error.ToString();
            return false;
        }

        using (words)
        {
            var canonical = Write(words);
            Require(Words.TryParse(canonical, out var again, out _) && Write(again) == canonical, "The canonical form is read as itself.");
            Require(UnlockSecret.HasShapeOfWords(text), "Words have the shape of words.");
        }

        return true;
    }

    private static bool ReadSecretKey(byte[] input)
    {
        if (!SecretKey.TryParse(Text.Of(input), out var secretKey, out var error))
        {
            _ = error.ToString();
            return false;
        }

        using (secretKey)
            Require(SecretKey.TryParse(Write(secretKey), out var again, out _) && Write(again) == Write(secretKey), "The written form is read as itself.");
        return true;
    }

    private static bool ReadInvitation(byte[] input)
    {
        if (!InvitationCode.TryParse(Text.Of(input), out var code))
            return false;
        using (code)
            Require(InvitationCode.TryParse(Write(code), out var again) && Write(again) == Write(code), "The written form is read as itself.");
        return true;
    }

    private static string Write(InvitationCode code)
    {
        var text = new char[InvitationCode.TextLength];
        code.DangerousWriteTo(text);
        return new string(text);
    }

    private static bool ReadPassphrase(byte[] input)
    {
        if (!Passphrase.TryParse(Text.Of(input), out var passphrase, out var error))
        {
            _ = error.ToString();
            return false;
        }

        using (passphrase)
        {
            using var canonical = passphrase.ToPassword();
            Require(Passphrase.TryParse(System.Text.Encoding.UTF8.GetString(canonical.DangerousSpan), out var again, out _), "The canonical form is a passphrase.");
            using var same = again!.ToPassword();
            Require(same.FixedTimeEquals(canonical), "The canonical form is read as itself.");
        }

        return true;
    }

    private static bool ReadUnlockSecret(byte[] input)
    {
        var text = Text.Of(input);
        var accepted = UnlockSecret.TryParse(text, Secret, out var secret, out _);
        Require(!accepted || secret!.SlotKind == (UnlockSecret.HasShapeOfWords(text) ? "words" : "passphrase"), "The shape tells the kind.");
        secret?.Dispose();
        Require(!UnlockSecret.TryParse(text, null, out var alone, out _) || alone.SlotKind == "words", "A passphrase alone unlocks nothing.");
        return accepted;
    }
}
