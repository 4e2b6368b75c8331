using System.Diagnostics;
using System.Globalization;

namespace Keyladder.Benchmarks.Keystore;

/// <summary>wrk -t1 -c32, which Debian packages.</summary>
internal static class Wrk
{
    /// <summary>The part of a script that ends with a line of how many answers there were, and how many were not 200.</summary>
    public const string Result = """
        local threads = {}
        function setup(thread) table.insert(threads, thread) end
        refused = 0
        function response(status) if status ~= 200 then refused = refused + 1 end end
        function done(summary)
          local count = 0
          for _, thread in ipairs(threads) do count = count + thread:get("refused") end
          local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
          print(string.format("result %d %d %d", summary.requests, summary.duration, count + errors))
        end
        """;

    /// <returns>Requests in a second.</returns>
    public static async Task<double> RunAsync(Uri address, string script, int seconds, int connections = 32) =>
        (await MeasureAsync(address, script, seconds, connections)).Rate;

    /// <returns>How many were answered, and how many in a second.</returns>
    public static async Task<(long Requests, double Rate)> MeasureAsync(Uri address, string script, int seconds, int connections)
    {
        var start = new ProcessStartInfo("wrk", ["-t1", $"-c{connections}", $"-d{seconds}s", "--timeout", "30s", "-s", script, address.AbsoluteUri])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var result = output.Split('\n').Single(line => line.StartsWith("result ", StringComparison.Ordinal)).Split(' ');
        var (requests, microseconds, refused) = (Number(result[1]), Number(result[2]), Number(result[3]));
        return refused == 0
            ? (requests, requests * 1e6 / microseconds)
            : throw new InvalidOperationException($"{refused} of {requests} requests were refused.");
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
