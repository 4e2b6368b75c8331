using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Parsers;

namespace EndToEnd.Tests.Fuzzing;

/// <summary>A sample of what `fuzz/Keyladder.Fuzz` does a million times for each parser (docs/fuzzing.md).</summary>
public sealed class ParserSampleTests
{
    private const int Inputs = 2_000;
    private const ulong Seed = 20_260_101;

    public static TheoryData<string> Parsers => [.. Registry.All.Select(parser => parser.Name)];

    [Theory, MemberData(nameof(Parsers))]
    public void J03_B15_no_input_is_read_otherwise_than_documented(string name)
    {
        var result = new Fuzzer(Find(name), Seed).Run(0, Inputs, TimeSpan.MaxValue);

        Assert.True(result.Findings.Count == 0, string.Join('\n', result.Findings));
        Assert.Equal(Inputs, result.Inputs);
    }

    // Seeds that are refused would leave nothing to mutate but refusals. Two kinds cannot be accepted here: see docs/fuzzing.md.
    [Theory, MemberData(nameof(Parsers))]
    public void The_genuine_inputs_are_genuine(string name)
    {
        var parser = Find(name);
        var accepted = parser.Seeds.Count(seed => new Fuzzer(parser, Seed).Try(0, seed) is { Finding: null, Accepted: true });
        if (name is "answer-nonce" or "answer-problem" or "agent-note")
            Assert.Equal(0, accepted);
        else
            Assert.InRange(accepted, 1, parser.Seeds.Count);
    }

    [Fact]
    public void An_input_follows_from_seed_parser_and_number_alone()
    {
        var parser = Find("key-overview");
        var all = Enumerable.Range(0, 50).Select(number => new Fuzzer(parser, Seed).InputOf(number)).ToList();
        Assert.Equal(all[49], new Fuzzer(parser, Seed).InputOf(49));
        Assert.NotEqual(all, Enumerable.Range(0, 50).Select(number => new Fuzzer(parser, Seed + 1).InputOf(number)));
        Assert.True(all.Select(Convert.ToBase64String).Distinct().Count() > 40);
        Assert.All(all, input => Assert.InRange(input.Length, 0, Mutator.MaxLength));
    }

    [Fact]
    public void What_fails_allocates_or_lies_is_found()
    {
        Assert.NotEmpty(Findings(input => input.Length > 20 ? throw new NotSupportedException() : true));
        Assert.NotEmpty(Findings(input => input.Length > 20 && new byte[10_000_000].Length > 0));
        Assert.NotEmpty(Findings(input =>
        {
            PropertyException.Require(input.Length < 40, "It is short.");
            return true;
        }));
        Assert.Empty(Findings(_ => throw new InvalidDataException()));

        static List<Finding> Findings(Func<byte[], bool> accepts) =>
            new Fuzzer(new Parser("planted", [new byte[30]], accepts) { Refusals = [typeof(InvalidDataException)] }, Seed).Run(0, 200, TimeSpan.MaxValue).Findings;
    }

    private static Parser Find(string name) => Registry.All.Single(parser => parser.Name == name);
}
