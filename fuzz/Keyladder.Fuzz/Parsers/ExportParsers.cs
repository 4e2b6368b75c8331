using System.Text.Json;
using Keyladder.Client;
using Keyladder.Cryptography.Heads;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>The file that an account moves in, as whoever had it on the way may have left it.</summary>
internal static class ExportParsers
{
    public static IReadOnlyList<Parser> All { get; } =
    [
        new("account-export", [Export(4), Export(1), Export(2)], Read)
        {
            Covers = ["ExportedAccount.ReadAsync", "ExportedAccount.TryReadAsync", "ExportedAccount.Parse", "ProtocolJson.AccountExportMessage"],
            Refusals = [typeof(KeyladderException)],
            // A buffer for the longest line, and the keys that open.
            MoreBytes = 256 * 1024,
        },
    ];

    private static byte[] Export(int head) =>
    [
        .. JsonSerializer.SerializeToUtf8Bytes(
            new AccountExportMessage(
                AccountExportMessage.Version1, SampleAccount.Account.Value, SampleAccount.SlotMessage, SampleAccount.Keys[0], SampleAccount.Heads[head].Jws),
            ProtocolJson.Default.AccountExportMessage),
        .. "\n"u8,
        .. SampleAccount.Keys.Take(head).Skip(1).SelectMany(key => (byte[])[.. JsonSerializer.SerializeToUtf8Bytes(key, ProtocolJson.Default.KeyMessage), .. "\n"u8]),
    ];

    private static bool Read(byte[] input)
    {
        using var export = ExportedAccount.ReadAsync(
            new MemoryStream(input), SampleAccount.Mek, SlotKind.Words, SampleAccount.Login.PublicKey, CancellationToken.None).GetAwaiter().GetResult();
        var genuine = SampleAccount.Keys.Take((int)export.Head).Select(SampleAccount.Leaf);
        Require(
            export.Keys.Prepend(export.Identity).Select(key => key.Leaf).SequenceEqual(genuine),
            "It is the account as a head of its own signed for it.");
        return true;
    }
}
