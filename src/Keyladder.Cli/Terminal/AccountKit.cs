using System.Text;

namespace Keyladder.Cli.Terminal;

/// <summary>
/// The page a person keeps: where the account is and what opens it. It is written as UTF-8 straight to where it goes, so that the secret never
/// becomes a string, from one piece of memory that is wiped afterwards: a stream that grows leaves a copy behind each time it does.
/// </summary>
internal static class AccountKit
{
    // The largest code there is has 185 modules a side with its margin: 93 lines of 185 characters of three bytes. The rest is words.
    private const int LongestPage = 64 * 1024;

    public const string Title = "ACCOUNT KIT";
    public const string RecoveryTitle = "RECOVERY KEY";

    /// <param name="title">One of the titles above: two papers that both open the account can be told apart.</param>
    /// <param name="secret">The words, or the Secret Key's code, as UTF-8.</param>
    public static void Write(Stream output, string title, Uri server, bool isWords, ReadOnlySpan<byte> secret)
    {
        var memory = GC.AllocateArray<byte>(LongestPage, pinned: true);
        using var wiped = new Wiped(memory);
        using var page = new MemoryStream(memory);
        page.Write(Encoding.UTF8.GetBytes($"\n  KEYLADDER {title}\n\n"));
        page.Write(Encoding.UTF8.GetBytes($"  Server:      {server.GetLeftPart(UriPartial.Authority)}\n"));
        page.Write(isWords ? "  Words:       "u8 : "  Secret Key:  "u8);
        page.Write(secret);
        page.Write(isWords ? "\n\n"u8 : "\n  Passphrase:  ______________________________________\n\n"u8);
        WriteCode(page, server, secret);
        page.Write(isWords
            ? "\n  Whoever holds this page holds the account. Nobody can replace it for you. Keep it on paper.\n\n"u8
            : "\n  With your passphrase, this page is the account. Nobody can replace it for you. Keep it on paper.\n\n"u8);
        output.Write(memory.AsSpan(0, (int)page.Position));
        output.Flush();
    }

    /// <summary>The page with the recovery code (docs/spec/passphrase-store.md section 1).</summary>
    public static void WriteRecoveryCode(Stream output, Uri store, ReadOnlySpan<byte> code)
    {
        var memory = GC.AllocateArray<byte>(LongestPage, pinned: true);
        using var wiped = new Wiped(memory);
        using var page = new MemoryStream(memory);
        page.Write("\n  KEYLADDER RECOVERY CODE\n\n"u8);
        page.Write(Encoding.UTF8.GetBytes($"  Passphrase Store:  {store.GetLeftPart(UriPartial.Authority)}\n"));
        page.Write("  Recovery code:     "u8);
        page.Write(code);
        page.Write("\n\n"u8);
        WriteCode(page, store, code);
        page.Write("\n  With a code by mail it resets a forgotten password. Without it nobody can. Each change of the password makes a new one.\n\n"u8);
        output.Write(memory.AsSpan(0, (int)page.Position));
        output.Flush();
    }

    /// <summary>Address and secret, a line each, as a QR code of half blocks.</summary>
    private static void WriteCode(Stream page, Uri server, ReadOnlySpan<byte> secret)
    {
        var address = Encoding.UTF8.GetBytes(server.GetLeftPart(UriPartial.Authority) + "\n");
        var content = GC.AllocateArray<byte>(address.Length + secret.Length, pinned: true);
        using var wiped = new Wiped(content);
        address.CopyTo(content, 0);
        secret.CopyTo(content.AsSpan(address.Length));
        SecretCode.Write(page, content);
    }
}
