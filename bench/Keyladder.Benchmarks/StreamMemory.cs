using System.Diagnostics;
using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Benchmarks;

/// <summary>The peak memory of a process that seals a file and opens it again, for 1 KiB and for 1 GiB. Bound: 16 MiB apart.</summary>
internal static class StreamMemory
{
    private const long Small = 1L << 10;
    private const long Large = 1L << 30;
    private const long Bound = 16L << 20;

    public static int Compare()
    {
        var file = Path.GetTempFileName();
        try
        {
            var small = PeakOf(file, Small);
            var large = PeakOf(file, Large);
            Console.WriteLine($"peak for 1 KiB {Mebibytes(small)}, for 1 GiB {Mebibytes(large)}: {Mebibytes(large - small)} more (bound {Mebibytes(Bound)})");
            return large - small <= Bound ? 0 : 1;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>In a process of its own: writes its peak resident set to standard output.</summary>
    public static int SealAndOpen(string file, long length)
    {
        using var key = SecretBytes.Generate(32);
        var context = Fields.Encode("file/v1/sharing");

        using (var target = File.Create(file))
        using (var sealing = new SealingStream(target, key, context))
        {
            var block = new byte[80 * 1024];
            for (var rest = length; rest > 0; rest -= Math.Min(rest, block.Length))
                sealing.Write(block.AsSpan(0, (int)Math.Min(rest, block.Length)));
            sealing.Complete();
        }

        using var source = File.OpenRead(file);
        var header = new byte[Envelope.HeaderLength];
        source.ReadExactly(header);
        using var opening = new OpeningStream(source, header, key, context);
        opening.CopyTo(Stream.Null);
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(self.PeakWorkingSet64.ToString(CultureInfo.InvariantCulture));
        return opening.Position == length ? 0 : 1;
    }

    private static long PeakOf(string file, long length)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in (string[])["stream-memory", file, length.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? long.Parse(output, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The measured process ended with {process.ExitCode}.");
    }

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB");
}
