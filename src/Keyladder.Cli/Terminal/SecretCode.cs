using System.Collections;
using QRCoder;

namespace Keyladder.Cli.Terminal;

/// <summary>A secret as a QR code of half blocks, on a page or a terminal.</summary>
internal static class SecretCode
{
    public static void Write(Stream page, byte[] secret)
    {
        using var data = QRCodeGenerator.GenerateQrCode(secret, QRCodeGenerator.ECCLevel.M);
        Render(page, data.ModuleMatrix);
        // The picture is the secret. What the generator computed on the way to it is out of our reach.
        foreach (var row in data.ModuleMatrix)
            row.SetAll(false);
    }

    /// <summary>Two modules a character, light ones drawn, so that it reads on a dark terminal.</summary>
    private static void Render(Stream page, List<BitArray> modules)
    {
        for (var y = 0; y < modules.Count; y += 2)
        {
            page.Write("  "u8);
            for (var x = 0; x < modules[y].Length; x++)
            {
                var top = !modules[y][x];
                var bottom = y + 1 >= modules.Count || !modules[y + 1][x];
                page.Write(top ? bottom ? "█"u8 : "▀"u8 : bottom ? "▄"u8 : " "u8);
            }

            page.Write("\n"u8);
        }
    }
}
