using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Keyladder.Cryptography.Signing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Keyladder.Cli.Tests;

/// <summary>What the story of DIDs cannot tell: a page that somebody publishes, and what is in a file that only its owner can read.</summary>
public sealed class DidTests(OneAccount account) : IClassFixture<OneAccount>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_statement_as_a_did_web_verifies_while_its_page_lists_the_key_and_no_longer()
    {
        var story = account.Story;
        using var certificate = SelfSigned();
        await File.WriteAllTextAsync(story.PathOf("page.pem"), certificate.ExportCertificatePem(), Cancellation);
        story.Environment["SSL_CERT_FILE"] = story.PathOf("page.pem");
        byte[] page = [];
        await using var server = await ServeAsync(certificate, () => page);
        story["WEB"] = $"did:web:localhost%3A{new Uri(server.Urls.Single()).Port}:ada";

        await story.TellAsync("""
            write essay.txt An essay
            laptop$ keyladder key generate signing --label pen --type p-256
            laptop$ keyladder key generate signing --label quill
            laptop$ keyladder sign essay.txt --key pen --did $WEB
            laptop$ keyladder did publish $WEB --key pen --json
            """);
        page = Document(story.Output);
        await story.TellAsync("""
            reader$ keyladder did resolve $WEB
            out JsonWebKey2020
            reader$ keyladder verify essay.txt --did $WEB
            out Verified: signed by did:web:localhost
            laptop$ keyladder did publish $WEB --key quill --json
            """);
        page = Document(story.Output);
        await story.TellAsync("""
            reader$ keyladder verify essay.txt --did $WEB
            exit 6
            """);
        page = "{}"u8.ToArray();
        await story.TellAsync("""
            reader$ keyladder verify essay.txt --did $WEB
            exit 6
            err not the document
            """);
        await server.StopAsync(Cancellation);
        await story.TellAsync("""
            reader$ keyladder verify essay.txt --did $WEB
            exit 8
            """);
        story.Environment.Remove("SSL_CERT_FILE");
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("p-256")]
    [InlineData("secp256k1")]
    public async Task A_private_key_is_written_to_a_file_that_only_its_owner_can_read_and_is_the_one_of_the_DID(string type)
    {
        var story = account.Story;
        story["TYPE"] = type;
        await story.TellAsync("""
            laptop$ keyladder key generate signing --label mine-$TYPE --type $TYPE
            laptop$ keyladder key export mine-$TYPE --format jwk
            """);
        using var open = JsonDocument.Parse(story.Output);
        await story.TellAsync("""
            laptop$ keyladder key export mine-$TYPE --dangerous-private $TYPE.jwk --format jwk --yes
            laptop$ keyladder key export mine-$TYPE --dangerous-private $TYPE.raw --format raw --yes
            laptop$ keyladder key export mine-$TYPE --dangerous-private $TYPE.pem --yes
            """);
        foreach (var extension in (string[])["jwk", "raw", "pem"])
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(story.PathOf($"{type}.{extension}")));
        }

        using var jwk = JsonDocument.Parse(await File.ReadAllBytesAsync(story.PathOf($"{type}.jwk"), Cancellation));
        Assert.Equal(open.RootElement.GetProperty("x").GetString(), jwk.RootElement.GetProperty("x").GetString());
        var raw = await File.ReadAllBytesAsync(story.PathOf($"{type}.raw"), Cancellation);
        Assert.Equal(Cryptography.Base64UrlText.Encode(raw), jwk.RootElement.GetProperty("d").GetString());
        var pem = await File.ReadAllTextAsync(story.PathOf($"{type}.pem"), Cancellation);
        if (type == "ed25519")
        {
            using var key = Ed25519PrivateKey.FromSeed(raw);
            Assert.Equal(open.RootElement.GetProperty("x").GetString(), Cryptography.Base64UrlText.Encode(key.PublicKey.Bytes));
            Assert.StartsWith("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI", pem, StringComparison.Ordinal);
            return;
        }

        using var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(pem);
        Assert.Equal(open.RootElement.GetProperty("x").GetString(), Cryptography.Base64UrlText.Encode(ecdsa.ExportParameters(includePrivateParameters: true).Q.X));
        Assert.Equal(raw, ecdsa.ExportParameters(includePrivateParameters: true).D);
    }

    [Fact]
    public async Task A_person_at_a_terminal_is_asked_before_a_key_is_written()
    {
        var story = account.Story;
        await story.TellAsync("laptop$ keyladder key generate signing --label asked");
        await using var terminal = story.AtTerminal("laptop", "key export asked --dangerous-private asked.pem");
        await terminal.ShowsAsync("sealed by nothing? Whoever gets at the file signs as you");
        await terminal.TypeAsync("no" + PseudoTerminal.Enter);
        Assert.Equal(6, await terminal.EndAsync());
        Assert.False(File.Exists(story.PathOf("asked.pem")));
    }

    private static byte[] Document(string output)
    {
        using var answer = JsonDocument.Parse(output);
        return System.Text.Encoding.UTF8.GetBytes(answer.RootElement.GetProperty("document").GetRawText());
    }

    private static async Task<WebApplication> ServeAsync(X509Certificate2 certificate, Func<byte[]> page)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var server = builder.Build();
        server.MapGet("/ada/did.json", () => Results.Bytes(page(), "application/json"));
        await server.StartAsync(Cancellation);
        return server;
    }

    private static X509Certificate2 SelfSigned()
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", own, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }
}
