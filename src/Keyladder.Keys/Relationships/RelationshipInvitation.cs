using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Relationships;

/// <summary>
/// What one person hands to another, as a link or a QR code, to begin a relationship (docs/spec/relationships.md section 3). Whoever has it may
/// take it, once: it is as secret as what will be shared. It stands in the link's fragment, which no server is told.
/// </summary>
public sealed class RelationshipInvitation : IDisposable
{
    /// <summary>Characters of a link that are looked at.</summary>
    public const int MaxLinkLength = 2048;

    private const int SecretSize = 32;
    private const int UuidSize = 16;

    private readonly SecretBytes secret;

    private RelationshipInvitation(Origin origin, ChannelId channel, Did inviter, DateTimeOffset expires, SecretBytes secret) =>
        (Origin, Channel, Inviter, Expires, this.secret) = (origin, channel, inviter, expires, secret);

    /// <summary>Of the inviter's Vault.</summary>
    public Origin Origin { get; }

    /// <summary>There.</summary>
    public ChannelId Channel { get; }

    /// <summary>The inviter's pairwise DID: what it signs is the inviter's, whatever the service shows.</summary>
    public Did Inviter { get; }

    /// <summary>In whole seconds; the inviter takes no acceptance later.</summary>
    public DateTimeOffset Expires { get; }

    /// <param name="expires">Fractions of a second are cut off.</param>
    public static RelationshipInvitation Generate(Origin origin, ChannelId channel, Did inviter, DateTimeOffset expires)
    {
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentNullException.ThrowIfNull(inviter);
        return Of(origin, channel, inviter, expires, SecretBytes.Generate(SecretSize));
    }

    /// <param name="secret">Belongs to the invitation from now on.</param>
    internal static RelationshipInvitation Of(Origin origin, ChannelId channel, Did inviter, DateTimeOffset expires, SecretBytes secret) =>
        new(origin, channel, inviter, DateTimeOffset.FromUnixTimeSeconds(expires.ToUnixTimeSeconds()), secret);

    /// <param name="page">Where the link leads a browser that knows no better; without a fragment.</param>
    /// <returns>Secret.</returns>
    public Uri DangerousToLink(Uri page)
    {
        ArgumentNullException.ThrowIfNull(page);
        if (!page.IsAbsoluteUri || page.Fragment.Length > 0)
            throw new ArgumentException("The page is a whole address without a fragment.", nameof(page));
        return new Uri($"{page}#{Base64UrlText.Encode(DangerousEncode())}");
    }

    /// <summary>What the fragment says, for the inviter's and the invited one's own Vault.</summary>
    /// <returns>Secret.</returns>
    public byte[] DangerousEncode()
    {
        var key = Inviter.PublicKey as Ed25519PublicKey ?? throw new InvalidOperationException("A pairwise DID is a did:key of an Ed25519 key.");
        return Fields.Encode(Labels.Invitation, Origin.ToString(), Channel, secret.DangerousSpan.ToArray(), key.Bytes.ToArray(), Expires.ToUnixTimeSeconds());
    }

    /// <summary>Reads what <see cref="DangerousToLink"/> wrote; only what stands behind the first <c>#</c> counts.</summary>
    /// <param name="link">From anywhere.</param>
    /// <param name="invitation">Null where it is none.</param>
    public static bool TryParse(ReadOnlySpan<char> link, [NotNullWhen(true)] out RelationshipInvitation? invitation)
    {
        invitation = null;
        return link.Length <= MaxLinkLength
            && link.IndexOf('#') is var at and >= 0
            && Base64UrlText.TryDecode(link[(at + 1)..].Trim(), out var fragment)
            && TryRead(fragment, out invitation);
    }

