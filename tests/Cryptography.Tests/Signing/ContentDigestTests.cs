using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Signing;

public sealed class ContentDigestTests
{
    // RFC 9530 appendix B.1.
    private const string Published = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";

    [Fact]
    public void The_digest_is_that_of_RFC_9530()
    {
        var digest = ContentDigest.Of("{\"hello\": \"world\"}\n"u8);
        Assert.Equal(Published, digest.ToString());
        Assert.True(ContentDigest.TryParse(Published, out var read));
        Assert.Equal(digest, read);
        Assert.NotEqual(ContentDigest.OfNothing, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha-256=:")]
    [InlineData("sha-256=::")]
    [InlineData("SHA-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:")]
    [InlineData("sha-512=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:")]
    [InlineData(" sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:")]
    [InlineData("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=: ")]
    [InlineData("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:;x")]
    [InlineData("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:, sha-512=:AA==:")]
    [InlineData("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg:")]
    [InlineData("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDh=:")]
    [InlineData("sha-256=:RK_0qy18MlBSVnWgjwz6lZEWjP_lF5HF9bvEF8FabDg=:")]
    [InlineData("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg= :")]
    [InlineData("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8Fa:")]
    [InlineData("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDgA:")]
    public void Every_other_form_is_refused(string? field) => Assert.False(ContentDigest.TryParse(field, out _));
}
