using Keyladder.Cryptography.Tests.Vectors;

namespace Keyladder.Vectors;

internal static class VectorReaders
{
    public static IReadOnlyList<string> Files => VectorFiles.OfCryptography;

    /// <summary>By the name of the file: whether our code takes a case of it.</summary>
    public static Dictionary<string, Func<VectorCase, Task<bool>>> Of { get; } = new()
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
        ["lost-heads"] = Sync(HeadVectors.LostHeads),
        ["audit-chains"] = Sync(AuditVectors.Chains),
        ["session-keys"] = Sync(SignInVectors.SessionKeys),
        ["requests"] = Sync(SignInVectors.Requests),
        ["requests-refused"] = Sync(SignInVectors.RequestsRefused),
        ["guest-requests"] = Sync(SignInVectors.GuestRequests),
        ["sign-in-statements"] = Sync(SignInVectors.Statements),
        ["invitations"] = Sync(AdmissionVectors.Invitations),
        ["deletions"] = Sync(HeadVectors.Deletions),
        ["vault-heads"] = Sync(HeadVectors.VaultHeads),
        ["vault-deletions"] = Sync(HeadVectors.VaultDeletions),
        ["vault-audit-chains"] = Sync(AuditVectors.VaultChains),
        ["vault-leaves"] = Sync(TreeVectors.VaultLeaves),
        ["hpke"] = Sync(PublicKeyVectors.Messages),
        ["x-wing-keys"] = Sync(PublicKeyVectors.Keys),
        ["admissions"] = Sync(AdmissionVectors.Admissions),
        ["did-sign-ins"] = Sync(DidSignInVectors.Statements),
        ["did-sign-in-links"] = Sync(DidSignInVectors.Links),
    };

    private static Func<VectorCase, Task<bool>> Sync(Func<VectorCase, bool> reader) => vector => Task.FromResult(reader(vector));
}
