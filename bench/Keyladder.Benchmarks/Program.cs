using BenchmarkDotNet.Running;
using Keyladder.Benchmarks;
using Keyladder.Benchmarks.Timing;

// docs/benchmarks.md has the commands and what they gave.
return args switch
{
    ["ratios"] => InterleavedRatios.Print(),
    ["timing"] => await TimingTests.RunAsync(),
    ["stream-memory"] => StreamMemory.Compare(),
    ["stream-memory", var file, var length] => StreamMemory.SealAndOpen(file, long.Parse(length, null)),
    _ => BenchmarkSwitcher.FromAssembly(typeof(StreamMemory).Assembly).Run(args).Any() ? 0 : 1,
};
