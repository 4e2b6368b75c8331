using CsCheck;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Signing;

public sealed class SessionKeyIdTests
{
    [Fact]
    public void The_text_is_that_of_the_spec()
    {
        Assert.True(AccountId.TryParse("00112233-4455-4677-8899-aabbccddeeff", out var account));
        Assert.True(SessionId.TryParse("ffeeddcc-bbaa-4988-b766-554433221100", out var session));
        var text = new SessionKeyId(7, account, session).ToString();
        Assert.Equal(44, text.Length);
        Assert.True(Base64UrlText.TryDecode(text, out var bytes));
        Assert.Equal("0700112233445546778899AABBCCDDEEFFFFEEDDCCBBAA4988B766554433221100", Convert.ToHexString(bytes));
    }

    [Fact]
    public void What_was_written_is_read() =>
        Gen.Byte.Sample(generation =>
        {
            var keyId = new SessionKeyId(generation, AccountId.Generate(), SessionId.Generate());
            return SessionKeyId.TryParse(keyId.ToString(), out var read) && read == keyId;
        });

    [Fact]
    public void Every_other_text_is_refused()
    {
        var text = new SessionKeyId(1, AccountId.Generate(), SessionId.Generate()).ToString();
        Assert.True(Base64UrlText.TryDecode(text, out var bytes));
        string?[] others =
        [
            null, "", text[..43], text + "A", text + "=", " " + text[..43],
            Base64UrlText.Encode(bytes.AsSpan(1)),
            Base64UrlText.Encode([.. bytes, 0]),
            Base64UrlText.Encode(With(bytes, 7, 0x10)), // another version, RFC 9562 section 4.2
            Base64UrlText.Encode(With(bytes, 23, 0x70)),
            Base64UrlText.Encode(With(bytes, 9, 0xC0)), // another variant, section 4.1
            Base64UrlText.Encode(With(bytes, 25, 0x00)),
        ];
        Assert.All(others, other => Assert.False(SessionKeyId.TryParse(other, out _), other));
    }

    private static byte[] With(byte[] bytes, int index, byte value)
    {
        var changed = (byte[])bytes.Clone();
        changed[index] = value;
        return changed;
    }
}
