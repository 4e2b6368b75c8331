using System.Buffers.Binary;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Client;

/// <summary>
/// A Vault's copy on this device: a file of sealed records that grows at its end, and is written anew when most of it has been overtaken
/// (docs/spec/local-store.md). A record counts once it is on the disk; one that was cut off counts for nothing.
/// </summary>
internal sealed class StoreFile : IDisposable
{
    private const int IdSize = 16;
    private const int Growth = 1024 * 1024;

    private static ReadOnlySpan<byte> Magic => "KLVAULT1"u8;

    private static int HeaderLength => Magic.Length + IdSize + Hash256.Size;

    private readonly string _path;
    private readonly VaultKeys _keys;
    private readonly FileStream _lock;
    private FileStream? _file;
    private PersonalDataEncryptionKey? _dek;
    private DataId _id;
    private long _records;
    private long _length;
    private long _limit;
    private bool _isBehind;
    private volatile bool _disposed;
    private bool _isProven;
    private readonly List<StoreRecord> _heldBack = [];

    private StoreFile(string path, VaultKeys keys, FileStream @lock) => (_path, _keys, _lock) = (path, keys, @lock);

    /// <summary>What it held when it was opened.</summary>
    public LoadedStore Loaded { get; } = new();

    /// <summary>All that is to be in it, for when it is written anew.</summary>
    private Func<IEnumerable<StoreRecord>> Snapshot { get; set; } = () => [];

    /// <exception cref="KeyladderException">Another program has it open, or it is damaged.</exception>
    public static StoreFile Open(string path, VaultKeys keys)
    {
        StoreFile? store = null;
        try
        {
            PrivateFile.CreateFolder(path);
            store = new StoreFile(path, keys, Lock(path));
            store.Load();
            return store;
        }
        catch (Exception e)
        {
            store?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw Failures.StoreUnusable(path, e);
            throw;
        }
    }

    public static void Delete(string path)
    {
        try
        {
            if (!File.Exists(path))
                return;
            using (Lock(path))
                PrivateFile.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failures.StoreUnusable(path, e);
        }
    }

    /// <summary>Begins with what it held, and goes on with what becomes of that.</summary>
    /// <returns>What waits.</returns>
    /// <exception cref="KeyladderException">It does not fit together.</exception>
    public VaultQueue Restore(VaultCopy copy, ItemSealing sealing, TimeProvider time)
    {
        try
        {
            copy.Load(Loaded);
            var queue = new VaultQueue(this, sealing, copy, time);
            Snapshot = () => [.. copy.Snapshot(), .. queue.Snapshot()];
            return queue;
        }
        catch (Exception e) when (e is ArgumentException or IntegrityException)
        {
            throw Failures.StoreDamaged(_path, e);
        }
    }

    /// <summary>As <see cref="Append"/>, once it is proven that this is the Vault's newest state: nothing else is to be found here later.</summary>
    public void AppendProven(params IReadOnlyList<StoreRecord> records)
    {
        if (_isProven)
            Append(records);
        else
            _heldBack.AddRange(records);
    }

    /// <summary>From here on what comes is proven, and so is what was held back.</summary>
    public void Release()
    {
        _isProven = true;
        if (_heldBack.Count == 0)
            return;
        Append(_heldBack);
        _heldBack.Clear();
    }

