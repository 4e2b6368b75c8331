namespace Keyladder.AspNetCore;

/// <summary>Names that hold unless an app chooses others.</summary>
public static class DidDefaults
{
    /// <summary>The name of the scheme.</summary>
    public const string AuthenticationScheme = "Did";

    /// <summary>The type of the claim that holds the DID which signed in.</summary>
    public const string DidClaim = "did";
}
