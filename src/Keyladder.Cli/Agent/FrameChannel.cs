using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Keyladder.Cli.Agent;

internal enum FrameKind : byte
{
    Request = 1,
    Data = 2,
    End = 3,
    Answer = 4,
    Failure = 5,
}

/// <summary>
/// What the CLI and its agent say to each other over the private socket: frames of kind (1 byte), length (u32) and bytes. A connection carries
/// one request; data flows in both directions at once, so that a file of any size passes through in constant memory.
/// </summary>
/// <param name="stream">The socket.</param>
/// <param name="moved">Told of each frame that has come in as a whole, and of each that goes out.</param>
internal sealed class FrameChannel(Stream stream, Action? moved = null) : IAsyncDisposable
{
    public const int MaxFrame = 32 * 1024 * 1024;

    /// <summary>What is longer is sent as several data frames.</summary>
    public const int MaxData = 256 * 1024;

    private const int HeaderLength = 5;

    private readonly byte[] _readHeader = new byte[HeaderLength];
    private readonly SemaphoreSlim _writing = new(1, 1);

    public async ValueTask WriteAsync(FrameKind kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var frame = ArrayPool<byte>.Shared.Rent(HeaderLength + payload.Length);
        await _writing.WaitAsync(cancellationToken);
        try
        {
            frame[0] = (byte)kind;
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
            payload.CopyTo(frame.AsMemory(HeaderLength));
            moved?.Invoke(); // before: whoever has read the answer finds that it has counted
            await stream.WriteAsync(frame.AsMemory(0, HeaderLength + payload.Length), cancellationToken);
        }
        finally
        {
            _writing.Release();
            // Plaintext and unlock secrets pass through here.
            CryptographicOperations.ZeroMemory(frame);
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    /// <summary>The next frame, or null at the end of the connection. The caller wipes the bytes if they are secret.</summary>
    public async ValueTask<(FrameKind Kind, byte[] Payload)?> ReadAsync(CancellationToken cancellationToken)
    {
        var read = await stream.ReadAtLeastAsync(_readHeader, HeaderLength, throwOnEndOfStream: false, cancellationToken);
        if (read == 0)
            return null;
        var length = read == HeaderLength ? BinaryPrimitives.ReadInt32BigEndian(_readHeader.AsSpan(1)) : -1;
        if (length is < 0 or > MaxFrame)
            throw new InvalidDataException("The other end of the agent's socket sent something else than a frame.");
        var payload = await ReadPayloadAsync(length, cancellationToken);
        moved?.Invoke();
        return ((FrameKind)_readHeader[0], payload);
    }

    /// <summary>Memory follows what has arrived, not what was announced. A data frame of ours is read in one go.</summary>
    private async ValueTask<byte[]> ReadPayloadAsync(int length, CancellationToken cancellationToken)
    {
        var payload = new byte[Math.Min(length, MaxData)];
        for (var filled = 0; ;)
        {
            await stream.ReadExactlyAsync(payload.AsMemory(filled), cancellationToken);
            if (payload.Length == length)
                return payload;
            filled = payload.Length;
            var longer = new byte[Math.Min(length, 2 * filled)];
            payload.CopyTo(longer, 0);
            CryptographicOperations.ZeroMemory(payload);
            payload = longer;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        _writing.Dispose();
    }
}
