using System.Globalization;
using Keyladder.Testing;
using Microsoft.Win32.SafeHandles;

namespace Keyladder.EndToEnd.Tests.Memory;

/// <summary>
/// The memory of another process, as Linux shows it to whoever may trace the process: all that it can read, page by page. What it has
/// reserved and cannot read itself (the collector reserves hundreds of gigabytes) is left out.
/// </summary>
internal static class ProcessMemory
{
    private const int Piece = 1024 * 1024;
    private const int Page = 4096;

    // Longer than any form of a secret: what lies across two pieces is found in the first.
    private const int Overlap = Page;

    /// <summary>Why it cannot be looked at here, or null.</summary>
    public static string? WhyClosed(int process)
    {
        if (!OperatingSystem.IsLinux())
            return "the memory of another process is read from /proc, which Linux has";
        try
        {
            using var memory = Open(process);
            return RandomAccess.Read(memory, new byte[1], Mappings(process).First().Start) == 1 ? null : "/proc shows no memory";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"this system does not let a parent look into its child's memory: {e.Message}";
        }
    }

    /// <summary>One line for each place and secret: the mapping, and what stands there.</summary>
    public static IReadOnlyList<string> Find(int process, Canaries canaries)
    {
        using var memory = Open(process);
        var buffer = new byte[Piece + Overlap];
        var found = new List<string>();
        foreach (var (start, end, name) in Mappings(process))
        {
            for (var at = start; at < end; at += Piece)
            {
                var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at));
                Read(memory, piece, at);
                if (piece.ContainsAnyExcept((byte)0))
                    found.AddRange(canaries.FindIn(piece).Select(secret => string.Create(CultureInfo.InvariantCulture, $"{name} at {at:x}: {secret}")));
            }
        }

        return found;
    }

    private static SafeFileHandle Open(int process) => File.OpenHandle($"/proc/{process}/mem");

    // "7f12a000-7f12c000 rw-p 00000000 00:00 0    [stack]"
    private static IEnumerable<(long Start, long End, string Name)> Mappings(int process) =>
        from line in File.ReadAllLines($"/proc/{process}/maps")
        let parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries)
        where parts[1][0] == 'r' && !line.Contains("[v", StringComparison.Ordinal) // [vvar] and [vsyscall] are the kernel's
        let addresses = parts[0].Split('-')
        select (Hexadecimal(addresses[0]), Hexadecimal(addresses[1]), $"{parts[1]} {(parts.Length > 5 ? parts[5].Trim() : "anonymous")}");

    private static long Hexadecimal(string address) => long.Parse(address, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // A page that has gone meanwhile, or that lies behind the end of a mapped file, holds nothing.
    private static void Read(SafeFileHandle memory, Span<byte> target, long from)
    {
        target.Clear();
        for (var read = 0; read < target.Length;)
        {
            try
            {
                var more = RandomAccess.Read(memory, target[read..], from + read);
                read += more > 0 ? more : Page;
            }
            catch (IOException)
            {
                read += Page;
            }
        }
    }
}
