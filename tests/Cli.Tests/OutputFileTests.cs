using System.Diagnostics;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Tests;

/// <summary>Where a result goes: files are replaced when the work has succeeded, everything else is written to.</summary>
public sealed class OutputFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-output-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_file_below_dev_is_replaced_as_any_other()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "There is no /dev/shm here.");
        var folder = Directory.CreateDirectory($"/dev/shm/{_folder.Name}");
        try
        {
            var path = Path.Combine(folder.FullName, "result");
            await WriteAsync(path, "a long first result");
            await WriteAsync(path, "short");
            Assert.Equal("short", await ReadAsync(path));

            await Assert.ThrowsAsync<InvalidDataException>(() => FileTransfer.WriteAsync(path, binary: true, async output =>
            {
                await output.WriteAsync("not verified"u8.ToArray(), TestContext.Current.CancellationToken);
                throw new InvalidDataException();
            }));
            Assert.Equal("short", await ReadAsync(path));
            Assert.Single(folder.GetFiles());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_pipe_with_a_name_is_written_to_and_stays()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux says what a pipe is.");
        var path = Path.Combine(_folder.FullName, "pipe");
        using (var make = Process.Start("mkfifo", [path]))
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        var reading = Task.Run(() => ReadAsync(path), TestContext.Current.CancellationToken);

        await Task.Run(() => WriteAsync(path, "through"), TestContext.Current.CancellationToken);

        Assert.True(FileKind.IsWrittenInPlace(path));
        Assert.Equal("through", await reading.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_device_is_written_to_and_stays()
    {
        Assert.SkipUnless(File.Exists("/dev/null"), "There are no devices with names here.");
        await WriteAsync("/dev/null", "gone");
        Assert.True(FileKind.IsWrittenInPlace("/dev/null"));
    }

    [Fact]
    public async Task A_new_file_is_its_owners_alone_whole_or_not_there_and_takes_no_others_place()
    {
        var path = Path.Combine(_folder.FullName, "export");
        await Assert.ThrowsAsync<InvalidDataException>(() => FileTransfer.WriteNewAsync(path, async output =>
        {
            await output.WriteAsync("a part"u8.ToArray(), TestContext.Current.CancellationToken);
            throw new InvalidDataException();
        }));
        Assert.Empty(_folder.GetFiles());

        await FileTransfer.WriteNewAsync(path, output => output.WriteAsync("all"u8.ToArray(), TestContext.Current.CancellationToken).AsTask());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        await IsRefusedAsync(path);
        Assert.Equal("all", await ReadAsync(path));

        // A link that leads nowhere yet is a place that somebody else chose.
        var link = Path.Combine(_folder.FullName, "link");
        File.CreateSymbolicLink(link, Path.Combine(_folder.FullName, "elsewhere"));
        await IsRefusedAsync(link);

        // Made by somebody while it was written.
        var late = Path.Combine(_folder.FullName, "late");
        await Assert.ThrowsAsync<Failure>(() => FileTransfer.WriteNewAsync(late, _ => File.WriteAllTextAsync(late, "theirs", TestContext.Current.CancellationToken)));
        Assert.Equal("theirs", await ReadAsync(late));
        Assert.Equal(["export", "late", "link"], _folder.GetFileSystemInfos().Select(file => file.Name).Order(StringComparer.Ordinal));

        static async Task IsRefusedAsync(string path) =>
            Assert.Equal(ExitCode.Usage, (await Assert.ThrowsAsync<Failure>(() => FileTransfer.WriteNewAsync(path, _ => throw new InvalidOperationException()))).Code);
    }

    private static Task WriteAsync(string path, string text) =>
        FileTransfer.WriteAsync(path, binary: true, async output => await output.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken));

    private static Task<string> ReadAsync(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
}
