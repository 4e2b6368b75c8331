using System.CommandLine;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Keyladder.Cli.Profiles;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Cli.Terminal;

/// <summary>Gets what unlocks the account from the person: typed, or from a file; the Secret Key from the profile, a file, or typed, but only where it is needed.</summary>
internal static class SecretInput
{
    public static readonly Option<string?> SecretFile = new("--secret-file")
    {
        Description = "File that holds the words or the passphrase; - for standard input (default: a prompt)",
        HelpName = "FILE",
    };

    public static readonly Option<string?> SecretKeyFile = new("--secret-key-file")
    {
        Description = "File that holds the Secret Key, KL1-… (default: the profile, else a prompt)",
        HelpName = "FILE",
    };

    /// <summary>Words, or a passphrase with its Secret Key, checked as far as this device can.</summary>
    /// <returns>What was typed; and the Secret Key's code where it belongs to it.</returns>
    public static (TypedSecret Typed, TypedSecret? SecretKey) AskToUnlock(ParseResult parsed, Profile profile, string prompt = "Words or passphrase")
    {
        var typed = Ask(parsed, prompt);
        TypedSecret? code = null;
        try
        {
            if (typed.Text.IsWhiteSpace())
                throw Failure.Usage("The secret is empty.", "Type the words or the passphrase; a file given with --secret-file holds them.");
            if (!UnlockSecret.HasShapeOfWords(typed.Text))
                code = SecretKeyOf(parsed, profile, typed);
            Parse(typed, code).Dispose();
            return (typed, code);
        }
        catch
        {
            typed.Dispose();
            code?.Dispose();
            throw;
        }
    }

    /// <summary>A passphrase that the person chooses; typed twice at a prompt.</summary>
    public static TypedSecret AskToChoose(string? file)
    {
        var typed = file is null ? TypedSecret.Ask("New passphrase") : TypedSecret.Read(file);
        try
        {
            // There is no account kit to look at yet: this is the making of one.
            if (!Passphrase.TryParse(typed.Text, out var passphrase, out var error))
                throw Failure.Usage(error.ToString(), "Choose another passphrase and run the command again.");
            passphrase.Dispose();
            if (file is null)
            {
                using var again = TypedSecret.Ask("The same again");
                if (!CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(again.Text), MemoryMarshal.AsBytes(typed.Text)))
                    throw Failure.Usage("The two are not the same.", "Run the command again and type the passphrase twice.");
            }

            return typed;
        }
        catch
        {
            typed.Dispose();
            throw;
        }
    }

    public static UnlockSecret Parse(TypedSecret typed, TypedSecret? code)
    {
        using var secretKey = code is null ? null : ParseSecretKey(code);
        return UnlockSecret.TryParse(typed.Text, secretKey, out var secret, out var error) ? secret : throw Mistake(error);
    }

    private static SecretKey ParseSecretKey(TypedSecret code) => SecretKey.TryParse(code.Text, out var secretKey, out var error) ? secretKey : throw Mistake(error);

    private static TypedSecret Ask(ParseResult parsed, string prompt) =>
        parsed.GetValue(SecretFile) is { } file ? TypedSecret.Read(file) : TypedSecret.Ask(prompt);

    /// <summary>As the agent takes them: the Secret Key's code, if there is one, and what was typed behind it.</summary>
    /// <returns>UTF-8, which the caller wipes, and how much of it is the code.</returns>
    public static (byte[] Both, int CodeLength) Join(TypedSecret typed, TypedSecret? code)
    {
        byte[] codeBytes = code?.ToUtf8() ?? [];
        var typedBytes = typed.ToUtf8();
        using var wipedCode = new Wiped(codeBytes);
        using var wipedTyped = new Wiped(typedBytes);
        return ([.. codeBytes, .. typedBytes], codeBytes.Length);
    }

    private static TypedSecret SecretKeyOf(ParseResult parsed, Profile profile, TypedSecret typed)
    {
        if (parsed.GetValue(SecretKeyFile) is { } file)
            return TypedSecret.Read(file);
        if (profile.ReadSecretKey() is { } code)
        {
            using var _ = new Wiped(code);
            return TypedSecret.FromUtf8(code);
        }

        // Eleven words are more likely a slip than a passphrase without its Secret Key.
        if (!Words.TryParse(typed.Text, out _, out var error) && error is { Fault: UnlockSecretFault.WordCount, Count: > 0 })
            throw Mistake(error);
        if (Console.IsInputRedirected)
            throw Failure.Usage("A passphrase needs its Secret Key, and this device has none.", "Give it with --secret-key-file FILE; it is on the account kit. If you meant words: the secret's file holds the twelve alone, not the whole kit.");
        return TypedSecret.Ask("Secret Key (KL1-…, on your account kit)");
    }

    /// <summary>What is wrong and where; suggestions, but nothing of what was typed.</summary>
    private static Failure Mistake(UnlockSecretError error) => Failure.Usage(
        error.ToString(),
        error.Nearest.Count > 0 ? $"Did you mean {string.Join(" or ", error.Nearest)}? Type all of it again." : "Look at your account kit and type all of it again.");
}

/// <summary>Clears bytes at the end of a scope.</summary>
internal readonly struct Wiped(byte[] bytes) : IDisposable
{
    public void Dispose() => System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
}
