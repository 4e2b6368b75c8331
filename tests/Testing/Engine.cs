using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Keyladder.Testing;

public enum Engine
{
    Sqlite,
    Postgres,
}

/// <summary>Data for <c>[Theory, OnBothEngines]</c>: the test runs once per engine, which is its parameter.</summary>
/// <remarks>
/// PostgreSQL is a server that ./test or tests/runner/with-postgres starts and names in KEYLADDER_TEST_POSTGRES. Without one the tests
/// fail rather than fall silent; only KEYLADDER_TEST_ENGINES=sqlite, said on purpose, makes them skipped.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnBothEnginesAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        var sqliteOnly = Environment.GetEnvironmentVariable("KEYLADDER_TEST_ENGINES") == "sqlite";
        return new([
            new TheoryDataRow<Engine>(Engine.Sqlite),
            new TheoryDataRow<Engine>(Engine.Postgres) { Skip = sqliteOnly ? "KEYLADDER_TEST_ENGINES=sqlite leaves PostgreSQL out" : null },
        ]);
    }

    public override bool SupportsDiscoveryEnumeration() => true;
}
