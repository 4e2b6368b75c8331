using Keyladder.Cryptography.Dids;
using Keyladder.Hosting;

namespace Keyladder.Keystore;

/// <inheritdoc/>
public sealed record KeystoreOptions : ServiceOptions
{
    public override string Name => "keystore";

    /// <summary>Who may make an account.</summary>
    public SignUpRule SignUp { get; init; } = SignUpRule.First;

    /// <summary>For <see cref="SignUpRule.Admission"/>: the <c>did:key</c> of each app whose word lets people in, with commas.</summary>
    public string? AdmissionKeys { get; init; }

    /// <summary>Keys that an account may hold, its identity keypair included.</summary>
    public long MaxKeys { get; init; } = 10_000;

    /// <summary>Writes that an account may make in its life: each leaves a head, and a trace of what it changed. Its ways to unlock can be changed beyond that.</summary>
    public long MaxHeads { get; init; } = 100_000;

    /// <exception cref="StartupException">A setting of the Keystore alone is wrong.</exception>
    internal IReadOnlyList<Did> ValidateKeystore()
    {
        if (MaxKeys < 1)
            throw Wrong(nameof(MaxKeys), "is not a number above 0", "Write how many keys an account may hold.");
        if (MaxHeads < 1)
            throw Wrong(nameof(MaxHeads), "is not a number above 0", "Write how many heads an account may leave.");
        if (!Enum.IsDefined(SignUp))
            throw Wrong(nameof(SignUp), "is not known", "Write first, invitation, admission or open.");
        var keys = (AdmissionKeys ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)
            .Select(text => Did.TryParse(text, out var did) ? did : throw Wrong(nameof(AdmissionKeys), "holds something else than did:key of Ed25519 keys", "Write the DIDs with commas."))
            .ToList();
        if (SignUp == SignUpRule.Admission && keys.Count == 0)
            throw Wrong(nameof(AdmissionKeys), "is missing while sign-up is by admission", "Write the did:key of the app that signs admissions.");
        return keys;
    }
}

/// <summary>Who may make an account (docs/spec/admission.md).</summary>
public enum SignUpRule
{
    /// <summary>Whoever comes first, and then nobody.</summary>
    First,

    /// <summary>Whoever brings an invitation of the operator.</summary>
    Invitation,

    /// <summary>Whoever a registered app has signed an admission for.</summary>
    Admission,

    /// <summary>Everybody.</summary>
    Open,
}
