namespace Keyladder.Cryptography.Dids;

/// <summary>The methods of DIDs that are known here.</summary>
public enum DidMethod
{
    /// <summary><c>did:key</c>: the identifier is the public key.</summary>
    Key,

    /// <summary><c>did:jwk</c>: the identifier is the public key as JWK.</summary>
    Jwk,

    /// <summary><c>did:web</c>: the document stands on a web page, and whoever has the page decides what it says.</summary>
    Web,
}
