using System.Security.Cryptography;
using System.Text;
using QRCoder;

namespace Keyladder.Cli.Terminal;

/// <summary>
/// The page a person keeps: where the account is and what opens it. It is written as UTF-8 straight to where it goes, so that the secret never
/// becomes a string.
/// </summary>
internal static class AccountKit
{
    public const string Title = "ACCOUNT KIT";
    public const string RecoveryTitle = "RECOVERY KEY";

    /// <param name="title">One of the titles above: two papers that both open the account can be told apart.</param>
    /// <param name="secret">The words, or the Secret Key's code, as UTF-8.</param>
    public static void Write(Stream output, string title, Uri server, bool isWords, ReadOnlySpan<byte> secret)
    {
        using var page = new MemoryStream();
        page.Write(Encoding.UTF8.GetBytes($"\n  KEYLADDER {title}\n\n"));
        page.Write(Encoding.UTF8.GetBytes($"  Server:      {server.GetLeftPart(UriPartial.Authority)}\n"));
        page.Write(isWords ? "  Words:       "u8 : "  Secret Key:  "u8);
        page.Write(secret);
        page.Write(isWords ? "\n\n"u8 : "\n  Passphrase:  ______________________________________\n\n"u8);
        page.Write(Code(server, secret));
        page.Write(isWords
            ? "\n  Whoever holds this page holds the account. Nobody can replace it for you. Keep it on paper.\n\n"u8
            : "\n  With your passphrase, this page is the account. Nobody can replace it for you. Keep it on paper.\n\n"u8);
        output.Write(page.GetBuffer().AsSpan(0, (int)page.Length));
        output.Flush();
        CryptographicOperations.ZeroMemory(page.GetBuffer());
    }

    /// <summary>Address and secret, a line each, as a QR code of half blocks.</summary>
    private static byte[] Code(Uri server, ReadOnlySpan<byte> secret)
    {
        byte[] content = [.. Encoding.UTF8.GetBytes(server.GetLeftPart(UriPartial.Authority) + "\n"), .. secret];
        using var data = QRCodeGenerator.GenerateQrCode(content, QRCodeGenerator.ECCLevel.M);
        CryptographicOperations.ZeroMemory(content);
        return Render(data.ModuleMatrix);
    }

    /// <summary>Two modules a character, light ones drawn, so that it reads on a dark terminal; in bytes, since the picture is the secret.</summary>
    private static byte[] Render(List<System.Collections.BitArray> modules)
    {
        using var picture = new MemoryStream();
        for (var y = 0; y < modules.Count; y += 2)
        {
            picture.Write("  "u8);
            for (var x = 0; x < modules[y].Length; x++)
            {
                var top = !modules[y][x];
                var bottom = y + 1 >= modules.Count || !modules[y + 1][x];
                picture.Write(top ? bottom ? "█"u8 : "▀"u8 : bottom ? "▄"u8 : " "u8);
            }

            picture.Write("\n"u8);
        }

        return picture.ToArray();
    }
}
