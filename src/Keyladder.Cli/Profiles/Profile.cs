using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Profiles;

/// <param name="Server">The service that this device used last.</param>
/// <param name="Device">Null where the device has no secret of its own.</param>
/// <param name="NoCopy">True where the device is to keep no copy of a Vault.</param>
internal sealed record ProfileSettings(string Server, DeviceSettings? Device = null, bool? NoCopy = null);

/// <param name="Server">Where its secret opens an account.</param>
/// <param name="Id">Of its slot.</param>
/// <param name="Name">What its owner calls it.</param>
internal sealed record DeviceSettings(string Server, string Id, string Name);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(ProfileSettings))]
internal sealed partial class ProfileJson : JsonSerializerContext;

/// <summary>
/// A folder that only its owner can read: the service's address, pins, the note where the agent listens and, if there is one, the Secret Key and the
/// secret of this device or the note which entry of the keyring holds it. Never a passphrase, words or keys.
/// </summary>
internal sealed class Profile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public Profile(string folder) => Folder = Path.GetFullPath(folder);

    public string Folder { get; }

    public string Pins => Path.Combine(Folder, "pins");

    /// <summary>Sealed copies of Vaults, and what opens the account while its service cannot be reached.</summary>
    public string Copies => Path.Combine(Folder, "copies");

    public string SecretKeyFile => Path.Combine(Folder, "secret-key");

    public string RecoveryDeviceFile => Path.Combine(Folder, "recovery-device");

    private string SettingsFile => Path.Combine(Folder, "profile.json");

    private string NextSecretKeyFile => SecretKeyFile + ".next";

    private string AgentNote => Path.Combine(Folder, "agent");

    private string KeyringNote => Path.Combine(Folder, "device-keyring");

    /// <summary><c>--profile</c>, else KEYLADDER_PROFILE, else the usual place for a program's settings.</summary>
    public static Profile At(string? folder)
    {
        folder ??= Environment.GetEnvironmentVariable("KEYLADDER_PROFILE");
        if (string.IsNullOrEmpty(folder))
            folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "keyladder");
        return new Profile(folder);
    }

    public void Create()
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(Folder);
            else
                Directory.CreateDirectory(Folder, OwnerOnly | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable();
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(Folder) & ~(OwnerOnly | UnixFileMode.UserExecute)) != 0)
            throw Failure.Usage($"Others can read the profile folder {Folder}.", $"Close it with `chmod 700 '{Folder}'`, or choose another with --profile.");
    }

    public ProfileSettings? ReadSettings()
    {
        try
        {
            using var file = File.OpenRead(SettingsFile);
            return JsonSerializer.Deserialize(file, ProfileJson.Default.ProfileSettings);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable();
        }
        catch (JsonException)
        {
            throw Failure.Usage($"{SettingsFile} is not a profile.", "Move it away and run `keyladder unlock --server ADDRESS`.");
        }
    }

    public void Write(ProfileSettings settings) => Replace(SettingsFile, JsonSerializer.SerializeToUtf8Bytes(settings, ProfileJson.Default.ProfileSettings));

    /// <summary>The Secret Key's code as UTF-8, or null. The caller wipes it.</summary>
    public byte[]? ReadSecretKey() => Read(SecretKeyFile) ?? Read(NextSecretKeyFile);

    /// <summary>The one that a change of passphrase was about to bring, if it was cut off and <paramref name="code"/> is the one before; the caller wipes it.</summary>
    public byte[]? ReadNextSecretKey(ReadOnlySpan<byte> code)
    {
        var current = Read(SecretKeyFile) ?? [];
        using var wiped = new Wiped(current);
        return CryptographicOperations.FixedTimeEquals(code, current) ? Read(NextSecretKeyFile) : null;
    }

    /// <summary>This one has opened the account: it is the only one now.</summary>
    /// <returns>False if it lies there already.</returns>
    public bool WriteSecretKey(ReadOnlySpan<byte> code)
    {
        var known = Read(SecretKeyFile) ?? [];
        using var wiped = new Wiped(known);
        var isNew = !CryptographicOperations.FixedTimeEquals(known, code);
        if (isNew)
            Replace(SecretKeyFile, code);
        File.Delete(NextSecretKeyFile);
        return isNew;
    }

    /// <summary>Beside the one in force: from here on either may be the right one, whenever and however the change ends.</summary>
    public void WriteNextSecretKey(ReadOnlySpan<byte> code) => Replace(NextSecretKeyFile, code);

    public void RemoveSecretKey()
    {
        File.Delete(SecretKeyFile);
        File.Delete(NextSecretKeyFile);
    }

    /// <summary>What makes this device a known one of a Passphrase Store's record, as its file holds it; null where it is none. The caller wipes it.</summary>
    public byte[]? ReadRecoveryDevice() => Read(RecoveryDeviceFile);

    public void WriteRecoveryDevice(ReadOnlySpan<byte> device) => Replace(RecoveryDeviceFile, device);

    public void RemoveRecoveryDevice() => File.Delete(RecoveryDeviceFile);

    public string? ReadAgentSocket() => File.Exists(AgentNote) ? File.ReadAllText(AgentNote).Trim() : null;

    public void WriteAgentSocket(string path) => Replace(AgentNote, System.Text.Encoding.UTF8.GetBytes(path));

    public void RemoveAgentSocket() => File.Delete(AgentNote);

    /// <summary>Which entry of the desktop's keyring holds the secret of this device; null where none does. No secret.</summary>
    public string? ReadKeyringEntry() => File.Exists(KeyringNote) ? File.ReadAllText(KeyringNote).Trim() : null;

    public void WriteKeyringEntry(string entry) => Replace(KeyringNote, System.Text.Encoding.UTF8.GetBytes(entry));

    public void RemoveKeyringEntry() => File.Delete(KeyringNote);

    /// <summary>One unlock at a time: two would leave an agent behind that no command reaches.</summary>
    public async Task<IDisposable> EnterUnlockAsync(CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(Path.Combine(Folder, "unlock.lock"), ForOwner(FileMode.OpenOrCreate, FileAccess.ReadWrite));
            }
            catch (IOException) when (tries < 600)
            {
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    private static byte[]? Read(string path) => File.Exists(path) ? File.ReadAllBytes(path) : null;

    private Failure Unusable() => new(
        ExitCode.NotFound, $"The profile folder {Folder} cannot be used.", "Check who may read and write there, or choose another with --profile FOLDER.");

    private void Replace(string path, ReadOnlySpan<byte> content)
    {
        Create();
        var next = path + ".new";
        using (var file = new FileStream(next, ForOwner(FileMode.Create, FileAccess.Write)))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }

    private static FileStreamOptions ForOwner(FileMode mode, FileAccess access)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        return options;
    }
}
