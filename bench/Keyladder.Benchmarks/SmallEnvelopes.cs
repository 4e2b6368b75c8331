using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Benchmarks;

/// <summary>64 bytes of data as a personal DEK seals them, against the same calls bare. Bound: a ratio of 1.3.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class SmallEnvelopes : IDisposable
{
    private const int ContentLength = 64;

    private readonly SecretBytes key = SecretBytes.Generate(32);
    private readonly byte[] context = Fields.Encode("data/v1/personal", AccountId.Generate(), KeyId.Generate(), DataId.Generate(), 1);
    private readonly byte[] content = new byte[ContentLength];
    private readonly byte[] envelope;
    private readonly BareCalls bare;

    public SmallEnvelopes()
    {
        envelope = Envelope.Seal(key, context, content, Padding.Shortest);
        bare = new BareCalls(context.Length, Padding.Shortest.PaddedLength(ContentLength));
    }

    [Benchmark(Baseline = true), BenchmarkCategory("seal")]
    public void BareSeal() => bare.Seal();

    [Benchmark, BenchmarkCategory("seal")]
    public byte[] Seal() => Envelope.Seal(key, context, content, Padding.Shortest);

    [Benchmark(Baseline = true), BenchmarkCategory("open")]
    public void BareOpen() => bare.Open();

    [Benchmark, BenchmarkCategory("open")]
    public byte[] Open() => Envelope.Open(key, context, envelope, Padding.Shortest);

    public void Dispose()
    {
        key.Dispose();
        GC.SuppressFinalize(this);
    }
}
