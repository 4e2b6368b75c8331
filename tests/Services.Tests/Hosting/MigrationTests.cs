using Keyladder.Hosting;
using Keyladder.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Hosting;

public sealed class MigrationTests
{
    [Theory, OnBothEngines]
    public async Task Eight_instances_that_start_at_once_migrate_one_database_once(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        var instances = Enumerable.Range(0, 8).Select(_ => KeystoreService.Build(Options(database))).ToArray();
        await Task.WhenAll(instances.Select(instance => Task.Run(() => instance.StartAsync(TestContext.Current.CancellationToken))));
        foreach (var instance in instances)
        {
            using var http = new HttpClient { BaseAddress = new Uri(instance.Urls.Single()) };
            (await Request.Get("/health/ready").SendAsync(http)).Is(System.Net.HttpStatusCode.OK);
            await instance.DisposeAsync();
        }

        Assert.Equal(2, (await database.DumpAsync()).Split('\n').Count(line => line.StartsWith("schema_versions:", StringComparison.Ordinal)));
        Assert.Single(database.Folder.GetFiles("*.secret*"));
    }

    [Theory, OnBothEngines]
    public async Task A_second_start_changes_nothing(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        await Person.SignedUpAsync(service);
        var before = await service.Database.DumpAsync();
        using var again = await service.StartAnotherInstanceAsync();
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    [Theory, OnBothEngines]
    public async Task A_database_of_a_newer_program_is_refused_and_left_as_it_is(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        await using (var connection = await service.Database.OpenAsync())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO schema_versions (version, name, applied) VALUES (2000, 'later', 0)";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var before = await service.Database.DumpAsync();
        var refusal = await Assert.ThrowsAsync<StartupException>(service.StartAnotherInstanceAsync);
        Assert.Contains("2000", refusal.What, StringComparison.Ordinal);
        Assert.Contains("newer program", refusal.Remedy, StringComparison.Ordinal);
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    private static KeystoreOptions Options(TestDatabase database) =>
        new() { Urls = "http://127.0.0.1:0", Data = database.Folder.FullName, Database = database.Postgres };
}
