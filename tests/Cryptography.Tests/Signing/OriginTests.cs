using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Signing;

public sealed class OriginTests
{
    [Theory]
    [InlineData("https://keys.example.org", "https://keys.example.org", "keys.example.org")]
    [InlineData("https://keys.example.org/", "https://keys.example.org", "keys.example.org")]
    [InlineData("HTTPS://Keys.Example.ORG:443/", "https://keys.example.org", "keys.example.org")]
    [InlineData("https://keys.example.org:8443", "https://keys.example.org:8443", "keys.example.org:8443")]
    [InlineData("https://keys.example.org:80", "https://keys.example.org:80", "keys.example.org:80")]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("http://localhost:80", "http://localhost", "localhost")]
    [InlineData("http://[::1]:8080", "http://[::1]:8080", "[::1]:8080")]
    [InlineData("https://[2001:DB8:0:0:0:0:0:1]", "https://[2001:db8::1]", "[2001:db8::1]")]
    [InlineData("https://schlüssel.example", "https://xn--schlssel-95a.example", "xn--schlssel-95a.example")]
    public void What_a_person_enters_gets_its_one_form(string entered, string expected, string authority)
    {
        Assert.True(Origin.TryCreate(new Uri(entered), out var origin));
        Assert.Equal(expected, origin.ToString());
        Assert.Equal(authority, origin.Authority);
        Assert.Equal(new Uri(expected), origin.Address);
        Assert.True(Origin.TryParse(expected, out var read));
        Assert.Equal(origin, read);
        Assert.Equal(origin.GetHashCode(), read.GetHashCode());
    }

    [Theory]
    [InlineData("ftp://keys.example.org")]
    [InlineData("https://person@keys.example.org")]
    [InlineData("https://keys.example.org/v1")]
    [InlineData("https://keys.example.org/?a=b")]
    [InlineData("https://keys.example.org/#top")]
    [InlineData("https://[fe80::1%25eth0]/")]
    [InlineData("file:///etc/hosts")]
    [InlineData("mailto:person@example.org")]
    [InlineData("urn:keyladder:problem:internal")]
    [InlineData("https://\u2028eys.example.org")] // has no ASCII form
    [InlineData("https://xn--bcher\u00a0va.example")]
    [InlineData("https://keys.exam\u00a0ple.org")] // has one that is no host
    [InlineData("https://keys\u3000")] // and one that is read as another
    public void What_is_more_or_less_than_an_origin_is_refused(string entered)
    {
        Assert.False(Origin.TryCreate(new Uri(entered), out _));
        Assert.False(Origin.TryParse(entered, out _));
    }

    [Fact]
    public void A_relative_address_is_refused() => Assert.False(Origin.TryCreate(new Uri("/v1", UriKind.Relative), out _));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("keys.example.org")]
    [InlineData("https://keys.example.org/")]
    [InlineData("https://keys.example.org:443")]
    [InlineData("http://keys.example.org:80")]
    [InlineData("HTTPS://keys.example.org")]
    [InlineData("https://Keys.example.org")]
    [InlineData(" https://keys.example.org")]
    [InlineData("https://keys.example.org\n")]
    [InlineData("https://keys.example.org#")]
    [InlineData("https://keys.example.org?")]
    [InlineData("https://@keys.example.org")]
    [InlineData("https:\\\\keys.example.org")]
    [InlineData("https://127.1")]
    [InlineData("https://2130706433")]
    [InlineData("https://[0:0:0:0:0:0:0:1]")]
    [InlineData("https://schlüssel.example")]
    public void A_message_has_the_one_form_or_is_refused(string? text) => Assert.False(Origin.TryParse(text, out _));

    [Theory]
    [InlineData("https://keys.example.org", true)]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://[::1]", true)]
    [InlineData("http://localhost:5000", true)]
    [InlineData("http://keys.example.org", false)]
    [InlineData("http://192.168.0.1", false)]
    [InlineData("http://localhost.example.org", false)]
    [InlineData("http://127.0.0.1.example.org", false)]
    public void Plain_HTTP_is_secure_on_loopback_only(string text, bool secure)
    {
        Assert.True(Origin.TryParse(text, out var origin));
        Assert.Equal(secure, origin.IsSecure);
    }
}
