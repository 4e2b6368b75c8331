using System.Globalization;
using Keyladder.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Keyladder.Testing;

/// <summary>A Keystore whose operator lies: the real one behind a <see cref="LyingProxy"/>, and copies of it from the past.</summary>
public sealed class HostileKeystore : IAsyncLifetime
{
    private readonly List<(WebApplication Service, DirectoryInfo Folder)> _past = [];

    public LyingProxy Proxy { get; private set; } = null!;

    public KeystoreHost Real { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Proxy = await LyingProxy.StartAsync();
        Real = await KeystoreHost.StartAsync(Engine.Sqlite, origin: Proxy.Address);
        TellTheTruth();
    }

    public void TellTheTruth()
    {
        (Proxy.Lie, Proxy.Block, Proxy.Invent) = (null, null, null);
        Proxy.StandBefore(Real.Address);
    }

    /// <summary>The service as it is now, kept: the same data, secret and origin, running beside the real one.</summary>
    public async Task<Uri> KeepAsync()
    {
        var folder = Directory.CreateTempSubdirectory("keyladder-past-");
        var now = Real.Database.Folder;
        foreach (var file in now.GetFiles().Where(file => !file.Name.Contains(".db", StringComparison.Ordinal)))
            file.CopyTo(Path.Combine(folder.FullName, file.Name));
        await using (var connection = await Real.Database.OpenAsync())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = string.Create(CultureInfo.InvariantCulture, $"VACUUM INTO '{Path.Combine(folder.FullName, now.GetFiles("*.db").Single().Name)}'");
            await command.ExecuteNonQueryAsync();
        }

        var past = KeystoreService.Build(
            new KeystoreOptions { Urls = "http://127.0.0.1:0", Origin = Proxy.Address.GetLeftPart(UriPartial.Authority), Data = folder.FullName },
            Real.Time,
            logging => logging.ClearProviders());
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

        await Proxy.DisposeAsync();
        await Real.DisposeAsync();
    }
}
