using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Keyladder.Testing;
using Npgsql;

namespace Services.Tests.Hosting;

public sealed class OutageTests
{
    [Fact]
    public async Task A_server_that_opens_no_connection_is_unavailable_whatever_it_says()
    {
        Assert.SkipWhen(Engines.WhyLeftOut(Engine.Postgres) is not null, "KEYLADDER_TEST_ENGINES=sqlite leaves PostgreSQL out");
        await using var own = await TestDatabase.CreateAsync(Engine.Postgres);
        await using var database = Database.Open(new NpgsqlConnectionStringBuilder(own.Postgres) { Options = "-c statement_timeout=nonsense" }.ConnectionString);

        var refusal = await Assert.ThrowsAsync<ProblemException>(() => database.WriteAsync(
            transaction => transaction.ExecuteAsync(new Statement("SELECT 1;"), TestContext.Current.CancellationToken), TestContext.Current.CancellationToken));

        Assert.Equal((ProblemTypes.Unavailable, "22023"), (refusal.Problem.Type, refusal.Diagnosis?[..5]));
    }
}
