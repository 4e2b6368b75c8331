using System.CommandLine;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class EncryptCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("FILE") { Description = "What to encrypt (default: standard input)", Arity = ArgumentArity.ZeroOrOne };
        var key = new Option<string?>("--key") { Description = "Which key (default: the newest active personal key)", HelpName = "KEY" };
        return new Command("encrypt", "Seal a file or standard input") { file, CommandLine.Output, key }.Does((parsed, cancellationToken) =>
            Transfer.RunAsync(parsed, "Encrypting", parsed.GetValue(file), binary: true, new Encrypt(parsed.GetValue(key)), cancellationToken));
    }
}
