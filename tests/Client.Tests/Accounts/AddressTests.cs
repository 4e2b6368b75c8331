namespace Keyladder.Client.Tests.Accounts;

public sealed class AddressTests
{
    [Theory]
    [InlineData("http://keys.example.org")]
    [InlineData("http://192.0.2.7:8080")]
    [InlineData("http://localhost.example.org")]
    [InlineData("http://127.0.0.1.example.org")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("https://keys.example.org/keystore")]
    [InlineData("https://keys.example.org/?a=b")]
    [InlineData("https://keys.example.org/#a")]
    [InlineData("https://alice@keys.example.org")]
    [InlineData("https://alice:secret@keys.example.org")]
    public void An_address_that_would_be_open_to_others_or_is_more_than_an_address_is_refused(string address) =>
        Assert.Throws<ArgumentException>(() => new KeyladderClient(new Uri(address), new MemoryPinStore()));

    [Theory]
    [InlineData("https://keys.example.org", "https://keys.example.org/")]
    [InlineData("https://KEYS.example.org:443/", "https://keys.example.org/")]
    [InlineData("http://127.0.0.1:5000", "http://127.0.0.1:5000/")]
    [InlineData("http://localhost:5000", "http://localhost:5000/")]
    [InlineData("http://[::1]:5000", "http://[::1]:5000/")]
    public void An_address_is_brought_into_its_one_form(string address, string form)
    {
        using var client = new KeyladderClient(new Uri(address), new MemoryPinStore());

        Assert.Equal(form, client.Address.ToString());
    }

    [Fact]
    public void A_relative_address_is_refused() =>
        Assert.Throws<ArgumentException>(() => new KeyladderClient(new Uri("/v1", UriKind.Relative), new MemoryPinStore()));
}
