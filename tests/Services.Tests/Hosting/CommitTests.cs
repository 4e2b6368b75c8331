using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Keyladder.Testing;
using Npgsql;

namespace Services.Tests.Hosting;

public sealed class CommitTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_whose_wait_for_a_standby_was_cut_short_is_not_acknowledged()
    {
        Assert.SkipWhen(Engines.WhyLeftOut(Engine.Postgres) is not null, "KEYLADDER_TEST_ENGINES=sqlite leaves PostgreSQL out");
        await using var own = await TestDatabase.CreateAsync(Engine.Postgres);
        // Everybody else on the test server commits without waiting for anybody.
        var connectionString = new NpgsqlConnectionStringBuilder(own.Postgres) { Options = "-c synchronous_commit=on", CommandTimeout = 1 };
        await using var database = Database.Open(connectionString.ConnectionString);
        await WriteAsync(database, "CREATE TABLE written (number bigint);");

        await using var administrator = (NpgsqlConnection)await own.OpenAsync();
        await AlterAsync(administrator, "SET synchronous_standby_names = 'absent'");
        try
        {
            var refusal = await Assert.ThrowsAsync<ProblemException>(() => WriteAsync(database, "INSERT INTO written (number) VALUES (1);"));
            Assert.Equal(ProblemTypes.Unavailable, refusal.Problem.Type);
        }
        finally
        {
            await AlterAsync(administrator, "RESET synchronous_standby_names");
        }

        await WriteAsync(database, "INSERT INTO written (number) VALUES (2);");
    }

    private static Task<int> WriteAsync(Database database, string sql) =>
        database.WriteAsync(transaction => transaction.ExecuteAsync(new Statement(sql), Cancellation), Cancellation);

    private static async Task AlterAsync(NpgsqlConnection administrator, string what)
    {
        foreach (var sql in (string[])[$"ALTER SYSTEM {what}", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.3)"])
        {
            await using var command = new NpgsqlCommand(sql, administrator);
            await command.ExecuteNonQueryAsync(Cancellation);
        }
    }
}
