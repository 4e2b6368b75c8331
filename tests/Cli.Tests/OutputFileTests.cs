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

    private static Task WriteAsync(string path, string text) =>
        FileTransfer.WriteAsync(path, binary: true, async output => await output.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken));

    private static Task<string> ReadAsync(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
}
