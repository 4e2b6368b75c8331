using System.ComponentModel;
using System.Diagnostics;

namespace Keyladder.Cli.Profiles;

/// <summary>
/// libsecret's <c>secret-tool</c>, by which the desktop's keyring is reached: the Secret Service of freedesktop.org, over D-Bus. Secrets go through
/// pipes, never into arguments. What it says on standard error is for nobody: its words differ by version and language.
/// </summary>
internal static class SecretTool
{
    private const string Program = "secret-tool";

    /// <param name="output">As much of what it prints as there is room; the caller clears it. Once it is full the program is ended.</param>
    /// <returns>How much it printed; null if it did not do what it was asked for.</returns>
    /// <exception cref="Failure">It is not installed, or was not done in time.</exception>
    public static async Task<int?> RunAsync(
        string[] arguments, ReadOnlyMemory<byte> input, Memory<byte> output, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var process = Start(arguments);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            var errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null, limit.Token);
            await WriteAsync(process, input, limit.Token);
            var length = await process.StandardOutput.BaseStream.ReadAtLeastAsync(output, output.Length, throwOnEndOfStream: false, limit.Token);
            if (length == output.Length)
                return length;
            await process.WaitForExitAsync(limit.Token);
            await errors;
            return process.ExitCode == 0 ? length : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new Failure(
                ExitCode.NotFound,
                $"The keyring did not answer within {patience.TotalSeconds:0} seconds.",
                "If it asks for its password on the desktop, answer there and run the command again. To do without it: `device add` without --keyring, `unlock --ask`.");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Where the program is. Not left to the runtime, which would look in the current folder before it looks in PATH.</summary>
    public static string? Find(string? searchPath) => searchPath?.Split(Path.PathSeparator)
        .Where(Path.IsPathFullyQualified).Select(folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists);

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo
        {
            FileName = Find(Environment.GetEnvironmentVariable("PATH")) ?? throw Missing(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw Missing();
        }
    }

    private static async Task WriteAsync(Process process, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read: its exit code says that it failed.
        }
    }

    private static Failure Missing() => new(
        ExitCode.NotFound,
        "There is no keyring that can be reached from here: the program secret-tool is not installed.",
        OperatingSystem.IsLinux()
            ? "Install it (libsecret-tools in Debian and Ubuntu, libsecret in Fedora and Arch), or do without: `device add` without --keyring, `unlock --ask`."
            : "Do without: `device add` without --keyring, `unlock --ask`. The keyrings of other systems than Linux are not used yet.");
}
