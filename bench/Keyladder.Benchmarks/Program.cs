using BenchmarkDotNet.Running;
using Keyladder.Benchmarks;

// docs/benchmarks.md has the commands and what they gave.
return args switch
{
    ["ratios"] => InterleavedRatios.Print(),
    ["stream-memory"] => StreamMemory.Compare(),
    ["stream-memory", var file, var length] => StreamMemory.SealAndOpen(file, long.Parse(length, null)),
    _ => BenchmarkSwitcher.FromAssembly(typeof(StreamMemory).Assembly).Run(args).Any() ? 0 : 1,
};
