using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Vault;

/// <summary>The attachments' folder of a service, and its sweeper.</summary>
internal static class StoredAttachments
{
    public static string Folder(RunningService service) => Path.Combine(service.Database.Folder.FullName, "attachments");

    /// <summary>Lengths of the files, in order.</summary>
    public static List<long> Files(RunningService service) => Directory.Exists(Folder(service))
        ? [.. Directory.EnumerateFiles(Folder(service), "*", SearchOption.AllDirectories).Select(file => new FileInfo(file).Length).Order()]
        : [];

    /// <summary>Time goes by, and what has ended is swept.</summary>
    public static async Task PassAsync(RunningService service, TimeSpan time)
    {
        foreach (var path in Directory.EnumerateFiles(Folder(service), "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(path, service.Time.GetUtcNow().UtcDateTime);
        service.Time.Move(time);
        await service.SweepAttachmentsAsync();
    }
}
