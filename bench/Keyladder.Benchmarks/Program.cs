using BenchmarkDotNet.Running;
using Keyladder.Benchmarks;
using Keyladder.Benchmarks.Keystore;
using Keyladder.Benchmarks.Recovery;
using Keyladder.Benchmarks.Timing;
using Keyladder.Benchmarks.Vault;

// docs/benchmarks.md has the commands and what they gave.
return args switch
{
    ["ratios"] => InterleavedRatios.Print(),
    ["timing"] => await TimingTests.RunAsync(),
    ["stream-memory"] => StreamMemory.Compare(),
    ["stream-memory", var file, var length] => StreamMemory.SealAndOpen(file, long.Parse(length, null)),
    ["unlock", var engine] => await UnlockTime.RunAsync(engine),
    ["unlock", var address, var wordsFile] => await UnlockTime.MeasureAsync(address, wordsFile),
    ["add-key", var engine] => await AddKey.RunAsync(engine),
    ["signed-reads", var engine] => await SignedReads.RunAsync(engine),
    ["recovery", var engine] => await GuessRates.RunAsync(engine),
    ["recovery", var engine, "store"] => await GuessRates.AtStoreAsync(engine) ? 0 : 1,
    ["bare-count", var database, var mark, var kind, var length] => await BareCount.RunAsync(database, mark, kind, int.Parse(length, null)),
    ["timing-recovery"] => await TimingTests.RunRecoveryAsync(),
    ["attachments"] => await AttachmentTransfer.RunAsync(),
    ["attachment", var keystore, var vault, var length] => await AttachmentTransfer.TransferAsync(keystore, vault, long.Parse(length, null)),
    ["bare-attachment", var address, var length] => await AttachmentTransfer.TransferBareAsync(address, long.Parse(length, null)),
    ["bare-attachments", var file] => await AttachmentTransfer.ServeBareAsync(file),
    ["many-items", var engine] => await ManyItems.RunAsync(engine),
    ["shares", var engine] => await Shares.RunAsync(engine),
    ["delta-sync", var engine] => await DeltaSync.RunAsync(engine),
    ["scaling"] => await Scaling.RunAsync(),
    ["bare-endpoint", var database, var session, var key, var length] => await BareEndpoint.RunAsync(database, session, key, int.Parse(length, null)),
    _ => BenchmarkSwitcher.FromAssembly(typeof(StreamMemory).Assembly).Run(args).Any() ? 0 : 1,
};
