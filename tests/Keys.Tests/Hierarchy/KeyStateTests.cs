using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Tests.Envelopes;
using Keyladder.Keys.Vault;

namespace Keyladder.Keys.Tests.Hierarchy;

/// <summary>docs/spec/key-hierarchy.md section 5: what a key does in each state, and which state follows which.</summary>
public sealed class KeyStateTests
{
    private static readonly DateOnly Today = new(2026, 2, 28);
    private static readonly AccountId Account = AccountId.Generate();
    private static readonly DataId Data = DataId.Generate();
    private static readonly KeyService Vault = new(Origin.TryParse("https://vault.example.org", out var origin) ? origin : throw new InvalidOperationException(), AccountId.Generate());

    private static readonly (KeyState From, KeyState To)[] Allowed =
    [
        (KeyState.PreActivation, KeyState.Active), (KeyState.PreActivation, KeyState.Compromised),
        (KeyState.Active, KeyState.Deactivated), (KeyState.Active, KeyState.Compromised),
        (KeyState.Deactivated, KeyState.Compromised),
    ];

    public static TheoryData<KeyState> States() => [.. Enum.GetValues<KeyState>()];

    public static TheoryData<KeyState, KeyState> Steps() =>
        new(from one in Enum.GetValues<KeyState>() from other in Enum.GetValues<KeyState>() select (one, other));

