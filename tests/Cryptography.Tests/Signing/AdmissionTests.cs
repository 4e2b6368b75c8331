using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Signing;

public sealed class AdmissionTests
{
    [Fact]
    public void What_an_app_makes_is_read_by_the_service_and_lasts_ten_minutes()
    {
        using var key = Ed25519PrivateKey.Generate();
        Assert.True(Origin.TryParse("https://keys.example.org", out var origin));
        var now = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);

        var made = Admission.Create(origin, now);
        Assert.True(Admission.TryVerify(made.Sign(key), key.PublicKey, out var read));

        Assert.Equal(made, read);
        Assert.Equal((1_790_000_000, 1_790_000_600), (read.IssuedAt, read.Expires));
        Assert.NotEqual(made.Id, Admission.Create(origin, now).Id);
    }

    [Fact]
    public void One_that_lasts_longer_is_refused_whoever_signed_it()
    {
        using var key = Ed25519PrivateKey.Generate();
        Assert.True(Origin.TryParse("https://keys.example.org", out var origin));
        var made = Admission.Create(origin, DateTimeOffset.UnixEpoch);

        Assert.False(Admission.TryVerify((made with { Expires = made.Expires + 1 }).Sign(key), key.PublicKey, out _));
        Assert.False(Admission.TryVerify((made with { Expires = made.IssuedAt }).Sign(key), key.PublicKey, out _));
    }

    [Fact]
    public void An_invitation_says_nothing_of_itself_and_each_is_another()
    {
        using var code = InvitationCode.Generate();
        using var other = InvitationCode.Generate();
        var text = new char[InvitationCode.TextLength];
        code.DangerousWriteTo(text);

        Assert.True(InvitationCode.TryParse(text, out var read));
        using (read)
            Assert.Equal(code.DangerousSpan, read.DangerousSpan);
        Assert.False(code.DangerousSpan.SequenceEqual(other.DangerousSpan));
        Assert.Equal(nameof(InvitationCode), code.ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => code.DangerousWriteTo(new char[InvitationCode.TextLength - 1]));
    }
}
