using System.Diagnostics.CodeAnalysis;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Heads;

/// <summary>What the heads of one service are beside those of another: how they are read, and what belongs to the same account.</summary>
public interface IHead<THead>
    where THead : Head, IHead<THead>
{
    /// <summary>The chain of the account's events, which its heads sign for.</summary>
    static abstract AuditChain Events { get; }

    /// <summary>The kind of statement that ends the account.</summary>
    static abstract JwsKind DeletionKind { get; }

    /// <summary>Reads form and rules, not the signature: a service looks the key up first, and a client computes it from what it unwraps.</summary>
    static abstract bool TryRead(string jws, [NotNullWhen(true)] out SignedHead<THead>? head);
}
