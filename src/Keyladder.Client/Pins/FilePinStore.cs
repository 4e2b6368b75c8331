using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>
/// Remembers in a folder that only its owner can read: one small file per account, replaced as a whole, and a lock file beside it, so that
/// processes that share the folder take turns. Keep it where no backup puts an old copy back.
/// </summary>
/// <param name="folder">Made on the first write if it is not there.</param>
public sealed class FilePinStore(string folder) : IPinStore
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _folder = Path.GetFullPath(folder);

    public async Task<HeadPin?> GetAsync(AccountId account, CancellationToken cancellationToken = default)
    {
        try
        {
            var json = await ReadAsync(PathOf(account), cancellationToken).ConfigureAwait(false);
            return StrictJson.TryRead(json, PinJson.Strict.PinFile, out var file) && file.Account == account.ToString()
                ? file.ToPin()
                : throw Unreadable(account, inner: null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Unreadable(account, e);
        }
    }

    public async Task<bool> TryReplaceAsync(
        AccountId account, HeadPin expected, HeadPin next, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(next);
        try
        {
            var turn = await PrivateFile.TakeTurnAsync(PathOf(account), Patience, cancellationToken).ConfigureAwait(false);
            await using (turn.ConfigureAwait(false))
            {
                var current = await GetAsync(account, cancellationToken).ConfigureAwait(false) ?? HeadPin.None;
                if (current.Number != expected.Number || current.Hash != expected.Hash)
                    return false;
                Write(account, PinFile.Of(account, next));
                return true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(account, e);
        }
    }

    // Shared in every way, so that on no system a reader stands in the way of the next pin.
    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await using (file.ConfigureAwait(false))
        {
            var json = new byte[file.Length];
            await file.ReadExactlyAsync(json, cancellationToken).ConfigureAwait(false);
            return json;
        }
    }

    private void Write(AccountId account, PinFile pin)
    {
        using var file = PrivateFile.Begin(PathOf(account));
        file.Write(StrictJson.Write(pin, PinJson.Strict.PinFile));
        PrivateFile.Complete(file, PathOf(account));
    }

    private string PathOf(AccountId account) => Path.Combine(_folder, $"{account}.pin");

    private KeyladderException Unreadable(AccountId account, Exception? inner) => new(
        FailureReason.PinUnreadable,
        $"What this device remembers of the account, {PathOf(account)}, cannot be read or replaced.",
        "Look after the file and the folder. Without the file this device forgets the account and notices no older one being shown.",
        inner);
}

/// <summary>The content of a pin's file; byte strings in base64url.</summary>
internal sealed record PinFile(
    string Account, long Number, byte[] Hash, byte[] Root, long Count, byte[][] Ancestors, long? Restored = null, DateOnly? Day = null, byte[][]? Followed = null,
    bool? Deleted = null)
{
    public static PinFile Of(AccountId account, HeadPin pin) =>
        new(
            account.ToString(),
            pin.Number,
            pin.Hash.ToArray(),
            pin.Root.ToArray(),
            pin.Count,
            [.. pin.Ancestors.Select(hash => hash.ToArray())],
            pin.Restored == 0 ? null : pin.Restored,
            pin.Day,
            pin.Followed.Count == 0 ? null : [.. pin.Followed.Select(hash => hash.ToArray())],
            pin.IsDeleted ? true : null);

    /// <exception cref="ArgumentException">A hash is none, or the number of ancestors is not that of such a head.</exception>
    public HeadPin ToPin() => new(Number, new Hash256(Hash), new Hash256(Root), Count, [.. Ancestors.Select(hash => new Hash256(hash))])
    {
        Day = Day,
        IsDeleted = Deleted ?? false,
        Followed = Followed is null or { Length: > 0 and <= HeadPin.MaxFollowed }
            ? [.. (Followed ?? []).Select(hash => new Hash256(hash))]
            : throw new ArgumentException("No pin keeps so many heads."),
        Restored = Restored is null or > 0 ? Restored ?? 0 : throw new ArgumentException("No service shows such a restore number."),
    };
}

[JsonSerializable(typeof(PinFile))]
internal sealed partial class PinJson : JsonSerializerContext
{
    public static PinJson Strict { get; } = new(StrictJson.CreateOptions());
}
