using System.ComponentModel;
using System.Diagnostics;

namespace Repository.Tests;

/// <summary>
/// testdata/vectors is what tools/vectors makes: nobody has fitted a file to our own code by hand. It needs Node, which a build does not; where there is
/// none, these report themselves as skipped, and the files are run against our code all the same.
/// </summary>
public sealed class SecondEncoderTests
{
    [Fact]
    public Task The_vectors_on_disk_are_what_it_makes() => NodeAsync("tools/vectors/make.mjs", "--check");

    [Fact]
    public Task It_agrees_with_published_vectors() => NodeAsync("--test", "tools/vectors/public.test.mjs");

    private static async Task NodeAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("node", arguments) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        Process? node = null;
        try
        {
            node = Process.Start(start);
        }
        catch (Win32Exception)
        {
            Assert.Skip("Node is not installed.");
        }

        using (node)
        {
            var cancelled = TestContext.Current.CancellationToken;
            var said = await Task.WhenAll(node!.StandardOutput.ReadToEndAsync(cancelled), node.StandardError.ReadToEndAsync(cancelled));
            await node.WaitForExitAsync(cancelled);
            Assert.True(node.ExitCode == 0, string.Concat(said));
        }
    }
}
