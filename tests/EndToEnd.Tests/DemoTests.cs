using System.Diagnostics;
using Keyladder.Vectors;

namespace Keyladder.EndToEnd.Tests;

/// <summary>What <c>./demo</c> shows a newcomer, as it was built with the tests. Each of its steps checks what it claims.</summary>
public class DemoTests
{
    [Fact]
    public async Task The_demo_does_the_main_job()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory); // bin/<configuration>/net10.0: the demo's are the same
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(Clone.Root, "tools", "Keyladder.Demo", "bin", here.Parent!.Name, here.Name, "Keyladder.Demo.dll"));
        using var demo = Process.Start(start)!;
        var output = demo.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = demo.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await demo.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(demo.ExitCode == 0, await errors + await output);
        Assert.Contains(": 0 hits", await output, StringComparison.Ordinal);
        Assert.Contains("Try next:", await output, StringComparison.Ordinal);
    }
}
