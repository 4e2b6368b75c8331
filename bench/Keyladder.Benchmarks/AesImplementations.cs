using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Keyladder.Cryptography.ChunkedEncryption;

namespace Keyladder.Benchmarks;

/// <summary>Why there are two: the framework's AES-256-GCM, and libsodium's where the processor has the instructions.</summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class AesImplementations : IDisposable
{
    private readonly byte[] key = RandomNumberGenerator.GetBytes(Aes256Gcm.KeyLength);
    private readonly byte[] nonce = new byte[Aes256Gcm.NonceLength];
    private readonly byte[] small = new byte[128 + Aes256Gcm.TagLength];
    private readonly byte[] chunks = new byte[64 * Cobblestone.SealedChunkLength];
    private readonly Aes256Gcm framework;
    private readonly Aes256Gcm libsodium;

    public AesImplementations()
    {
        framework = new Aes256Gcm(key, withLibsodium: false);
        libsodium = new Aes256Gcm(key, withLibsodium: true);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("new key, 128 bytes")]
    public void FrameworkKey() => Small(withLibsodium: false);

    [Benchmark, BenchmarkCategory("new key, 128 bytes")]
    public void LibsodiumKey() => Small(withLibsodium: true);

    [Benchmark(Baseline = true), BenchmarkCategory("64 chunks")]
    public void FrameworkChunks() => Chunks(framework);

    [Benchmark, BenchmarkCategory("64 chunks")]
    public void LibsodiumChunks() => Chunks(libsodium);

    public void Dispose()
    {
        framework.Dispose();
        libsodium.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Small(bool withLibsodium)
    {
        using var aes = new Aes256Gcm(key, withLibsodium);
        aes.Encrypt(nonce, small.AsSpan(..^Aes256Gcm.TagLength), small);
    }

    private void Chunks(Aes256Gcm aes)
    {
        for (var start = 0; start < chunks.Length; start += Cobblestone.SealedChunkLength)
        {
            var chunk = chunks.AsSpan(start, Cobblestone.SealedChunkLength);
            aes.Encrypt(nonce, chunk[..Cobblestone.ChunkLength], chunk);
        }
    }
}
