using Xunit;

namespace Keyladder.Vectors;

/// <summary>
/// Our code against what tools/vectors makes from docs/spec alone. Compiled into several test projects; each says in its
/// <c>VectorReaders</c> which files are its own and what reads a case of them.
/// </summary>
public sealed class VectorTests
{
    public static TheoryData<string, string> Cases { get; } = VectorFiles.CasesOf(VectorReaders.Files);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_case_is_taken_or_refused_as_its_file_says(string file, string name)
    {
        var vector = VectorFiles.Case(file, name);
        vector.Settle(await VectorReaders.Of[file](vector));
    }

    [Fact]
    public void Every_case_of_every_file_is_run() => VectorFiles.RequireEveryCase(Cases, VectorReaders.Files);
}
