using System.CommandLine;
using Keyladder.Cli;
using Keyladder.Cli.Commands;
using Keyladder.Cli.Terminal;

try
{
    // Alone, it says what it can do. `@` begins a label like any other character, and is no file of arguments.
    var parsed = CommandLine.Create().Parse(args.Length == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
    Screen.IsJson = parsed.GetResult(CommandLine.Json) is { Implicit: false };
    if (Misunderstanding.In(parsed, args) is { } failure)
        return Failures.Report(failure);
    using var stopping = new Stopping();
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stopping.Token);
}
catch (Exception e)
{
    return Failures.Report(Failures.From(e));
}