    [Theory]
    [MemberData(nameof(States))]
    public async Task A_DEK_unwrapped_with_its_overview_does_what_its_state_allows_and_nothing_else(KeyState state)
    {
        using var kek = KeyEncryptionKey.Generate(Account);
        foreach (var active in (DataEncryptionKey[])[PersonalDataEncryptionKey.Generate(Account), SharingDataEncryptionKey.Generate(Account)])
        {
            using var original = active;
            var envelope = original.Seal(Data, "x"u8);
            var file = Files.Seal(original, [1, 2, 3]);
            using var dek = Rewrap(kek, original, state);

            Assert.Equal(state, dek.State);
            if (state == KeyState.Active)
            {
                Assert.Equal("x"u8, original.Open(Data, dek.Seal(Data, "x"u8)));
                Assert.Equal([1, 2, 3], Files.Open(original, Files.Seal(dek, [1, 2, 3])));
            }
            else
            {
                var destination = new MemoryStream();
                Assert.Equal(state, Assert.Throws<KeyStateException>(() => dek.Seal(Data, "x"u8)).State);
                await Assert.ThrowsAsync<KeyStateException>(() => dek.SealFileAsync(Stream.Null, destination, TestContext.Current.CancellationToken));
                Assert.Equal(0, destination.Length);
            }

            if (state == KeyState.PreActivation)
            {
                Assert.Throws<KeyStateException>(() => dek.Open(Data, envelope));
                Assert.Throws<KeyStateException>(() => Files.Open(dek, file));
            }
            else
            {
                Assert.Equal("x"u8, dek.Open(Data, envelope));
                Assert.Equal([1, 2, 3], Files.Open(dek, file));
            }

            // In every state it can be told which key a file belongs to.
            Assert.True(dek.HasSealed((await SealedFile.TryReadAsync(new MemoryStream(file), TestContext.Current.CancellationToken))!));
        }
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task A_keypair_signs_only_while_it_is_active(KeyState state)
    {
        using var kek = KeyEncryptionKey.Generate(Account);
        using var original = Keypair.Generate(Account);
        using var keypair = kek.Unwrap(kek.Wrap(original), original.Id, InState(kek, original, state));
        Task<string> Sign() => keypair.SignAsync(new MemoryStream([1]), DateTimeOffset.UnixEpoch, TestContext.Current.CancellationToken);

        Assert.Equal(original.Did, keypair.Did);
        if (state == KeyState.Active)
            Assert.NotEmpty(await Sign());
        else
            Assert.Equal(state, (await Assert.ThrowsAsync<KeyStateException>(Sign)).State);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void Only_the_allowed_steps_lead_from_state_to_state(KeyState from, KeyState to)
    {
        var allowed = Allowed.Contains((from, to));
        using var kek = KeyEncryptionKey.Generate(Account);
        using var dek = PersonalDataEncryptionKey.Generate(Account);
        var overview = InState(kek, dek, from);

        Assert.Equal(allowed, from.CanBecome(to));
        if (allowed)
            Assert.Equal(to, overview.WithState(to).State);
        else
            Assert.Throws<KeyStateException>(() => overview.WithState(to));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void A_key_in_hand_follows_the_same_steps_and_stays_where_it_is(KeyState from, KeyState to)
    {
        using var kek = KeyEncryptionKey.Generate(Account);
        using var original = SharingDataEncryptionKey.Generate(Account);
        using var dek = Rewrap(kek, original, from);

        if (from == to || Allowed.Contains((from, to)))
        {
            dek.ChangeState(to);
            Assert.Equal(to, dek.State);
        }
        else
        {
            Assert.Throws<KeyStateException>(() => dek.ChangeState(to));
            Assert.Equal(from, dek.State);
        }
    }

    [Fact]
    public void A_key_deactivated_in_hand_seals_nothing_from_then_on()
    {
        using var dek = PersonalDataEncryptionKey.Generate(Account);
        var envelope = dek.Seal(Data, "x"u8);
        dek.ChangeState(KeyState.Deactivated);
        Assert.Throws<KeyStateException>(() => dek.Seal(Data, "x"u8));
        Assert.Equal("x"u8, dek.Open(Data, envelope));
    }

    [Theory]
    [InlineData(KeyState.PreActivation)]
    [InlineData(KeyState.Deactivated)]
    [InlineData(KeyState.Compromised)]
    public void The_identity_key_stays_active(KeyState other)
    {
        using var identity = IdentityKeypair.Generate(Account);
        identity.ChangeState(KeyState.Active);
        Assert.Throws<KeyStateException>(() => identity.ChangeState(other));
        Assert.Throws<KeyStateException>(() => KeyOverview.Of(identity, null, Today).WithState(other));
        Assert.Equal(KeyState.Active, identity.State);
    }

    [Fact]
    public void The_identity_key_signs_heads_of_its_account_and_of_no_other()
    {
        using var identity = IdentityKeypair.Generate(Account);
        using var login = Cryptography.Signing.Ed25519PrivateKey.Generate();
        KeystoreHead Head(AccountId account) => new()
        {
            Account = account, Number = 1, Day = Today, Count = 1, Root = new Hash256(RandomNumberGenerator.GetBytes(32)), Links = [],
            KeyEncryptionKey = KeyEncryptionKeyId.Generate(), Epoch = 1, Identity = new HeadIdentity(identity.Id, identity.PublicKey),
            Slots = [new HeadSlot(SlotId.Generate(), SlotKind.Words, login.PublicKey, new Hash256(RandomNumberGenerator.GetBytes(32)))],
        };

        Assert.True(identity.Sign(Head(Account)).IsSignedBy(identity.PublicKey));
        Assert.Throws<ArgumentException>(() => identity.Sign(Head(AccountId.Generate())));
    }

    [Theory]
    [InlineData(KeyState.PreActivation)]
    [InlineData(KeyState.Deactivated)]
    [InlineData(KeyState.Compromised)]
    public void The_keypairs_of_a_Vault_stay_active(KeyState other)
    {
        foreach (var made in (KeystoreKey[])[VaultSignInKeypair.Generate(Account, Vault), VaultHeadKeypair.Generate(Account, Vault)])
        {
            using var keypair = made;
            keypair.ChangeState(KeyState.Active);
            Assert.Throws<KeyStateException>(() => keypair.ChangeState(other));
            Assert.Throws<KeyStateException>(() => KeyOverview.Of(keypair, null, Today).WithState(other));
            Assert.Equal(KeyState.Active, keypair.State);
        }
    }

    [Theory]
    [MemberData(nameof(States))]
    public void A_DEK_seals_and_opens_for_its_Vault_as_its_state_allows(KeyState state)
    {
        using var kek = KeyEncryptionKey.Generate(Account);
        using var original = PersonalDataEncryptionKey.Generate(Account, Vault);
        var (item, attribute) = (ItemId.Generate(), AttributeId.Generate());
        var overview = new ItemOverview { Name = "n", Kind = "k", Tags = [], Created = Today, Changed = Today, Attributes = [] };
        var combination = ItemAttribute.Text("n", "x");
        var (sealedItem, sealedAttribute) = (original.Seal(item, overview, 1), original.Seal(item, attribute, combination, 1));
        using var dek = kek.Unwrap(kek.Wrap(original), original.Id, InState(kek, original, state));

        foreach (var seal in (Func<byte[]>[])[() => dek.Seal(item, overview, 1), () => dek.Seal(item, attribute, combination, 1)])
        {
            if (state == KeyState.Active)
                Assert.NotEmpty(seal());
            else
                Assert.Equal(state, Assert.Throws<KeyStateException>(seal).State);
        }

        foreach (var open in (Func<object>[])[() => dek.Open(item, sealedItem, 1), () => dek.Open(item, attribute, sealedAttribute, 1)])
        {
            if (state == KeyState.PreActivation)
                Assert.Equal(state, Assert.Throws<KeyStateException>(open).State);
            else
                Assert.NotNull(open());
        }
    }

    /// <summary>The overview of a key in any state, sealed and opened as a service would have kept it.</summary>
    private static KeyOverview InState(KeyEncryptionKey kek, KeystoreKey key, KeyState state)
    {
        var json = System.Text.Encoding.UTF8.GetString(KeyOverview.Of(key, "a label", Today).Encode()).Replace("\"active\"", $"\"{state.ToText()}\"");
        Assert.True(KeyOverview.TryDecode(System.Text.Encoding.UTF8.GetBytes(json), out var overview));
        return kek.OpenOverview(key.Id, kek.SealOverview(key.Id, overview, 1), 1);
    }

    private static DataEncryptionKey Rewrap(KeyEncryptionKey kek, DataEncryptionKey dek, KeyState state) => dek switch
    {
        PersonalDataEncryptionKey personal => kek.Unwrap(kek.Wrap(personal), dek.Id, InState(kek, dek, state)),
        SharingDataEncryptionKey sharing => kek.Unwrap(kek.Wrap(sharing), dek.Id, InState(kek, dek, state)),
        _ => throw new InvalidOperationException(),
    };
}
