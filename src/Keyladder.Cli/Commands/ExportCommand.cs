using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class ExportCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "Where the keys go, sealed as they are: a new file" };
        return new Command("export", "Write every key, sealed, to a file that another service can go on with")
        {
            file, SecretInput.SecretFile, SecretInput.SecretKeyFile,
        }.Does(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            FileTransfer.RequireNew(path);
            var profile = parsed.Profile();
            var server = ServiceAddress.Of(null, profile);
            // Asked for though the account may be open: it is what opens the file, and a device's own secret would be no use elsewhere.
            var (typed, code) = SecretInput.AskToUnlock(parsed, profile);
            using var closeTyped = typed;
            using var closeCode = code;
            string account;
            var keys = 0;
            using (var client = ServiceAddress.Connect(server, profile))
            await using (var opened = await SecretKeys.UnlockAsync(profile, client, typed, code, cancellationToken))
            {
                account = opened.Id.ToString();
                await FileTransfer.WriteNewAsync(path, async output => keys = await opened.ExportAsync(output, cancellationToken));
                await opened.LockAsync(cancellationToken);
            }

            Screen.Show(new JsonObject { ["account"] = account, ["file"] = path, ["keys"] = keys }, () => Screen.Say(
                $"Written to {path}: {keys.ToString(CultureInfo.InvariantCulture)} keys and the account's identity, sealed. The secret that you typed opens it, and nothing else. "
                + "`keyladder account import` brings it to another service."));
        });
    }
}
