using Keyladder.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;

namespace Keyladder.Keys.Tests.Recovery;

/// <summary>From a password and two services to the recovery key, and by three shares to the same one.</summary>
public sealed class RecoveryKeyTests
{
    private static readonly Origin Store = Origin.TryParse("https://passphrases.example.org", out var origin) ? origin : null!;
    private static readonly RecoveryPlace Place = new(Store, RecoveryRecordId.Generate());

    [Fact]
    public async Task The_right_password_opens_and_another_does_not()
    {
        using var storeKey = OprfKey.Generate();
        using var guardianKey = OprfKey.Generate();
        using var key = RecoveryKey.Generate();
        using var right = await SlotKeyAsync("correct horse battery staple", storeKey, guardianKey);
        var slot = right.Wrap(key);

        using var again = await SlotKeyAsync("correct horse battery staple", storeKey, guardianKey);
        Assert.True(again.TryUnwrap(slot, out var opened));
        using (opened)
        using (var signer = opened.DeriveStoreKey(Place))
        using (var expected = key.DeriveStoreKey(Place))
            Assert.Equal(expected.PublicKey, signer.PublicKey);

        using var wrong = await SlotKeyAsync("correct horse battery stapel", storeKey, guardianKey);
        Assert.False(wrong.TryUnwrap(slot, out _));
    }

    [Fact]
    public async Task F01_F02_the_right_password_opens_nothing_where_one_service_evaluates_with_another_key()
    {
        using var storeKey = OprfKey.Generate();
        using var guardianKey = OprfKey.Generate();
        using var key = RecoveryKey.Generate();
        using var right = await SlotKeyAsync("correct horse battery staple", storeKey, guardianKey);
        var slot = right.Wrap(key);

        using var storeAlone = await SlotKeyAsync("correct horse battery staple", storeKey, storeKey);
        using var guardianAlone = await SlotKeyAsync("correct horse battery staple", guardianKey, guardianKey);
        Assert.False(storeAlone.TryUnwrap(slot, out _));
        Assert.False(guardianAlone.TryUnwrap(slot, out _));
    }

    [Fact]
    public void F20_the_shares_of_before_open_nothing_of_after()
    {
        using var code = RecoveryCode.Generate();
        using var key = RecoveryKey.Generate();
        using var secret = ResetSecret.Generate();
        var slot = secret.Wrap(key, Place);
        var (a, b) = secret.Split(code);
        using var next = ResetSecret.Generate();
        var nextSlot = next.Wrap(key, Place);
        var (nextA, nextB) = next.Split(code);
        using (a)
        using (b)
        using (nextA)
        using (nextB)
        {
            using var whole = ResetSecret.Combine(a.DangerousSpan, b.DangerousSpan, code);
            Assert.True(whole.TryUnwrap(slot, Place, out var opened));
            opened.Dispose();
            foreach (var (store, guardian) in new[] { (a, b), (nextA, b), (a, nextB) })
            {
                using var mixed = ResetSecret.Combine(store.DangerousSpan, guardian.DangerousSpan, code);
                Assert.False(mixed.TryUnwrap(nextSlot, Place, out _));
            }
        }
    }

    [Fact]
    public void F04_two_shares_of_three_open_nothing()
    {
        using var code = RecoveryCode.Generate();
        using var otherCode = RecoveryCode.Generate();
        using var key = RecoveryKey.Generate();
        using var secret = ResetSecret.Generate();
        var slot = secret.Wrap(key, Place);
        var (a, b) = secret.Split(code);
        using (a)
        using (b)
        {
            using var withoutPerson = ResetSecret.Combine(a.DangerousSpan, b.DangerousSpan, otherCode);
            using var withoutGuardian = ResetSecret.Combine(a.DangerousSpan, new byte[ResetSecret.Size], code);
            using var withoutStore = ResetSecret.Combine(new byte[ResetSecret.Size], b.DangerousSpan, code);
            Assert.All([withoutPerson, withoutGuardian, withoutStore], less => Assert.False(less.TryUnwrap(slot, Place, out _)));
            Assert.Throws<ArgumentException>(() => ResetSecret.Combine(new byte[31], b.DangerousSpan, code));
        }
    }

    [Theory]
    [InlineData("eleven char", UnlockSecretFault.PasswordTooShort)]
    [InlineData("a b c d e f g h i j k l", UnlockSecretFault.ShapeOfWords)]
    [InlineData("tabs\tare refused", UnlockSecretFault.ControlCharacter)]
    public void A_password_that_is_none_is_refused_by_name(string typed, UnlockSecretFault fault)
    {
        Assert.False(RecoveryPassword.TryParse(typed, out _, out var error));
        Assert.Equal(fault, error.Fault);
    }

    [Fact]
    public void What_is_wrong_with_a_recovery_code_is_said_of_a_recovery_code()
    {
        Assert.False(RecoveryCode.TryParse("KL1-", out _, out var error));
        Assert.Equal("A recovery code starts with KR1.", error.ToString());
        Assert.False(SecretKey.TryParse("KR1-", out _, out var other));
        Assert.Equal("A Secret Key starts with KL1.", other.ToString());
    }

    private static async Task<PasswordSlotKey> SlotKeyAsync(string typed, OprfKey store, OprfKey guardian)
    {
        Assert.True(Username.TryParse("person@example.org", out var username));
        Assert.True(RecoveryPassword.TryParse(typed, out var password, out _));
        using (password)
        {
            using var stretched = await password.StretchAsync(Store, username, TestContext.Current.CancellationToken);
            using var first = stretched.Blind();
            using var second = stretched.Blind();
            Assert.False(first.BlindedElement.SequenceEqual(second.BlindedElement));
            using var y1 = first.Finalize(store.BlindEvaluate(first.BlindedElement));
            using var y2 = second.Finalize(guardian.BlindEvaluate(second.BlindedElement));
            return stretched.DeriveSlotKey(y1, y2, Place);
        }
    }
}
