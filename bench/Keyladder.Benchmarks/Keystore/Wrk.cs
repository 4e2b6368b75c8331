using System.Diagnostics;
using System.Globalization;

namespace Keyladder.Benchmarks.Keystore;

/// <summary>wrk -t1 -c32, which Debian packages.</summary>
internal static class Wrk
{
    /// <returns>Requests in a second.</returns>
    public static async Task<double> RunAsync(Uri address, string? script, int seconds, int connections = 32)
    {
        var start = new ProcessStartInfo("wrk", ["-t1", $"-c{connections}", $"-d{seconds}s", .. script is null ? (string[])[] : ["-s", script], address.AbsoluteUri])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var result = output.Split('\n').Single(line => line.StartsWith("result ", StringComparison.Ordinal)).Split(' ');
        var (requests, microseconds, refused) = (Number(result[1]), Number(result[2]), Number(result[3]));
        return refused == 0
            ? requests * 1e6 / microseconds
            : throw new InvalidOperationException($"{refused} of {requests} requests were refused.");
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
