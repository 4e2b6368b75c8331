using System.Net.Mime;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>One call to a service (docs/spec/keystore-api.md, docs/spec/vault-api.md), ready to be sent and, where that does no harm, to be sent again.</summary>
internal sealed record Call(HttpMethod Method, string Path)
{
    /// <summary>An answer to anything but a full list: 1,000 keys of 1.2 KB with their proof stay well below.</summary>
    public const int OrdinaryAnswer = 2 * KeystoreRoutes.MaxBodyBytes;

    /// <summary>A list names each object in about 110 bytes: this holds six hundred thousand.</summary>
    public const int ListAnswer = 64 * 1024 * 1024;

    /// <summary>With its <c>?</c>; empty where there is none.</summary>
    public string Query { get; init; } = "";

    /// <summary>Null where the call has no body.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>Of the body; null to be computed when the call is signed.</summary>
    public ContentDigest? Digest { get; init; }

    public string BodyType { get; init; } = MediaTypeNames.Application.Json;

    /// <summary>What the call may take beyond the time that every call may: a large body comes over a slow line.</summary>
    public TimeSpan Allowance { get; init; }

    public int ExpectedStatus { get; init; } = 200;

    /// <summary>Bytes of an answer that are read before the client gives up on it.</summary>
    public int LongestAnswer { get; init; } = OrdinaryAnswer;

    /// <summary>Where an answer of the expected status is to stand, which then has no more bytes than this; null for memory of its own.</summary>
    public Memory<byte>? Into { get; init; }

    /// <summary>
    /// Whether the call may be sent again when its answer was lost. Reads may; so may a write, which carries its head and lands
    /// once. What spends a nonce may not.
    /// </summary>
    public required bool Repeatable { get; init; }

    /// <summary>For messages: method and path hold ids at most.</summary>
    public override string ToString() => $"{Method} {Path}";
}
