using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.PublicKeyEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Relationships;

namespace Keyladder.Keys.Hierarchy;

/// <summary>
/// What a person is in one relationship and nowhere else (docs/spec/relationships.md section 1): one seed, from which follow the keypair that
/// controls the pairwise DID, the one that is sealed to, and the one that signs at the other party's Vault.
/// </summary>
public sealed class RelationshipKey : KeystoreKey
{
    internal const int KeySize = SeedSize + Ed25519PublicKey.Size;

    private const int SeedSize = 32;

    private readonly SecretBytes seed;
    private readonly Ed25519PrivateKey didKey;
    private readonly Ed25519PrivateKey channelKey;
    private readonly Lazy<XWingPrivateKey> sealingKey; // many are unwrapped to sign, and few to open

    private RelationshipKey(AccountId account, KeyId id, KeyState state, SecretBytes seed, KeyService service)
        : base(account, id, KeyPurpose.Relationship, state, service)
    {
        this.seed = seed;
        didKey = Derive(Labels.DidKeypair, Ed25519PrivateKey.FromSeed);
        channelKey = Derive(Labels.ChannelKeypair, Ed25519PrivateKey.FromSeed);
        sealingKey = new(() => Derive(Labels.SealingKeypair, XWingPrivateKey.FromSeed));
        Did = Did.Of(didKey.PublicKey);
    }

    /// <summary>That of the DID.</summary>
    public override Ed25519PublicKey PublicKey => didKey.PublicKey;

    public Did Did { get; }

    /// <summary>By which the other party's Vault knows who signs for this relationship.</summary>
    public Ed25519PublicKey ChannelPublicKey => channelKey.PublicKey;

    /// <param name="account">Whose it is at the Keystore.</param>
    /// <param name="service">The account at the Vault that the relationship is kept in.</param>
    public static RelationshipKey Generate(AccountId account, KeyService service) =>
        Generate(account, service, SecretBytes.Generate(SeedSize));

    /// <param name="seed">Belongs to the key from now on.</param>
    internal static RelationshipKey Generate(AccountId account, KeyService service, SecretBytes seed) =>
        new(account, KeyId.Generate(), KeyState.Active, seed, service);

    /// <summary>The public keys, signed by the DID.</summary>
    /// <param name="relationship">The one that the key is for.</param>
    /// <param name="epoch">From 1; grows with each change of keys.</param>
    /// <returns>The JWS.</returns>
    public string SignBundle(RelationshipId relationship, long epoch) =>
        new KeyBundle(Did, relationship, KeyBundle.RelationshipPurpose, epoch, sealingKey.Value.PublicKey.ToArray(), ChannelPublicKey).Sign(didKey);

    /// <returns>The JWS.</returns>
    /// <exception cref="ArgumentException">The statement is another party's; so for the others.</exception>
    public string Sign(Acceptance acceptance) => Own(acceptance, acceptance?.Issuer).Sign(didKey);

    /// <inheritdoc cref="Sign(Acceptance)"/>
    public string Sign(Confirmation confirmation) => Own(confirmation, confirmation?.Issuer).Sign(didKey);

    /// <inheritdoc cref="Sign(Acceptance)"/>
    public string Sign(KeyChange change) => Own(change, change?.Issuer).Sign(didKey);

    /// <inheritdoc cref="Sign(Acceptance)"/>
    public string Sign(ShareStatement share) => Own(share, share?.Issuer).Sign(didKey);

    /// <inheritdoc cref="Sign(Acceptance)"/>
    public string Sign(ShareEvent shareEvent) => Own(shareEvent, shareEvent?.Issuer).Sign(didKey);

    /// <summary>Signs requests at the other party's Vault. It is the same key and no copy.</summary>
    public Ed25519PrivateKey OpenChannelKey() => channelKey;

    /// <summary>Whether a letter is sealed to this key; only opening it tells more.</summary>
    public bool IsAddressee(ReadOnlyMemory<byte> letter) =>
        Letter.TryReadKeyName(letter, out var name) && name.Span.SequenceEqual(KeyBundle.NameOf(sealingKey.Value.PublicKey));

    /// <summary>Opens a letter of the other party. What it says counts once its statements have been verified.</summary>
    /// <param name="from">The other party's keys, as they are pinned.</param>
    /// <param name="id">The letter's, as the service gives it.</param>
    /// <param name="letter">From anywhere.</param>
    /// <returns>To be disposed of.</returns>
    /// <exception cref="OpenFailedException">It was altered, or is from or to another party, of another relationship, or another letter.</exception>
    public Letter Open(KeyBundle from, Guid id, ReadOnlyMemory<byte> letter) => Letter.Open(sealingKey.Value, Did, from, id, letter);

    /// <exception cref="KeyStateException">Always, but for the state it has.</exception>
    public override void ChangeState(KeyState next)
    {
        if (next != State)
            throw new KeyStateException(State, next);
    }

    /// <exception cref="OpenFailedException">The public half inside is not the one that follows from the seed, or not the one expected.</exception>
    internal static RelationshipKey Read(AccountId account, KeyId id, KeyOverview overview, SecretBytes bytes)
    {
        var key = new RelationshipKey(account, id, overview.State, SecretBytes.CopyOf(bytes.DangerousSpan[..SeedSize]), overview.Service!);
        if (CryptographicOperations.FixedTimeEquals(bytes.DangerousSpan[SeedSize..], key.PublicKey.Bytes) && key.PublicKey.Equals(overview.PublicKey))
            return key;
        key.Dispose();
        throw new OpenFailedException();
    }

    private protected override void Erase()
    {
        seed.Dispose();
        didKey.Dispose();
        channelKey.Dispose();
        if (sealingKey.IsValueCreated)
            sealingKey.Value.Dispose();
    }

    internal override SecretBytes CopyKeyBytes() => SecretBytes.Create(KeySize, this, static (bytes, key) =>
    {
        key.seed.DangerousSpan.CopyTo(bytes);
        key.PublicKey.Bytes.CopyTo(bytes[SeedSize..]);
    });

    private T Own<T>(T statement, Did? issuer)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(statement);
        return Did.Equals(issuer) ? statement : throw new ArgumentException("The statement is another party's.", nameof(statement));
    }

    private delegate TKey FromSeed<TKey>(ReadOnlySpan<byte> seed);

    private TKey Derive<TKey>(string label, FromSeed<TKey> fromSeed)
    {
        using var derived = HkdfSha512.Expand(seed.DangerousSpan, Fields.Encode(label), SeedSize);
        return fromSeed(derived.DangerousSpan);
    }
}
