using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keyladder.Cryptography.Secrets;

/// <summary>
/// The one holder of secret bytes: pinned, so that the collector leaves no copies behind, and zeroed on <see cref="Dispose"/>. What the
/// operating system does with the page is beyond it.
/// </summary>
[JsonConverter(typeof(RefuseJson))]
public sealed class SecretBytes : IDisposable
{
    // No finalizer: it could zero the bytes under a span that is still being read, and what would come of it is a key of zeros.
    private readonly byte[] bytes;
    private volatile bool disposed;

    private SecretBytes(int length) => bytes = GC.AllocateArray<byte>(length, pinned: true);

    /// <summary>In bytes.</summary>
    public int Length => bytes.Length;

    /// <summary>The bytes themselves, valid until <see cref="Dispose"/>.</summary>
    /// <exception cref="ObjectDisposedException">The bytes are gone.</exception>
    public ReadOnlySpan<byte> DangerousSpan
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return bytes;
        }
    }

    /// <summary>From the system's cryptographic generator.</summary>
    public static SecretBytes Generate(int length)
    {
        var secret = new SecretBytes(length);
        RandomNumberGenerator.Fill(secret.bytes);
        return secret;
    }

    /// <summary>The caller zeroes the original.</summary>
    public static SecretBytes CopyOf(ReadOnlySpan<byte> original)
    {
        var secret = new SecretBytes(original.Length);
        original.CopyTo(secret.bytes);
        return secret;
    }

    /// <summary>Writes the bytes in place, so that no second copy has to be zeroed.</summary>
    public static SecretBytes Create<TState>(int length, TState state, SpanAction<byte, TState> fill)
        where TState : allows ref struct
    {
        var secret = new SecretBytes(length);
        try
        {
            fill(secret.bytes, state);
            return secret;
        }
        catch
        {
            secret.Dispose();
            throw;
        }
    }

    /// <summary>Compares in a time that depends on the lengths alone.</summary>
    public bool FixedTimeEquals(ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(DangerousSpan, other);

    /// <summary>Compares in a time that depends on the lengths alone.</summary>
    public bool FixedTimeEquals(SecretBytes other) => FixedTimeEquals(other.DangerousSpan);

    /// <summary>Zeroes the bytes; every later use throws.</summary>
    public void Dispose()
    {
        disposed = true;
        Interlocked.MemoryBarrier();
        CryptographicOperations.ZeroMemory(bytes);
    }

    /// <summary>
    /// For who has just read the bytes while another thread may have disposed of them: if this does not throw, none of what was read was
    /// zeroed yet. Without it a key of zeros could seal what an account that is being locked still had in hand.
    /// </summary>
    internal void ThrowIfDisposed()
    {
        Interlocked.MemoryBarrier();
        ObjectDisposedException.ThrowIf(disposed, this);
    }

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(SecretBytes);

    private sealed class RefuseJson : JsonConverter<SecretBytes>
    {
        public override SecretBytes Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw Refusal();

        public override void Write(Utf8JsonWriter writer, SecretBytes value, JsonSerializerOptions options) => throw Refusal();

        private static NotSupportedException Refusal() => new("Secrets have no JSON.");
    }
}
