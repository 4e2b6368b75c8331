namespace Keyladder.Hosting.Admissions;

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
