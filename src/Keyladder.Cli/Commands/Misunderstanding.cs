using System.CommandLine;
using System.CommandLine.Parsing;

namespace Keyladder.Cli.Commands;

/// <summary>
/// What the parser did not understand, said without what was typed: it may be a secret, and standard error is often kept. What the parser knows
/// by itself, such as names of commands and options and the values they take, is no secret: the one that is nearest to what was typed is said, and where that stands.
/// </summary>
internal static class Misunderstanding
{
    private const string Next = "Run the command with --help to see what it takes; secrets are asked for, never given as arguments.";

    /// <param name="parsed">What the parser made of them.</param>
    /// <param name="arguments">As they were typed.</param>
    public static Failure? In(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        if (parsed.Errors.Count == 0)
            return null;
        var names = new Stack<string>();
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult command; result = command.Parent)
            names.Push(command.Command is RootCommand ? "keyladder" : command.Command.Name);
        var name = string.Join(' ', names);
        if (parsed.UnmatchedTokens.Count == 0)
        {
            // The parser's own words for it name neither the command nor what is to be given.
            return parsed.CommandResult.Command.Options.FirstOrDefault(option => option.Required && parsed.GetResult(option) is null or { Implicit: true }) is { } missing
                ? Failure.Usage($"`{name}` needs {missing.Name} {missing.HelpName}: {missing.Description}.", $"Add it; `{name} --help` shows the rest.")
                : Failure.Usage(Without(parsed.Tokens, parsed.Errors[0].Message.ReplaceLineEndings(" ")), Next);
        }

        var typed = parsed.UnmatchedTokens[0];
        var word = typed.StartsWith("--", StringComparison.Ordinal) ? typed.Split('=')[0] : typed;
        var at = Enumerable.Range(0, arguments.Count).FirstOrDefault(at => arguments[at] == typed || arguments[at].StartsWith($"{typed}=", StringComparison.Ordinal), -1);
        var what = at < 0 ? $"`{name}` does not take one of its arguments." : $"`{name}` does not take word {at + 1} behind keyladder.";
        return Failure.Usage(Nearest(parsed.CommandResult.Command, word) is { } near ? $"{what} `{near}` is nearest to it." : what, Next);
    }

    /// <summary>Of the names that fit there, the one that is likely meant.</summary>
    private static string? Nearest(Command command, string word)
    {
        var options = command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(option => option.Recursive)));
        var near = command.Subcommands.Select(each => each.Name).Concat(options.SelectMany(option => option.Aliases.Append(option.Name)))
            .Select(known => (Name: known, Distance: Distance(known, word))).OrderBy(each => each.Distance).FirstOrDefault();
        return near.Name is not null && near.Distance <= Math.Max(1, near.Name.Length / 3) ? near.Name : null;
    }

    /// <summary>Letters that are to be changed, added or left out; two neighbours in the wrong order are one slip (optimal string alignment).</summary>
    private static int Distance(string one, string other)
    {
        var costs = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    costs[i, j] = i + j;
                    continue;
                }

                var isSame = one[i - 1] == other[j - 1];
                costs[i, j] = Math.Min(Math.Min(costs[i - 1, j], costs[i, j - 1]) + 1, costs[i - 1, j - 1] + (isSame ? 0 : 1));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    costs[i, j] = Math.Min(costs[i, j], costs[i - 2, j - 2] + 1);
            }
        }

        return costs[one.Length, other.Length];
    }

    private static string Without(IEnumerable<Token> typed, string message) => typed
        .Where(token => token is { Type: TokenType.Argument, Value.Length: > 0 })
        .Aggregate(message, (rest, token) => rest.Replace($"'{token.Value}'", "that was given", StringComparison.Ordinal))
        .Replace("Argument that was given not recognized. Must be one of: \t", "What was given is none of these: ", StringComparison.Ordinal)
        .Replace(" \t", ", ", StringComparison.Ordinal);
}
