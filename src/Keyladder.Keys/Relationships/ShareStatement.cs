using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Keys.Relationships;

/// <summary>
/// What one party says of a share: what it is, or that it is none any more (docs/spec/relationships.md section 7). Each is for one holder, one
/// key of the holder's and one copy; nobody can pass it on as his own or as another's.
/// </summary>
/// <param name="Issuer">Who shares.</param>
/// <param name="Audience">The holder.</param>
/// <param name="Relationship">Theirs.</param>
/// <param name="Share">The share.</param>
/// <param name="Number">From 1; above that of every statement about a share that this party has made in the relationship before.</param>
/// <param name="State">One of <see cref="ShareStates"/>.</param>
/// <param name="Attributes">Ids of the attributes in the copy, one or more; those of this relationship alone.</param>
/// <param name="Day">In UTC, by the issuer's clock.</param>
/// <param name="Previous">Hash of what was signed of the statement before; null for the first.</param>
/// <param name="Key">Name of the holder's key that the letter is sealed to, 16 bytes; null where nothing is given.</param>
/// <param name="Dek">Name of the sharing DEK; null where nothing is given.</param>
/// <param name="Copy">SHA-256 of the copy; null where nothing is given.</param>
/// <param name="Terms">What the holder agrees to by opening it, for people to read; null for nothing.</param>
/// <param name="Expires">The last day that it is good for, in UTC; null for no end.</param>
/// <param name="Receipts">Whether the issuer is told when it is read.</param>
public sealed record ShareStatement(
    [property: JsonPropertyName("iss")] Did Issuer,
    [property: JsonPropertyName("aud")] Did Audience,
    RelationshipId Relationship,
    ShareId Share,
    long Number,
    string State,
    IReadOnlyList<AttributeId> Attributes,
    DateOnly Day,
    Hash256? Previous = null,
    byte[]? Key = null,
    Hash256? Dek = null,
    Hash256? Copy = null,
    string? Terms = null,
    DateOnly? Expires = null,
    bool? Receipts = null)
{
    /// <summary>Attributes that a share holds at most.</summary>
    public const int MaxAttributes = 256;

    /// <summary>Characters of the terms.</summary>
    public const int MaxTermsLength = 4096;

    /// <summary>Characters of a statement as JWS.</summary>
    public const int MaxLength = 50_000;

    /// <summary>Verifies that the other party makes this statement to this one, about the letter that it came in.</summary>
    /// <param name="jws">From a letter that was opened.</param>
    /// <param name="from">The other party's pinned keys.</param>
    /// <param name="to">Own DID, which the letter was sealed to.</param>
    /// <param name="letter">The letter that it came in.</param>
    /// <param name="statement">Null where it is refused.</param>
    public static bool TryVerify(string jws, KeyBundle from, Did to, Letter letter, [NotNullWhen(true)] out ShareStatement? statement)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(letter);
        statement = null;
        if (jws.Length <= MaxLength // it is kept as it is, and an attribute has room for no more
            && Statement.TryVerify(JwsKind.Share, jws, from.Subject, RelationshipJson.Strict.ShareStatement, out statement)
            && statement.Issuer.Equals(from.Subject)
            && statement.Audience.Equals(to)
            && statement.Relationship == from.Relationship
            && statement.Share.Value == letter.Id
            && statement.IsWellFormed()
            && statement.Speaks(letter))
            return true;
        statement = null;
        return false;
    }

    /// <param name="jws">One that was verified before, from where this party keeps it.</param>
    /// <param name="statement">Null where it is none.</param>
    public static bool TryRead(string jws, [NotNullWhen(true)] out ShareStatement? statement)
    {
        if (Jws.TryReadUnverified(JwsKind.Share, jws, out var payload)
            && StrictJson.TryRead(payload, RelationshipJson.Strict.ShareStatement, out statement)
            && statement.IsWellFormed())
            return true;
        statement = null;
        return false;
    }

    /// <summary>
    /// Whether this may come after what was known of the share: the next one names it, and a later one, where some were missed, has a higher number. After
    /// one that took the share back comes none.
    /// </summary>
    /// <param name="known">The last statement, as JWS; null for none.</param>
    public bool Follows(string? known) =>
        known is null
        || (TryRead(known, out var last)
            && Share == last.Share
            && Previous is not null
            && ShareStates.IsGiven(last.State)
            && (Number > last.Number + 1 || (Number == last.Number + 1 && Previous == HashOf(known))));

    /// <summary>What the next statement about the share names as the one before.</summary>
    public static Hash256 HashOf(string jws) => new(Jws.SigningInputHash(jws));

    internal string Sign(Ed25519PrivateKey didKey)
    {
        if (!IsWellFormed())
            throw new ArgumentException("The statement breaks a rule of its format.");
        return Jws.Sign(JwsKind.Share, StrictJson.Write(this, RelationshipJson.Strict.ShareStatement), didKey);
    }

    private bool IsWellFormed() =>
        Number >= 1
        && (Number > 1 || Previous is null)
        && Attributes.Count is >= 1 and <= MaxAttributes
        && Attributes.Distinct().Count() == Attributes.Count
        && ShareStates.All.Contains(State)
        && ShareStates.IsGiven(State) == Dek is not null
        && ShareStates.IsGiven(State) == Copy is not null
        && (ShareStates.IsGiven(State) ? Key is { Length: KeyBundle.NameSize } : Key is null)
        && (Terms is null || (Terms.Length is >= 1 and <= MaxTermsLength && ShareStates.IsGiven(State)))
        && Receipts != false // it is true or absent
        && (ShareStates.IsGiven(State) || (Expires is null && Receipts is null));

    private bool Speaks(Letter letter) => ShareStates.IsGiven(State)
        ? letter.HasDek && letter.CopyHash == Copy && letter.KeyName.Span.SequenceEqual(Key)
        : !letter.HasDek && letter.CopyHash is null;
}

/// <summary>What a share is.</summary>
public static class ShareStates
{
    /// <summary>It can be opened.</summary>
    public const string Given = "given";

    /// <summary>It was taken back.</summary>
    public const string Revoked = "revoked";

    /// <summary>Its last day is over.</summary>
    public const string Expired = "expired";

    internal static IReadOnlyList<string> All { get; } = [Given, Revoked, Expired];

    internal static bool IsGiven(string state) => state == Given;
}
