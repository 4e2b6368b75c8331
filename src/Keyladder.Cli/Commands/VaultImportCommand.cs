using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class VaultImportCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "What `vault export` wrote, of this account or another" };
        return new Command("import", "Put the items of an exported Vault into this account's") { file, SecretInput.SecretFile, SecretInput.SecretKeyFile }
            .Does(async (parsed, cancellationToken) =>
            {
                var profile = parsed.Profile();
                var path = Path.GetFullPath(parsed.GetRequiredValue(file));
                // Before the person types: a path that is wrong is said first.
                await FileTransfer.OpenFile(path).DisposeAsync();
                var (typed, code) = SecretInput.AskToUnlock(parsed, profile, "Words or passphrase that open the export");
                using var closeTyped = typed;
                using var closeCode = code;
                var (both, codeLength) = SecretInput.Join(typed, code);
                using var wiped = new Wiped(both);
                using var input = new MemoryStream(both, writable: false);
                var answer = await AgentConnection.AskAsync(profile, new ImportVault(path, codeLength), input, Stream.Null, cancellationToken);
                Screen.Show(new JsonObject { ["imported"] = answer.Imported, ["present"] = answer.Present }, () => Screen.Say(
                    $"{Text(answer.Imported)} items were put into the Vault; {Text(answer.Present)} were there already."));
            });
    }

    private static string Text(int? count) => count!.Value.ToString(CultureInfo.InvariantCulture);
}
