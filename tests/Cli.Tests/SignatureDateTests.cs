using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Cli.Commands;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cli.Tests;

public sealed class SignatureDateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-date-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(253402300800)] // the first second of the year 10000
    [InlineData((1L << 53) - 1)]
    public async Task A_valid_signature_verifies_whatever_the_signers_clock_said(long issuedAt)
    {
        using var key = Ed25519PrivateKey.Generate();
        var did = Did.Of(key.PublicKey);
        var file = Path.Combine(_folder.FullName, "letter.txt");
        await File.WriteAllTextAsync(file, "Dear reader", TestContext.Current.CancellationToken);
        var sha512 = Base64UrlText.Encode(SHA512.HashData("Dear reader"u8));
        await File.WriteAllTextAsync(file + ".sig", Sign(key, $$"""{"iss":"{{did}}","iat":{{issuedAt}},"sha512":"{{sha512}}","size":11}"""), TestContext.Current.CancellationToken);

        var exit = await CommandLine.Create().Parse(["verify", file, "--did", did.ToString()]).InvokeAsync(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken);

        Assert.Equal(0, exit);
    }

    [Fact]
    public void A_date_beyond_the_calendar_is_shown_as_what_it_is()
    {
        Assert.Equal("9999-12-31 23:59:59Z", VerifyCommand.When(253402300799));
        Assert.Equal("second 253402300800 since 1970, which is no date", VerifyCommand.When(253402300800));
    }

    private static string Sign(Ed25519PrivateKey key, string payload)
    {
        var signed = Base64UrlText.Encode("""{"alg":"Ed25519","typ":"signed-content+jwt"}"""u8) + "." + Base64UrlText.Encode(Encoding.UTF8.GetBytes(payload));
        return $"{signed}.{Base64UrlText.Encode(key.Sign(Encoding.ASCII.GetBytes(signed)))}\n";
    }
}
