using System.Data.Common;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Keyladder.Vault.Attachments;

/// <summary>Removes attachments that have ended, and then files that no row names: theirs, those of accounts that were deleted, and parts that were cut off.</summary>
internal sealed class AttachmentSweeper(AttachmentFiles files, Database database, TimeProvider time, ILogger<AttachmentSweeper> logger) : BackgroundService
{
    private const int FilesAtOnce = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    // A file is there before its row: so long, at most, is a part under way.
    private static readonly TimeSpan UnderWay = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is ProblemException or DbException or IOException or UnauthorizedAccessException)
            {
                // The next round tries again.
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SweepAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var ended = await database.WriteAsync(
            transaction => transaction.ExecuteAsync(
                new Statement("DELETE FROM attachments WHERE expires <= @now;") { { "now", now.ToUnixTimeMilliseconds() } }, cancellation),
            cancellation);
        var removed = 0;
        foreach (var group in files.WrittenBefore((now - UnderWay).UtcDateTime).Chunk(FilesAtOnce))
        {
            var named = await database.ReadAsync(
                new Statement($"SELECT file FROM attachment_parts WHERE file IN ({Statement.EachOf("files")});") { { "files", group.Select(file => file.ToString()) } },
                async rows => (await rows.ListAsync(row => Guid.Parse(row.GetString(0)), cancellation)).ToHashSet(),
                cancellation);
            foreach (var file in group.Where(file => !named.Contains(file)))
            {
                files.Delete(file);
                removed++;
            }
        }

        VaultLog.AttachmentsSwept(logger, ended, removed);
    }
}
