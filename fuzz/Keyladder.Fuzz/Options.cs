using System.Globalization;
using Keyladder.Fuzz.Parsers;

namespace Keyladder.Fuzz;

/// <summary>The command line.</summary>
/// <param name="Parsers">Names; none stands for all.</param>
/// <param name="Inputs">For each parser.</param>
/// <param name="Seed">Gives the same inputs each time.</param>
/// <param name="First">Number of the first input.</param>
/// <param name="Limit">Of time, for each parser.</param>
/// <param name="List">Whether to name the parsers and do nothing else.</param>
internal sealed record Options(IReadOnlyList<string> Parsers, long Inputs, ulong Seed, long First, TimeSpan Limit, bool List)
{
    public const string Help = """
        Usage: dotnet run -c Release --project fuzz/Keyladder.Fuzz -- [PARSER…] [--inputs N] [--seed N] [--first N] [--seconds N] [--list]

          PARSER        one or more names; without one, every parser
          --inputs N    inputs for each parser (1000000)
          --seed N      other inputs for each other number (1)
          --first N     number of the first input (0); with --inputs 1, one input again
          --seconds N   at most so long for each parser
          --list        name the parsers
        """;

    public static Options? Read(string[] arguments)
    {
        var options = new Options([], 1_000_000, 1, 0, TimeSpan.MaxValue, List: false);
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            if (name == "--list")
                options = options with { List = true };
            else if (!name.StartsWith('-'))
                options = Registry.All.Any(parser => parser.Name == name) ? options with { Parsers = [.. options.Parsers, name] } : null;
            else if (++i < arguments.Length && long.TryParse(arguments[i], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                options = options.With(name, number);
            else
                options = null;
            if (options is null)
                return null;
        }

        return options;
    }

    private Options? With(string name, long number) => name switch
    {
        "--inputs" => this with { Inputs = number },
        "--seed" => this with { Seed = (ulong)number },
        "--first" => this with { First = number },
        "--seconds" => this with { Limit = TimeSpan.FromSeconds(number) },
        _ => null,
    };
}