    /// <summary>Reads what <see cref="DangerousEncode"/> wrote.</summary>
    /// <param name="encoded">From anywhere.</param>
    /// <param name="invitation">Null where it is none.</param>
    public static bool TryRead(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out RelationshipInvitation? invitation)
    {
        invitation = null;
        var rest = encoded;
        if (!Fields.TryRead(ref rest, out var label) || !Ascii.Equals(label.Span, Labels.Invitation)
            || !Fields.TryRead(ref rest, out var originText) || !Utf8.IsValid(originText.Span)
            || !Origin.TryParse(Encoding.UTF8.GetString(originText.Span), out var origin) || !origin.IsSecure
            || !Fields.TryRead(ref rest, out var channelBytes) || channelBytes.Length != UuidSize
            || !ChannelId.TryParse(new Guid(channelBytes.Span, bigEndian: true).ToString("D"), out var channel)
            || !Fields.TryRead(ref rest, out var secretBytes) || secretBytes.Length != SecretSize
            || !Fields.TryRead(ref rest, out var keyBytes) || !Ed25519PublicKey.TryImport(keyBytes.Span, out var key)
            || !Fields.TryRead(ref rest, out var expiresBytes) || !TryReadTime(expiresBytes.Span, out var expires)
            || !rest.IsEmpty)
            return false;
        invitation = new(origin, channel, Did.Of(key), expires, SecretBytes.CopyOf(secretBytes.Span));
        return true;
    }

    /// <summary>Signs the requests of who takes the invitation at the inviter's Vault, until keys of his own do; to be disposed of.</summary>
    public Ed25519PrivateKey DeriveChannelKey()
    {
        using var seed = Derive(Labels.InvitationChannelKeypair);
        return Ed25519PrivateKey.FromSeed(seed.DangerousSpan);
    }

    /// <summary>Seals the inviter's key bundle, which lies at the Vault until it is fetched.</summary>
    public byte[] SealOffer(string bundle) => Seal(Contexts.Offer(Channel, Inviter), bundle);

    /// <returns>The key bundle as JWS, still to be verified.</returns>
    /// <exception cref="OpenFailedException">It is not what this invitation offers.</exception>
    public string OpenOffer(ReadOnlySpan<byte> letter) => Open(Contexts.Offer(Channel, Inviter), letter);

    /// <summary>Seals an acceptance to the inviter.</summary>
    public byte[] SealAcceptance(string acceptance) => Seal(Contexts.Acceptance(Channel, Inviter), acceptance);

    /// <returns>The acceptance as JWS, still to be verified.</returns>
    /// <exception cref="OpenFailedException">Whoever left it did not know the secret.</exception>
    public string OpenAcceptance(ReadOnlySpan<byte> letter) => Open(Contexts.Acceptance(Channel, Inviter), letter);

    public void Dispose() => secret.Dispose();

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(RelationshipInvitation);

    private byte[] Seal(byte[] context, string statement)
    {
        using var key = Derive(Labels.InvitationSealingKey);
        return Envelope.Seal(key, context, Encoding.ASCII.GetBytes(statement), Padding.Shortest);
    }

    private string Open(byte[] context, ReadOnlySpan<byte> letter)
    {
        using var key = Derive(Labels.InvitationSealingKey);
        var statement = Envelope.Open(key, context, letter, Padding.Shortest);
        return Ascii.IsValid(statement) ? Encoding.ASCII.GetString(statement) : throw new OpenFailedException();
    }

    private SecretBytes Derive(string label) =>
        HkdfSha512.Expand(secret.DangerousSpan, Fields.Encode(label, Channel, Inviter.ToString()), SecretSize);

    private static bool TryReadTime(ReadOnlySpan<byte> bytes, out DateTimeOffset time)
    {
        time = default;
        if (bytes.Length != sizeof(ulong) || System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes) is var seconds && seconds > LastSecond)
            return false;
        time = DateTimeOffset.FromUnixTimeSeconds((long)seconds);
        return true;
    }

    // The end of the year 9999, beyond which there is no date.
    private const ulong LastSecond = 253_402_300_799;
}
