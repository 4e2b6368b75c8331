using System.Data.Common;
using Keyladder.Cryptography;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Npgsql;
using Services.Tests.Client;

namespace Services.Tests.Hosting;

public sealed class LogTests
{
    [Theory, OnBothEngines]
    public async Task H03_I10_no_line_names_a_person_a_key_an_address_or_what_was_sent(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = await Person.SignedUpAsync(service);
        var key = alice.NewKey();
        await alice.PutAsync(key);
        await alice.SendAsync(Request.Get($"/v1/keys/{key.Id}?since=1"));
        await alice.SendAsync(Request.Get($"/v1/keys/{KeyId.Generate()}"));
        await alice.SendAsync(Request.Get("/v1/keys/planted?planted=planted"));
        await Request.Get("/planted").SendAsync(service.Http);
        await (Request.Post(ServiceRoutes.Sessions) with { Body = "{\"planted\":\"planted\"}"u8.ToArray(), ContentType = "application/json" }).SendAsync(service.Http);
        await alice.SendAsync(Request.Delete($"/v1/sessions/{alice.Session.KeyId.Session}"));

        Assert.Contains(service.Logs.Lines, line => line.Contains("GetKey answered 200", StringComparison.Ordinal));
        Assert.Contains(service.Logs.Lines, line => line.Contains("GetKey answered 404", StringComparison.Ordinal));
        var everything = string.Join('\n', service.Logs.Lines);
        foreach (var secret in new[]
        {
            alice.Account.ToString(), alice.Slot.Id.ToString(), alice.Session.KeyId.ToString(), alice.Session.KeyId.Session.ToString(), $"{key.Id}", $"{key.Kek}",
            "planted", "127.0.0.1", "/v1/", service.Http.BaseAddress!.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        })
            Assert.DoesNotContain(secret, everything, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_database_that_goes_away_is_said_to_the_client_and_in_the_log()
    {
        if (Engines.WhyLeftOut(Engine.Postgres) is { } reason)
            Assert.Skip(reason);

        await using var service = await RunningService.StartAsync(Engine.Postgres);
        var alice = await Person.SignedUpAsync(service);
        await using (var server = new NpgsqlConnection(Environment.GetEnvironmentVariable("KEYLADDER_TEST_POSTGRES")))
        {
            await server.OpenAsync(TestContext.Current.CancellationToken);
            var name = new NpgsqlConnectionStringBuilder(service.Database.Postgres).Database;
            await RunAsync(server, $"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
            await RunAsync(server, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");

            for (var request = 0; request < 3; request++)
                (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).IsProblem(ProblemTypes.Unavailable);
            (await Request.Get("/health/ready").SendAsync(service.Http)).IsProblem(ProblemTypes.Unavailable);
            (await Request.Get("/health/live").SendAsync(service.Http)).Is(System.Net.HttpStatusCode.OK);
            Assert.Contains(service.Logs.Lines, line => line.Contains("The database does not answer", StringComparison.Ordinal));
            await RunAsync(server, $"ALTER DATABASE {name} ALLOW_CONNECTIONS true");
        }

        (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).As<AccountResponse>();
    }

    private static async Task RunAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
