using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Passphrases;

/// <summary>
/// What unlocks an application's account with nobody there: where the account is, which one it is, and the secret of a slot of its own
/// (docs/spec/key-file.md). Whoever reads the file is the application until the slot is removed.
/// </summary>
public sealed class KeyFile : IDisposable
{
    /// <summary>In bytes; no key file is longer.</summary>
    public const int MaxSize = 1024;

    private const string Start = "keyladder-key-file/";
    private const string Version = "v1";
    private const byte LineEnd = (byte)'\n';
    private const int SecretLength = 43;
    private const int CheckSize = 8;
    private const int CheckLength = 11;

    private readonly DeviceSecret secret;

    /// <param name="service">Of the Keystore.</param>
    /// <param name="account">There.</param>
    /// <param name="secret">Belongs to the key file from here on.</param>
    /// <exception cref="ArgumentException">The connection to the service would be open to everybody on the way, or its address is too long.</exception>
    public KeyFile(Origin service, AccountId account, DeviceSecret secret)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(secret);
        (Service, Account, this.secret) = (service, account, secret);
        if (!service.IsSecure || Size > MaxSize)
            throw new ArgumentException("A key file is for a service at an https address of usual length, or on this machine.", nameof(service));
    }

    /// <summary>Of the Keystore.</summary>
    public Origin Service { get; }

    /// <summary>There.</summary>
    public AccountId Account { get; }

    /// <summary>In bytes: what <see cref="DangerousWriteTo"/> writes.</summary>
    public int Size => Head.Length + SecretLength + 1 + CheckLength + 1;

    private string Head => $"{Start}{Version}\n{Service}\n{Account}\n";

    /// <summary>Reads what <see cref="DangerousWriteTo"/> wrote, and nothing else; the caller clears it.</summary>
    /// <param name="file">All of the file.</param>
    /// <param name="keyFile">To be disposed of.</param>
    /// <param name="fault">Why it is none.</param>
    public static bool TryParse(ReadOnlySpan<byte> file, [NotNullWhen(true)] out KeyFile? keyFile, [NotNullWhen(false)] out KeyFileFault? fault)
    {
        keyFile = null;
        fault = KeyFileFault.NotAKeyFile;
        var rest = file;
        if (!TryReadLine(ref rest, out var first) || first.Length < Start.Length || !Ascii.Equals(first[..Start.Length], Start))
            return false;
        fault = KeyFileFault.Version;
        if (!Ascii.Equals(first[Start.Length..], Version))
            return false;
        fault = KeyFileFault.Damaged;
        if (file.Length > MaxSize
            || !TryReadLine(ref rest, out var service) || !Origin.TryParse(Text(service), out var origin) || !origin.IsSecure
            || !TryReadLine(ref rest, out var id) || !AccountId.TryParse(Text(id), out var account)
            || !TryReadLine(ref rest, out var encoded) || rest.Length != CheckLength + 1 || !TryDecode(encoded, out var secret))
            return false;
        // It has one form: what it would be written as is what it is, the check with it.
        var read = new KeyFile(origin, account, secret);
        if (read.IsWrittenAs(file))
            (keyFile, fault) = (read, null);
        else
            read.Dispose();
        return keyFile is not null;
    }

    /// <summary>Writes the bytes for a file that only its owner can read; the caller clears the buffer.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes, which is what is written.</param>
    public void DangerousWriteTo(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, Size, nameof(destination));
        Span<byte> bytes = stackalloc byte[DeviceSecret.Size];
        Span<byte> check = stackalloc byte[SHA256.HashSizeInBytes];
        try
        {
            secret.DangerousWriteTo(bytes);
            WriteCheck(bytes, check);
            var written = Encoding.ASCII.GetBytes(Head, destination);
            written += Base64Url.EncodeToUtf8(bytes, destination[written..]);
            destination[written++] = LineEnd;
            written += Base64Url.EncodeToUtf8(check[..CheckSize], destination[written..]);
            destination[written] = LineEnd;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>What unlocks the account, to be disposed of.</summary>
    public UnlockSecret ToUnlockSecret() => UnlockSecret.FromDevice(secret);

    public void Dispose() => secret.Dispose();

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(KeyFile);

    private static bool TryReadLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        var end = rest.IndexOf(LineEnd);
        line = end < 0 ? [] : rest[..end];
        rest = end < 0 ? rest : rest[(end + 1)..];
        return end >= 0;
    }

    private static string? Text(ReadOnlySpan<byte> line) => Ascii.IsValid(line) ? Encoding.ASCII.GetString(line) : null;

    private static bool TryDecode(ReadOnlySpan<byte> line, [NotNullWhen(true)] out DeviceSecret? secret)
    {
        secret = null;
        Span<byte> bytes = stackalloc byte[DeviceSecret.Size];
        try
        {
            return line.Length == SecretLength
                && Base64Url.DecodeFromUtf8(line, bytes, out _, out var written) == OperationStatus.Done
                && DeviceSecret.TryImport(bytes[..written], out secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private bool IsWrittenAs(ReadOnlySpan<byte> file)
    {
        Span<byte> written = stackalloc byte[Size];
        DangerousWriteTo(written);
        try
        {
            return CryptographicOperations.FixedTimeEquals(written, file);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(written);
        }
    }

    // As in SecretKey: the secret takes its place on the stack, and no array has to be found and zeroed.
    private void WriteCheck(ReadOnlySpan<byte> bytes, Span<byte> check)
    {
        var encoded = Fields.Encode(Labels.KeyFileCheck, Service.ToString(), Account, new byte[DeviceSecret.Size]);
        Span<byte> input = stackalloc byte[encoded.Length];
        try
        {
            encoded.CopyTo(input);
            bytes.CopyTo(input[^DeviceSecret.Size..]);
            SHA256.HashData(input, check);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(input);
        }
    }
}
