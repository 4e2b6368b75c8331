using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Keys.Tests.Hierarchy;

/// <summary>What the types cannot rule out, the roles refuse.</summary>
public sealed class RoleTests
{
    private static readonly DateOnly Today = new(2026, 2, 28);
    private static readonly AccountId Account = AccountId.Generate();

    [Fact]
    public void A_KEK_wraps_keys_of_its_own_account_only()
    {
        using var kek = KeyEncryptionKey.Generate(Account);
        using var foreign = PersonalDataEncryptionKey.Generate(AccountId.Generate());
        Assert.Throws<ArgumentException>(() => kek.Wrap(foreign));
    }

    [Fact]
    public void B12_a_key_is_not_unwrapped_in_a_role_that_its_overview_does_not_give_it()
    {
        using var kek = KeyEncryptionKey.Generate(Account);
        using var personal = PersonalDataEncryptionKey.Generate(Account);
        using var keypair = Keypair.Generate(Account);
        var (ofPersonal, ofKeypair) = (KeyOverview.Of(personal, null, Today), KeyOverview.Of(keypair, null, Today));

        Assert.Throws<ArgumentException>(() => kek.Unwrap(kek.Wrap(personal), personal.Id, ofKeypair));
        Assert.Throws<ArgumentException>(() => kek.Unwrap(new Wrapped<SharingDataEncryptionKey>(kek.Wrap(personal).Envelope), personal.Id, ofPersonal));
        Assert.Throws<ArgumentException>(() => kek.Unwrap(new Wrapped<IdentityKeypair>(kek.Wrap(keypair).Envelope), keypair.Id, ofKeypair));
    }

    [Fact]
    public void A17_a_keypair_whose_public_half_is_not_that_of_its_overview_is_refused()
    {
        using var kek = KeyEncryptionKey.Generate(Account);
        using var keypair = Keypair.Generate(Account);
        using var other = Keypair.Generate(Account);
        Assert.Throws<OpenFailedException>(() => kek.Unwrap(kek.Wrap(keypair), keypair.Id, KeyOverview.Of(other, null, Today)));
    }

    [Fact]
    public void B02_a_KEK_wrapped_for_one_account_opens_for_no_other_even_under_the_same_MEK()
    {
        using var mek = new MasterEncryptionKey(SecretBytes.Generate(32));
        using var kek = KeyEncryptionKey.Generate(Account);
        var slot = SlotId.Generate();
        var wrapped = mek.Wrap(kek, slot);
        mek.Unwrap(wrapped, Account, slot, kek.Id).Dispose();
        Assert.Throws<OpenFailedException>(() => mek.Unwrap(wrapped, AccountId.Generate(), slot, kek.Id));
    }

    [Fact]
    public void Revisions_start_at_one()
    {
        using var dek = PersonalDataEncryptionKey.Generate(Account);
        using var kek = KeyEncryptionKey.Generate(Account);
        Assert.Throws<ArgumentOutOfRangeException>(() => dek.Seal(DataId.Generate(), "x"u8, revision: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => dek.Open(DataId.Generate(), "x"u8, revision: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => kek.SealOverview(dek.Id, KeyOverview.Of(dek, null, Today), revision: 0));
    }

    [Fact]
    public void What_a_sharing_DEK_sealed_opens_in_another_account_under_another_id()
    {
        var data = DataId.Generate();
        using var mine = SharingDataEncryptionKey.Generate(Account);
        using var theirs = new SharingDataEncryptionKey(AccountId.Generate(), KeyId.Generate(), KeyState.Active, mine.CopyKeyBytes());
        Assert.Equal("for the two of us"u8, theirs.Open(data, mine.Seal(data, "for the two of us"u8)));
    }

    [Fact]
    public async Task A_keypair_signs_content_that_verifies_against_its_DID_and_no_other()
    {
        var content = new byte[] { 1, 2, 3 };
        using var keypair = Keypair.Generate(Account);
        using var other = Keypair.Generate(Account);
        var jws = await keypair.SignAsync(new MemoryStream(content), DateTimeOffset.UnixEpoch, TestContext.Current.CancellationToken);

        Assert.True(SignedContent.TryVerifyStatement(jws, keypair.Did, out var statement));
        Assert.True(await statement.MatchesAsync(new MemoryStream(content), TestContext.Current.CancellationToken));
        Assert.False(SignedContent.TryVerifyStatement(jws, other.Did, out _));
        Assert.Equal(keypair.PublicKey, keypair.Did.PublicKey);
    }

    [Fact]
    public void A_login_keypair_signs_assertions_and_proofs_each_as_what_it_is()
    {
        using var login = new LoginKeypair(Ed25519PrivateKey.Generate());
        Assert.True(Origin.TryParse("https://keys.example.org", out var origin));
        using var session = X25519PrivateKey.Generate();
        var assertion = login.Sign(new LoginAssertion(origin, "nonce", new byte[32], 1, session.PublicKey.ToArray()));
        var proof = login.Sign(new LoginProof(origin, "nonce", new byte[32], 1, new byte[32]));

        Assert.True(LoginAssertion.TryVerify(assertion, login.PublicKey, out _));
        Assert.True(LoginProof.TryVerify(proof, login.PublicKey, out _));
        Assert.False(LoginAssertion.TryVerify(proof, login.PublicKey, out _));
        Assert.False(LoginProof.TryVerify(assertion, login.PublicKey, out _));
    }

    [Fact]
    public async Task Deriving_can_be_cancelled_before_it_starts()
    {
        using var words = Words.Generate();
        using var secret = UnlockSecret.FromWords(words);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PassphraseDerivedKey.DeriveAsync(secret, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void A_key_that_was_disposed_of_does_nothing_any_more()
    {
        var data = DataId.Generate();
        var kek = KeyEncryptionKey.Generate(Account);
        var mek = new MasterEncryptionKey(SecretBytes.Generate(32));
        var pdk = new PassphraseDerivedKey(SecretBytes.Generate(64));
        var login = pdk.DeriveLoginKeypair();
        var dek = PersonalDataEncryptionKey.Generate(Account);
        var keypair = Keypair.Generate(Account);
        var identity = IdentityKeypair.Generate(Account);
        var envelope = dek.Seal(data, "x"u8);
        Assert.True(Origin.TryParse("https://keys.example.org", out var origin));
        var proof = new LoginProof(origin, "nonce", new byte[32], 1, new byte[32]);
        foreach (var key in (IDisposable[])[kek, mek, pdk, login, dek, keypair, identity])
            key.Dispose();

        Action[] uses =
        [
            () => pdk.DeriveMasterEncryptionKey(), () => pdk.DeriveSlotLocator(), () => mek.Wrap(KeyEncryptionKey.Generate(Account), SlotId.Generate()),
            () => kek.Wrap(PersonalDataEncryptionKey.Generate(Account)), () => KeyEncryptionKey.Generate(Account).Wrap(dek), () => KeyEncryptionKey.Generate(Account).Wrap(keypair),
            () => dek.Seal(data, "x"u8), () => dek.Open(data, envelope), () => login.Sign(proof),
            () => keypair.SignAsync(Stream.Null, DateTimeOffset.UnixEpoch).GetAwaiter().GetResult(),
        ];
        Assert.All(uses, use => Assert.Throws<ObjectDisposedException>(use));
    }
}
