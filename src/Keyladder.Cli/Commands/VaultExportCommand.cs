using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;

namespace Keyladder.Cli.Commands;

internal static class VaultExportCommand
{
    // Items of one call to the Vault.
    private const int AtOnce = 100;

    public static Command Create()
    {
        var output = new Argument<string>("OUT") { Description = "A new file, sealed; with --plain a new folder" };
        return new Command("export", "Write every item with its attachments, sealed, to a file that opens without any service")
        {
            output, PlainFolder.Plain, PlainFolder.Yes, SecretInput.SecretFile, SecretInput.SecretKeyFile,
        }.Does(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(output);
            var plain = parsed.GetValue(PlainFolder.Plain);
            FileTransfer.RequireNew(path);
            if (plain)
                PlainFolder.Confirm(parsed, path);
            var profile = parsed.Profile();
            var server = ServiceAddress.Of(null, profile);
            // Asked for though the account may be open, as for the account's export: it opens the file, and an unlocked screen writes out nothing.
            var (typed, code) = SecretInput.AskToUnlock(parsed, profile);
            using var closeTyped = typed;
            using var closeCode = code;
            string address;
            var items = 0;
            using (var client = ServiceAddress.Connect(server, profile, opensCopies: false))
            await using (var account = await SecretKeys.UnlockAsync(profile, client, typed, code, cancellationToken))
            {
                await using (var vault = await OpenAsync(account, cancellationToken))
                {
                    address = vault.Address.GetLeftPart(UriPartial.Authority);
                    if (plain)
                        items = await WritePlainAsync(path, vault, cancellationToken);
                    else
                        await FileTransfer.WriteNewAsync(path, async file => items = await TransferProgress.ShowWritingAsync(
                            "Exporting", file, counted => account.ExportVaultAsync(vault, counted, cancellationToken: cancellationToken)));
                }

                await account.LockAsync(cancellationToken);
            }

            Screen.Show(new JsonObject { ["vault"] = address, ["output"] = path, ["items"] = items }, () =>
            {
                var count = items.ToString(CultureInfo.InvariantCulture);
                Screen.Say(plain
                    ? $"Written to {path}: {count} items, readable by whoever gets at the folder. Delete it when it has served."
                    : $"Written to {path}: {count} items, sealed. The secret that you typed opens it, and nothing else: `keyladder open-export` shows what is in it, `keyladder vault import` puts it into a Vault.");
            });
        });
    }

    private static async Task<Vault> OpenAsync(UnlockedAccount account, CancellationToken cancellationToken) =>
        await account.Vaults.ListAsync(cancellationToken) is [var first, ..]
            ? await account.Vaults.OpenAsync(first, cancellationToken: cancellationToken)
            : throw new Failure(ExitCode.NotFound, "The account has no Vault.", "Make one: keyladder vault create ADDRESS");

    private static async Task<int> WritePlainAsync(string path, Vault vault, CancellationToken cancellationToken)
    {
        var items = await vault.ListAsync(cancellationToken);
        await PlainFolder.WriteAsync(path, OpenAsync(vault, items, cancellationToken), vault.Open, cancellationToken);
        return items.Count;
    }

    private static async IAsyncEnumerable<OpenedItem> OpenAsync(Vault vault, IReadOnlyList<VaultItem> items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var page in items.Chunk(AtOnce))
        {
            foreach (var item in await vault.GetManyAsync([.. page.Select(item => item.Id)], cancellationToken))
                yield return item;
        }
    }
}
