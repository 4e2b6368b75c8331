using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Parsers;

namespace Keyladder.Fuzz;

/// <summary>docs/fuzzing.md says what it does and what it gave.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        if (Options.Read(arguments) is not { } options)
        {
            Console.WriteLine(Options.Help);
            return 2;
        }

        if (options.List)
        {
            foreach (var parser in Registry.All)
                Console.WriteLine(parser.Name);
            return 0;
        }

        return new Campaign(options).Run() ? 0 : 1;
    }
}
