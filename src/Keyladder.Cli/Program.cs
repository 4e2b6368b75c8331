using System.CommandLine;
using Keyladder.Cli;
using Keyladder.Cli.Commands;

// Alone, it says what it can do.
var parsed = Keyladder.Cli.Commands.CommandLine.Create().Parse(args.Length == 0 ? ["--help"] : args);
if (parsed.Errors.Count > 0)
{
    var first = parsed.UnmatchedTokens.Count > 0 ? $"There is no `{parsed.UnmatchedTokens[0]}` here." : parsed.Errors[0].Message.ReplaceLineEndings(" ");
    return Failures.Report(Failure.Usage(first, "Run the command with --help to see what it takes."));
}

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e)
{
    return Failures.Report(Failures.From(e));
}
