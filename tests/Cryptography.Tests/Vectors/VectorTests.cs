using Keyladder.Vectors;

namespace Keyladder.Cryptography.Tests.Vectors;

/// <summary>The formats of this library against what tools/vectors makes from docs/spec alone.</summary>
public sealed class VectorTests
{
    private static readonly Dictionary<string, Func<VectorCase, Task<bool>>> Readers = new()
    {
        ["fields"] = Sync(NotationVectors.Fields),
        ["base64url"] = Sync(NotationVectors.Base64Url),
        ["ids"] = Sync(NotationVectors.Ids),
        ["chunks"] = Sync(EnvelopeVectors.Chunks),
        ["padding"] = Sync(EnvelopeVectors.Padding),
        ["signed-objects"] = Sync(SignedVectors.Objects),
        ["dids"] = Sync(SignedVectors.Dids),
        ["signed-content"] = SignedVectors.ContentAsync,
        ["leaves"] = Sync(TreeVectors.Leaves),
        ["trees"] = Sync(TreeVectors.Trees),
        ["proofs"] = Sync(TreeVectors.Proofs),
        ["heads"] = Sync(HeadVectors.Heads),
        ["chain-numbers"] = Sync(HeadVectors.ChainNumbers),
        ["chains"] = Sync(HeadVectors.Chains),
        ["session-keys"] = Sync(SignInVectors.SessionKeys),
        ["requests"] = Sync(SignInVectors.Requests),
        ["requests-refused"] = Sync(SignInVectors.RequestsRefused),
        ["sign-in-statements"] = Sync(SignInVectors.Statements),
        ["invitations"] = Sync(AdmissionVectors.Invitations),
        ["admissions"] = Sync(AdmissionVectors.Admissions),
    };

    public static TheoryData<string, string> Cases { get; } = VectorFiles.CasesOf(VectorFiles.OfCryptography);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_case_is_taken_or_refused_as_its_file_says(string file, string name)
    {
        var vector = VectorFiles.Case(file, name);
        vector.Settle(await Readers[file](vector));
    }

    [Fact]
    public void Every_case_of_every_file_is_run() => VectorFiles.RequireEveryCase(Cases, VectorFiles.OfCryptography);

    private static Func<VectorCase, Task<bool>> Sync(Func<VectorCase, bool> reader) => vector => Task.FromResult(reader(vector));
}
