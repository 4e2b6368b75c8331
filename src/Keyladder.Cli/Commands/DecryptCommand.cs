using System.CommandLine;
using Keyladder.Cli.Agent;

namespace Keyladder.Cli.Commands;

internal static class DecryptCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("FILE") { Description = "What to decrypt (default: standard input)", Arity = ArgumentArity.ZeroOrOne };
        return new Command("decrypt", "Open what `encrypt` made") { file, CommandLine.Output }.Does((parsed, cancellationToken) =>
            Transfer.RunAsync(parsed, "Decrypting", parsed.GetValue(file), binary: false, new Decrypt(), cancellationToken));
    }
}
