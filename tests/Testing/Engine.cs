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
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Engines.All.Select(engine => new TheoryDataRow<Engine>(engine) { Skip = Engines.WhyLeftOut(engine) })]);

    public override bool SupportsDiscoveryEnumeration() => true;
}

/// <summary>The engines, and data for a test that runs each of its cases on both: the engine is its first parameter.</summary>
public static class Engines
{
    internal static readonly Engine[] All = [Engine.Sqlite, Engine.Postgres];

    /// <summary>The reason for skipping what runs on this engine; null where it is to run.</summary>
    public static string? WhyLeftOut(Engine engine) =>
        engine == Engine.Postgres && Environment.GetEnvironmentVariable("KEYLADDER_TEST_ENGINES") == "sqlite"
            ? "KEYLADDER_TEST_ENGINES=sqlite leaves PostgreSQL out"
            : null;

    public static TheoryData<Engine, T> With<T>(params IEnumerable<T> cases) =>
    [
        .. from engine in All
           from one in cases
           select new TheoryDataRow<Engine, T>(engine, one) { Skip = WhyLeftOut(engine) },
    ];

    public static TheoryData<Engine, T1, T2> With<T1, T2>(params IEnumerable<(T1, T2)> cases) =>
    [
        .. from engine in All
           from one in cases
           select new TheoryDataRow<Engine, T1, T2>(engine, one.Item1, one.Item2) { Skip = WhyLeftOut(engine) },
    ];
}
