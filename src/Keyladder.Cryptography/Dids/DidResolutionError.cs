using System.Diagnostics;

namespace Keyladder.Cryptography.Dids;

/// <summary>Why a DID has no document, after DID Resolution 1.0 (section 11).</summary>
public enum DidResolutionError
{
    /// <summary>It is no DID, or one that its method does not allow.</summary>
    InvalidDid,

    /// <summary>What was shown is not the document of that DID.</summary>
    InvalidDidDocument,

    /// <summary>There is nothing at its address.</summary>
    NotFound,

    /// <summary>What stands there is no JSON.</summary>
    RepresentationNotSupported,

    /// <summary>The method is not known here, or needs a network where none was given.</summary>
    MethodNotSupported,

    /// <summary>Its address could not be asked, or answered something else.</summary>
    InternalError,
}

/// <summary>How errors are written: as problem details (RFC 9457), each with a type that DID Resolution names.</summary>
public static class DidResolutionErrors
{
    private const string Vocabulary = "https://www.w3.org/ns/did#";

    /// <summary>The address that names the error.</summary>
    public static string Type(this DidResolutionError error) => Vocabulary + error switch
    {
        DidResolutionError.InvalidDid => "INVALID_DID",
        DidResolutionError.InvalidDidDocument => "INVALID_DID_DOCUMENT",
        DidResolutionError.NotFound => "NOT_FOUND",
        DidResolutionError.RepresentationNotSupported => "REPRESENTATION_NOT_SUPPORTED",
        DidResolutionError.MethodNotSupported => "METHOD_NOT_SUPPORTED",
        DidResolutionError.InternalError => "INTERNAL_ERROR",
        _ => throw new UnreachableException(),
    };

    /// <summary>One sentence for a person.</summary>
    public static string Title(this DidResolutionError error) => error switch
    {
        DidResolutionError.InvalidDid => "That is not a DID whose method allows it.",
        DidResolutionError.InvalidDidDocument => "What was shown is not the document of that DID.",
        DidResolutionError.NotFound => "There is no document at the address of that DID.",
        DidResolutionError.RepresentationNotSupported => "What stands at the address of that DID is no JSON.",
        DidResolutionError.MethodNotSupported => "DIDs of that method are not resolved here.",
        DidResolutionError.InternalError => "The address of that DID could not be asked, or its answer came from elsewhere.",
        _ => throw new UnreachableException(),
    };
}
