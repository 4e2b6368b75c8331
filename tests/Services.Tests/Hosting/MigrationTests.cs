using Keyladder.Hosting;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Hosting;

public sealed class MigrationTests
{
    private const string Origin = "http://localhost:1";

    [Theory, OnBothEngines]
    public async Task Processes_that_start_at_once_on_nothing_make_one_database_and_one_secret(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        string[] settings = [.. database.Settings, "--keystore:origin", Origin, .. ServerProcess.Silent];
        var servers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ServerProcess.ListenAsync(settings)));
        try
        {
            // A session that one of them opened is one at every other only where all have the same tables and the same secret.
            await using var first = RunningService.At(servers[0].Address, Origin);
            var alice = await Person.SignedUpAsync(first);
            foreach (var server in servers)
            {
                using var http = new HttpClient { BaseAddress = server.Address };
                (await Request.Get("/health/ready").SendAsync(http)).Is(System.Net.HttpStatusCode.OK);
                (await alice.SendAsync(Request.Get(KeystoreRoutes.Account), http)).As<AccountResponse>();
            }
        }
        finally
        {
            foreach (var server in servers)
                await server.DisposeAsync();
        }

        Assert.Equal(7, (await database.DumpAsync()).Split('\n').Count(line => line.StartsWith("schema_versions:", StringComparison.Ordinal)));
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
}
