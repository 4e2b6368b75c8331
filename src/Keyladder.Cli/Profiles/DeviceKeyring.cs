using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Keyladder.Cli.Terminal;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Cli.Profiles;

/// <summary>
/// An entry of the desktop's keyring, GNOME Keyring for example (docs/decisions/0018-keyring.md). It is found by a random number, which the profile
/// notes: whoever lists the keyring learns that keyladder is used, and of no account, service or device.
/// </summary>
/// <param name="patience">For a keyring that has to ask a person first; null for the usual.</param>
internal sealed class DeviceKeyring(Profile profile, TimeSpan? patience = null) : DeviceStore
{
    private const int EntryLength = 32;
    private const int TextLength = 43;

    private static readonly TimeSpan TimeToType = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TimeToAnswer = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _toType = patience ?? TimeToType;
    private readonly TimeSpan _toAnswer = patience ?? TimeToAnswer;

    public override string Name => "keyring";

    public override bool Exists => profile.ReadKeyringEntry() is not null;

    /// <summary>The number by which the entry is found; null where this device has none.</summary>
    public string? Entry => profile.ReadKeyringEntry();

    /// <summary>What a person types to remove an entry that stayed.</summary>
    public static string ByHand(string entry) => $"secret-tool {string.Join(' ', Named("clear", entry))}";

    /// <summary>Before anything is asked or made: is there a keyring? It may be locked.</summary>
    /// <exception cref="Failure">There is none.</exception>
    public Task RequireAsync(CancellationToken cancellationToken) => HoldsAsync(NewEntry(), cancellationToken);

    public override async Task<DeviceSecret> CreateAsync(CancellationToken cancellationToken)
    {
        var entry = NewEntry();
        // Before the secret is anywhere: however this ends, the next `device add` finds here what it has to remove.
        profile.WriteKeyringEntry(entry);
        var bytes = GC.AllocateArray<byte>(DeviceSecret.Size, pinned: true);
        var text = GC.AllocateArray<byte>(TextLength, pinned: true);
        using var wipedBytes = new Wiped(bytes);
        using var wipedText = new Wiped(text);
        var secret = DeviceSecret.Generate();
        try
        {
            secret.DangerousWriteTo(bytes);
            Base64Url.EncodeToUtf8(bytes, text);
            if (await SecretTool.RunAsync([.. Named("store", entry), "--label=Keyladder: the secret of this device"], text, new byte[1], _toType, cancellationToken) is not null)
                return secret;
            await HoldsAsync(entry, cancellationToken);
            throw new Failure(
                ExitCode.NotFound, "The keyring takes nothing: it is locked, or has never been set up.", "Unlock it on the desktop and run the command again, or leave out --keyring.");
        }
        catch
        {
            secret.Dispose();
            throw;
        }
    }

    public override async Task<DeviceSecret> ReadAsync(CancellationToken cancellationToken)
    {
        profile.Create();
        var entry = Entry ?? throw new Failure(ExitCode.NotFound, "This device has no secret of its own.", "Run `keyladder device add`, once, with your words or passphrase.");
        // One byte more than there may be, to see that there is none.
        var text = GC.AllocateArray<byte>(TextLength + 1, pinned: true);
        var bytes = GC.AllocateArray<byte>(DeviceSecret.Size, pinned: true);
        using var wipedText = new Wiped(text);
        using var wipedBytes = new Wiped(bytes);
        if (await SecretTool.RunAsync(Named("lookup", entry), default, text, _toType, cancellationToken) is { } length)
        {
            return length == TextLength && Base64Url.DecodeFromUtf8(text.AsSpan(0, length), bytes, out _, out var written) == OperationStatus.Done
                && DeviceSecret.TryImport(bytes.AsSpan(0, written), out var secret)
                ? secret
                : throw Failure.Usage("What the keyring holds for this device is not a device's secret: it was changed.", "Unlock with `keyladder unlock --ask`, remove the device and add it again.");
        }

        throw await HoldsAsync(entry, cancellationToken)
            ? new Failure(ExitCode.NotFound, "The keyring is locked.", "Unlock it on the desktop and run the command again, or unlock with `keyladder unlock --ask`.")
            : new Failure(
                ExitCode.NotFound, "The keyring has no entry for this device: it was removed there, or this is another keyring.", "Unlock with `keyladder unlock --ask`, remove the device and add it again.");
    }

    /// <returns>Null; or the entry, where the keyring could not be brought to remove it.</returns>
    public async Task<string?> RemoveAsync(CancellationToken cancellationToken)
    {
        if (Entry is not { } entry)
            return null;
        bool stays;
        try
        {
            await SecretTool.RunAsync(Named("clear", entry), default, new byte[1], _toAnswer, cancellationToken);
            stays = await HoldsAsync(entry, cancellationToken);
        }
        catch (Failure)
        {
            stays = true;
        }

        profile.RemoveKeyringEntry();
        return stays ? entry : null;
    }

    /// <summary>Does not unlock it. Where it is unlocked the secret would be printed with the rest: one byte is read, which tells that there is something.</summary>
    /// <exception cref="Failure">There is no keyring.</exception>
    private async Task<bool> HoldsAsync(string entry, CancellationToken cancellationToken) =>
        await SecretTool.RunAsync(Named("search", entry), default, new byte[1], _toAnswer, cancellationToken) is { } length
            ? length > 0
            : throw new Failure(
                ExitCode.NotFound,
                "No keyring can be reached from here: none runs in this session, as is usual on servers and over SSH.",
                "Run the command in a terminal of the desktop, or do without: `keyladder device add` without --keyring, `keyladder unlock --ask`.");

    private static string NewEntry() => RandomNumberGenerator.GetHexString(EntryLength, lowercase: true);

    private static string[] Named(string command, string entry) => [command, "application", "keyladder", "entry", entry];
}
