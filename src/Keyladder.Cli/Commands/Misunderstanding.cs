using System.CommandLine;
using System.CommandLine.Parsing;

namespace Keyladder.Cli.Commands;

/// <summary>
/// What the parser did not understand, said without what was typed: it may be a secret, and standard error is often kept. What the parser knows
/// by itself, such as names of options and the values they take, is no secret.
/// </summary>
internal static class Misunderstanding
{
    private const string Next = "Run the command with --help to see what it takes; secrets are asked for, never given as arguments.";

    public static Failure? In(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0)
            return null;
        if (parsed.UnmatchedTokens.Count == 0)
            return Failure.Usage(Without(parsed.Tokens, parsed.Errors[0].Message.ReplaceLineEndings(" ")), Next);

        var names = new Stack<string>();
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult command; result = command.Parent)
            names.Push(command.Command is RootCommand ? "keyladder" : command.Command.Name);
        var count = parsed.UnmatchedTokens.Count;
        return Failure.Usage($"`{string.Join(' ', names)}` does not take {(count == 1 ? "one" : count)} of its arguments.", Next);
    }

    private static string Without(IEnumerable<Token> typed, string message) => typed
        .Where(token => token is { Type: TokenType.Argument, Value.Length: > 0 })
        .Aggregate(message, (rest, token) => rest.Replace($"'{token.Value}'", "that was given", StringComparison.Ordinal))
        .Replace("Argument that was given not recognized. Must be one of: \t", "What was given is none of these: ", StringComparison.Ordinal)
        .Replace(" \t", ", ", StringComparison.Ordinal);
}
