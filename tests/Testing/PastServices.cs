using System.Globalization;
using Microsoft.AspNetCore.Builder;

namespace Keyladder.Testing;

/// <summary>Copies of a service from the past, running beside it: what an operator who goes back has at hand.</summary>
internal sealed class PastServices : IAsyncDisposable
{
    private readonly List<(WebApplication Service, DirectoryInfo Folder)> _past = [];

    /// <summary>The service as it is now, kept: the same data and secret.</summary>
    /// <param name="real">On SQLite.</param>
    /// <param name="build">The same service over another folder, with the same origin.</param>
    public async Task<Uri> KeepAsync(ServiceHost real, Func<string, WebApplication> build)
    {
        var folder = Directory.CreateTempSubdirectory("keyladder-past-");
        var now = real.Database.Folder;
        foreach (var file in now.GetFiles().Where(file => !file.Name.Contains(".db", StringComparison.Ordinal)))
            file.CopyTo(Path.Combine(folder.FullName, file.Name));
        await using (var connection = await real.Database.OpenAsync())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = string.Create(CultureInfo.InvariantCulture, $"VACUUM INTO '{Path.Combine(folder.FullName, now.GetFiles("*.db").Single().Name)}'");
            await command.ExecuteNonQueryAsync();
        }

        var past = build(folder.FullName);
        await past.StartAsync();
        _past.Add((past, folder));
        return new Uri(past.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (service, folder) in _past)
        {
            await service.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }
}
