using System.Runtime.Versioning;
using Keyladder.Cli.Profiles;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Cli.Tests;

/// <summary>The file that opens an account alone.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DeviceFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-device-");

    private Profile Profile => new(Path.Combine(_folder.FullName, "profile"));

    private DeviceFile Kept => new(Profile);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void It_is_its_owners_alone_and_is_read_as_it_was_written()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mode bits.");
        using var made = Kept.Create();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Kept.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Profile.Folder));
        using var read = Kept.Read();
        Assert.Equal(BytesOf(made), BytesOf(read));
        Assert.Equal(BytesOf(made), File.ReadAllBytes(Kept.Path));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void One_that_others_can_reach_is_refused(UnixFileMode more)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mode bits.");
        Kept.Create().Dispose();
        File.SetUnixFileMode(Kept.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);
        var failure = Assert.Throws<Failure>(() => Kept.Read());
        Assert.Contains("chmod 600", failure.Next, StringComparison.Ordinal);
        File.SetUnixFileMode(Kept.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Kept.Read().Dispose();
    }

    [Fact]
    public void One_in_a_folder_that_others_can_enter_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mode bits.");
        Kept.Create().Dispose();
        File.SetUnixFileMode(Profile.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        Assert.Contains("chmod 700", Assert.Throws<Failure>(() => Kept.Read()).Next, StringComparison.Ordinal);
        Assert.Throws<Failure>(() => new DeviceFile(Profile).Create());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(1 << 20)]
    public void One_of_another_length_is_refused(int length)
    {
        Kept.Create().Dispose();
        File.WriteAllBytes(Kept.Path, new byte[length]);
        Assert.Contains("damaged", Assert.Throws<Failure>(() => Kept.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_there_is_never_written_over_not_even_through_a_link()
    {
        Kept.Create().Dispose();
        var before = File.ReadAllBytes(Kept.Path);
        Assert.Equal(ExitCode.NotFound, Assert.Throws<Failure>(() => Kept.Create()).Code);
        Assert.Equal(before, File.ReadAllBytes(Kept.Path));

        Kept.Remove();
        var elsewhere = Path.Combine(_folder.FullName, "elsewhere");
        File.CreateSymbolicLink(Kept.Path, elsewhere);
        Assert.Throws<Failure>(() => Kept.Create());
        Assert.False(File.Exists(elsewhere));
    }

    [Fact]
    public void Where_there_is_none_it_says_how_to_get_one() =>
        Assert.Contains("device add", Assert.Throws<Failure>(() => Kept.Read()).Next, StringComparison.Ordinal);

    private static byte[] BytesOf(DeviceSecret secret)
    {
        var bytes = new byte[DeviceSecret.Size];
        secret.DangerousWriteTo(bytes);
        return bytes;
    }
}
