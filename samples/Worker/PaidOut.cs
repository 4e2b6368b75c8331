using Keyladder.Cryptography;

namespace Keyladder.Samples.Worker;

/// <summary>
/// What has been paid for, in a file with a line for each relationship, share and number. Where two workers run, it has to be one table of theirs, with these three as its key.
/// </summary>
internal sealed class PaidOut(string path)
{
    private readonly HashSet<string> _lines = File.Exists(path) ? [.. File.ReadAllLines(path)] : [];

    /// <returns>False where it is there already.</returns>
    public async Task<bool> TryAddAsync(RelationshipId relationship, ShareId share, long number, CancellationToken cancellationToken)
    {
        var line = $"{relationship} {share} {number}";
        if (_lines.Contains(line))
            return false;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using (var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            await file.WriteAsync(System.Text.Encoding.ASCII.GetBytes(line + "\n"), cancellationToken);
            file.Flush(flushToDisk: true);
        }

        return _lines.Add(line);
    }
}
