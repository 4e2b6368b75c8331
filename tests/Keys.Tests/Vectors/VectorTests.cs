using Keyladder.Vectors;

namespace Keyladder.Keys.Tests.Vectors;

/// <summary>Unlock secrets and the roles of the hierarchy against what tools/vectors makes from docs/spec alone.</summary>
public sealed class VectorTests
{
    private static readonly Dictionary<string, Func<VectorCase, Task<bool>>> Readers = new()
    {
        ["words"] = Sync(SecretVectors.Words),
        ["forms"] = Sync(SecretVectors.Forms),
        ["secret-keys"] = Sync(SecretVectors.SecretKeys),
        ["passphrases"] = Sync(SecretVectors.Passphrase),
        ["derivation"] = Sync(SecretVectors.Derivation),
        ["envelopes"] = Sync(RoleVectors.Envelopes),
        ["key-overviews"] = Sync(RoleVectors.KeyOverviews),
        ["files"] = RoleVectors.FilesAsync,
    };

    public static TheoryData<string, string> Cases { get; } = VectorFiles.CasesOf(VectorFiles.OfKeys);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_case_is_taken_or_refused_as_its_file_says(string file, string name)
    {
        var vector = VectorFiles.Case(file, name);
        vector.Settle(await Readers[file](vector));
    }

    [Fact]
    public void Every_case_of_every_file_is_run() => VectorFiles.RequireEveryCase(Cases, VectorFiles.OfKeys);

    private static Func<VectorCase, Task<bool>> Sync(Func<VectorCase, bool> reader) => vector => Task.FromResult(reader(vector));
}
