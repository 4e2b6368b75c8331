using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class SignCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("FILE") { Description = "What to sign (default: standard input)", Arity = ArgumentArity.ZeroOrOne };
        var key = new Option<string>("--key") { Description = "A signing key", HelpName = "KEY", Required = true };
        var did = new Option<string?>("--did") { Description = "As which DID of the key (default: its did:key): its did:jwk, or a did:web whose document lists it", HelpName = "DID" };
        return new Command("sign", "Sign a file with a DID") { file, CommandLine.Output, key, did }.Does(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(file);
            await using var source = FileTransfer.OpenInput(path);
            var answer = await TransferProgress.ShowAsync("Signing", source, counted =>
                AgentConnection.AskAsync(parsed.Profile(), new Sign(parsed.GetRequiredValue(key), parsed.GetValue(did)), counted, Stream.Null, cancellationToken));
            var output = parsed.GetValue(CommandLine.Output) ?? (path is null or "-" ? "-" : path + ".sig");
            if (Screen.IsJson && output == "-")
            {
                Screen.Show(new JsonObject { ["signature"] = answer.Text, ["output"] = null });
                return;
            }

            await FileTransfer.WriteAsync(output, binary: false, async stream => await stream.WriteAsync(Encoding.ASCII.GetBytes(answer.Text + "\n"), cancellationToken));
            Screen.Show(new JsonObject { ["signature"] = answer.Text, ["output"] = output });
        });
    }
}
