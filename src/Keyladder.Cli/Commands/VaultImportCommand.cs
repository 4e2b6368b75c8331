using System.CommandLine;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
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
                var answer = await TransferProgress.ShowCountAsync(
                    "Importing", report => AskAsync(profile, new ImportVault(path, codeLength), input, report, cancellationToken));
                Screen.Show(new JsonObject { ["imported"] = answer.Imported, ["present"] = answer.Present }, () => Screen.Say(
                    $"{Text(answer.Imported)} items were put into the Vault; {Text(answer.Present)} were there already."));
            });
    }

    /// <summary>The agent does it, and sends "DONE ALL" in a line now and then.</summary>
    private static async Task<AgentAnswer> AskAsync(Profile profile, ImportVault request, Stream input, Action<long, long> report, CancellationToken cancellationToken)
    {
        var counts = new Pipe();
        var reading = ReadAsync(counts.Reader.AsStream(), report);
        try
        {
            return await AgentConnection.AskAsync(profile, request, input, counts.Writer.AsStream(leaveOpen: true), cancellationToken);
        }
        finally
        {
            await counts.Writer.CompleteAsync();
            await reading;
        }
    }

    private static async Task ReadAsync(Stream counts, Action<long, long> report)
    {
        using var lines = new StreamReader(counts, Encoding.ASCII);
        while (await lines.ReadLineAsync() is { } line)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            report(long.Parse(line.AsSpan(0, space), CultureInfo.InvariantCulture), long.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture));
        }
    }

    private static string Text(int? count) => count!.Value.ToString(CultureInfo.InvariantCulture);
}
