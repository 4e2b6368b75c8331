using System.Security.Cryptography;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Cli.Profiles;

/// <summary>A file in the profile that only its owner can read.</summary>
internal sealed class DeviceFile(Profile profile) : DeviceStore
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Path { get; } = System.IO.Path.Combine(profile.Folder, "device-secret");

    public override string Name => "file";

    public override bool Exists => File.Exists(Path);

    public override Task<DeviceSecret> CreateAsync(CancellationToken cancellationToken) => Task.FromResult(Create());

    public override Task<DeviceSecret> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(Read());

    /// <summary>Makes the secret and writes it, to a file that was not there, on the disk before this returns.</summary>
    public DeviceSecret Create()
    {
        profile.Create();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        var secret = DeviceSecret.Generate();
        var bytes = GC.AllocateArray<byte>(DeviceSecret.Size, pinned: true);
        try
        {
            secret.DangerousWriteTo(bytes);
            using var file = new FileStream(Path, options);
            file.Write(bytes);
            file.Flush(flushToDisk: true);
            return secret;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            secret.Dispose();
            throw new Failure(ExitCode.NotFound, $"{Path} cannot be written.", "Check who may write there and how much room is left, and run the command again.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <exception cref="Failure">It is not there, not a device's secret, or others can read it: then it is none any more.</exception>
    public DeviceSecret Read()
    {
        profile.Create();
        // One byte more than there may be, to see that there is none.
        var bytes = GC.AllocateArray<byte>(DeviceSecret.Size + 1, pinned: true);
        try
        {
            using var file = new FileStream(Path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, BufferSize = 0 });
            // Of what was opened, not of what has the name by now.
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & ~OwnerOnly) != 0)
            {
                throw Failure.Usage(
                    $"Others can read this device's secret in {Path}.",
                    $"If nobody did, close it with `chmod 600 '{Path}'`. If somebody may have: `keyladder unlock --ask`, `keyladder device remove ID`, `keyladder device add`.");
            }

            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return DeviceSecret.TryImport(bytes.AsSpan(0, length), out var secret)
                ? secret
                : throw Failure.Usage($"{Path} is not a device's secret: it is damaged.", "Unlock with `keyladder unlock --ask`, remove the device and add it again.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new Failure(ExitCode.NotFound, "This device has no secret of its own.", "Run `keyladder device add`, once, with your words or passphrase.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.NotFound, $"{Path} cannot be read.", "Check who may read it, or unlock with `keyladder unlock --ask`.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public void Remove() => File.Delete(Path);
}