    /// <summary>Adds records; returns when they are on the disk.</summary>
    /// <exception cref="KeyladderException">They are not, or not all; the file is as it was, and is written anew next time.</exception>
    public void Append(params IEnumerable<StoreRecord> records)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(Vault));
        try
        {
            if (_file is null || _isBehind || _length > _limit || _dek!.VaultName != _keys.Sealing.VaultName)
            {
                Rewrite();
                return;
            }

            _file.Position = _length;
            var end = _length;
            foreach (var record in records)
                end += Write(_file, _dek!, _id, ++_records, record);
            _file.Flush(flushToDisk: true);
            _length = end;
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            // What is here is further than the file from now on: the next record alone would not fit behind it. Nor is a part of these to count.
            _isBehind = true;
            Cut();
            throw Failures.StoreUnusable(_path, e);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        try
        {
            _file?.Dispose();
        }
        finally
        {
            _lock.Dispose();
        }
    }

    private void Cut()
    {
        try
        {
            _file?.SetLength(_length);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            // A disk that takes nothing: the records after the last that was whole stay cut off, or are read once more.
        }
    }

    // A file that the system lets grow no further (EFBIG) is an ArgumentOutOfRangeException to the framework.
    private static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    private void Load()
    {
        if (!File.Exists(_path))
            return;
        _file = PrivateFile.Open(_path, FileMode.Open);
        var header = new byte[HeaderLength];
        if (_file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || !header.AsSpan().StartsWith(Magic))
            throw Failures.StoreDamaged(_path);
        _id = new DataId(new Guid(header.AsSpan(Magic.Length, IdSize), bigEndian: true));
        _dek = _keys.Find(new Hash256(header.AsSpan(header.Length - Hash256.Size))) ?? throw Failures.StoreDamaged(_path);
        _length = _limit = header.Length;
        while (ReadFrame() is { } envelope)
        {
            var end = _file.Position;
            try
            {
                var json = _dek.OpenRecord(_id, _records + 1, envelope);
                Loaded.Add(StrictJson.TryRead(json, StoreJson.Strict.StoreRecord, out var record) ? record : throw Failures.StoreDamaged(_path));
            }
            catch (OpenFailedException) when (end == _file.Length)
            {
                break; // the last one was cut off while it was written
            }
            catch (Exception e) when (e is OpenFailedException or ArgumentException or IntegrityException)
            {
                throw Failures.StoreDamaged(_path, e);
            }

            (_records, _length) = (_records + 1, end);
        }

        _file.SetLength(_length);
        _limit = (2 * _length) + Growth;
    }

    /// <returns>Null at the end, or where the last one is not whole.</returns>
    private byte[]? ReadFrame()
    {
        Span<byte> size = stackalloc byte[2 * sizeof(uint)];
        if (_file!.ReadAtLeast(size, size.Length, throwOnEndOfStream: false) < size.Length)
            return null;
        var length = BinaryPrimitives.ReadUInt32BigEndian(size);
        // An altered length would otherwise look like a last record, and all that is behind it go unsaid.
        if (~length != BinaryPrimitives.ReadUInt32BigEndian(size[sizeof(uint)..]))
            return IsZeroFrom(_file.Position - size.Length) ? null : throw Failures.StoreDamaged(_path);
        if (length > _file.Length - _file.Position)
            return null;
        var envelope = new byte[length];
        _file.ReadExactly(envelope);
        return envelope;
    }

    // The file had grown, and nothing of what was to be in it had come to the disk.
    private bool IsZeroFrom(long position)
    {
        _file!.Position = position;
        var rest = new byte[_file.Length - position];
        _file.ReadExactly(rest);
        return !rest.AsSpan().ContainsAnyExcept((byte)0);
    }

    /// <summary>Puts a file with all that is to be in it in the place of the one that has grown.</summary>
    private void Rewrite()
    {
        var (id, dek, records) = (DataId.Generate(), _keys.Sealing, 0L);
        var file = PrivateFile.Begin(_path);
        try
        {
            Span<byte> header = stackalloc byte[HeaderLength];
            Magic.CopyTo(header);
            id.Value.TryWriteBytes(header[Magic.Length..], bigEndian: true, out _);
            dek.VaultName!.Value.ToArray().CopyTo(header[^Hash256.Size..]);
            file.Write(header);
            foreach (var record in Snapshot())
                Write(file, dek, id, ++records, record);
            PrivateFile.Complete(file, _path);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _file?.Dispose();
        (_file, _dek, _id, _records, _length, _isBehind) = (file, dek, id, records, file.Length, false);
        _limit = (2 * _length) + Growth;
    }

    private static long Write(FileStream file, PersonalDataEncryptionKey dek, DataId id, long number, StoreRecord record)
    {
        var envelope = dek.SealRecord(id, number, StrictJson.Write(record, StoreJson.Strict.StoreRecord));
        Span<byte> size = stackalloc byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(size, (uint)envelope.Length);
        BinaryPrimitives.WriteUInt32BigEndian(size[sizeof(uint)..], ~(uint)envelope.Length);
        file.Write(size);
        file.Write(envelope);
        return size.Length + envelope.Length;
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return PrivateFile.Lock(path);
        }
        catch (IOException e)
        {
            throw Failures.StoreInUse(path, e);
        }
    }
}
