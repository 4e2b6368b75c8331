using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Cli.Terminal;

/// <summary>A new secret for an account: words, or the passphrase that the person chooses with a new Secret Key. It holds what the agent and the kit need of it.</summary>
internal sealed class FreshSecret : IDisposable
{
    private FreshSecret(UnlockSecret secret, TypedSecret typed, TypedSecret? code) => (Secret, Typed, Code) = (secret, typed, code);

    public UnlockSecret Secret { get; }

    /// <summary>The words, or the passphrase.</summary>
    public TypedSecret Typed { get; }

    /// <summary>The Secret Key; null with words.</summary>
    public TypedSecret? Code { get; }

    /// <param name="choose">The person chooses a passphrase.</param>
    /// <param name="file">Where it stands, if not to be asked for.</param>
    public static FreshSecret Make(bool choose, string? file) => choose ? Chosen(file) : Generated();

    public static FreshSecret Generated()
    {
        using var words = Words.Generate();
        return Of(words);
    }

    /// <summary>Words that were made elsewhere; a copy of them.</summary>
    public static FreshSecret Of(Words words)
    {
        Span<char> text = stackalloc char[Words.MaxTextLength];
        var typed = Keep(text[..words.DangerousWriteTo(text)]);
        return new FreshSecret(UnlockSecret.FromWords(words), typed, null);
    }

    private static FreshSecret Chosen(string? file)
    {
        using var secretKey = SecretKey.Generate();
        Span<char> text = stackalloc char[SecretKey.TextLength];
        secretKey.DangerousWriteTo(text);
        var code = Keep(text);
        var typed = SecretInput.AskToChoose(file);
        return new FreshSecret(SecretInput.Parse(typed, code), typed, code);
    }

    public void Dispose()
    {
        Secret.Dispose();
        Typed.Dispose();
        Code?.Dispose();
    }

    private static TypedSecret Keep(Span<char> text)
    {
        Span<byte> utf8 = stackalloc byte[text.Length];
        Encoding.ASCII.GetBytes(text, utf8);
        var kept = TypedSecret.FromUtf8(utf8);
        CryptographicOperations.ZeroMemory(utf8);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(text));
        return kept;
    }
}
