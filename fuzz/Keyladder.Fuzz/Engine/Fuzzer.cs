using System.Diagnostics;

namespace Keyladder.Fuzz.Engine;

/// <summary>Feeds inputs to one parser, on the calling thread, one after the other.</summary>
internal sealed class Fuzzer(Parser parser, ulong seed)
{
    private const int MaxFindings = 5;

    // For hangs alone: a machine under load takes its time.
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(20);

    private readonly Mutator mutator = new(parser.Seeds, Tokens.All);
    private volatile Attempt? current;

    public static TimeSpan HangCeiling => Ceiling;

    /// <summary>The input that is being parsed, for a watch on hangs; null between two.</summary>
    public Attempt? Current => current;

    public byte[] InputOf(long number) => mutator.Make(new PseudoRandom(seed, parser.Name, number));

    public Result Run(long first, long inputs, TimeSpan limit)
    {
        // Tables, contexts and compiled code are made once and are no input's.
        foreach (var genuine in parser.Seeds)
            Try(-1, genuine);

        var result = new Result(parser.Name);
        var started = Stopwatch.GetTimestamp();
        for (var number = first; number < first + inputs && Stopwatch.GetElapsedTime(started) < limit; number++)
        {
            var input = InputOf(number);
            var (finding, accepted, allocated) = Try(number, input);
            result.Add(accepted, allocated);
            if (finding is null)
                continue;
            result.Findings.Add(finding);
            if (result.Findings.Count == MaxFindings)
                break;
        }

        return result with { Elapsed = Stopwatch.GetElapsedTime(started) };
    }

    public (Finding? Finding, bool Accepted, long Allocated) Try(long number, byte[] input)
    {
        var started = Stopwatch.GetTimestamp();
        current = new Attempt(number, input, started);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var accepted = false;
        Exception? failure = null;
        try
        {
            accepted = parser.Accepts(input);
        }
        catch (Exception exception) when (parser.IsRefusal(exception))
        {
            // Said no, in the way that it documents.
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var elapsed = Stopwatch.GetElapsedTime(started);
        current = null;
        var bound = ((long)parser.BytesPerByte * input.Length) + parser.MoreBytes;
        var what = failure is not null ? failure.ToString()
            : allocated > bound && number >= 0 ? $"It allocated {allocated} bytes for an input of {input.Length}; the bound is {bound}."
            : elapsed > Ceiling ? $"It took {elapsed}."
            : null;
        return (what is null ? null : new Finding(parser.Name, seed, number, input, what), accepted, allocated);
    }
}

internal sealed record Attempt(long Number, byte[] Input, long Started);

/// <summary>What an input did that it must not, and how to see it again.</summary>
internal sealed record Finding(string Parser, ulong Seed, long Number, byte[] Input, string What)
{
    public override string ToString() => $"""
        {Parser}: seed {Seed}, input {Number}, {Input.Length} bytes: {Convert.ToBase64String(Input)}
          again: dotnet run -c Release --project fuzz/Keyladder.Fuzz -- {Parser} --seed {Seed} --first {Number} --inputs 1
          {What.ReplaceLineEndings("\n  ")}
        """;
}

internal sealed record Result(string Parser)
{
    public List<Finding> Findings { get; } = [];

    public long Inputs { get; private set; }

    public long Accepted { get; private set; }

    /// <summary>The most that one input allocated.</summary>
    public long MostAllocated { get; private set; }

    public TimeSpan Elapsed { get; init; }

    public void Add(bool accepted, long allocated)
    {
        Inputs++;
        Accepted += accepted ? 1 : 0;
        MostAllocated = Math.Max(MostAllocated, allocated);
    }
}
