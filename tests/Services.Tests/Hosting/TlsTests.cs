using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Keyladder.Hosting;
using Keyladder.Keystore;
using Keyladder.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Services.Tests.Hosting;

/// <summary>TLS by the service itself, with certificates of an authority that is made here.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keyladder-test-");
    private readonly CapturedLogs logs = new();
    private readonly TestAuthority authority = new();

    public void Dispose()
    {
        authority.Dispose();
        logs.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_client_that_trusts_the_authority_reaches_the_service_over_TLS_13()
    {
        authority.Issue().WriteTo(Certificate, Key);
        await using var service = await StartAsync();
        using var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = authority.Policy } };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(service.Urls.Single()) };
        using var answer = await http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal((SslProtocols.Tls13, authority.Last), await HandshakeAsync(service, SslProtocols.None));
    }

    [Fact]
    public async Task C14_TLS_12_is_refused_unless_the_operator_allows_it()
    {
        authority.Issue().WriteTo(Certificate, Key);
        await using (var strict = await StartAsync())
            await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(strict, SslProtocols.Tls12));
        await using var lenient = await StartAsync(options => options with { Tls12 = true });
        Assert.Equal((SslProtocols.Tls12, authority.Last), await HandshakeAsync(lenient, SslProtocols.Tls12));
        Assert.Equal((SslProtocols.Tls13, authority.Last), await HandshakeAsync(lenient, SslProtocols.None));
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_without_a_restart_and_connections_stay()
    {
        authority.Issue().WriteTo(Certificate, Key);
        await using var service = await StartAsync();
        using var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = authority.Policy } };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(service.Urls.Single()) };
        using var before = await http.GetAsync("/health/live", TestContext.Current.CancellationToken);

        authority.Issue().WriteTo(Certificate, Key);
        Assert.Equal(authority.Last, (await HandshakeAsync(service)).Serial);
        using var after = await http.GetAsync("/health/live", TestContext.Current.CancellationToken);
        Assert.True(after.IsSuccessStatusCode);
        Assert.Single(logs.Lines, line => line.Contains("has been replaced", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_link_is_followed_when_it_is_pointed_elsewhere_and_when_what_it_leads_to_is_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows asks for a privilege to make links.");
        authority.Issue().WriteTo($"{Certificate}.1", $"{Key}.1");
        File.CreateSymbolicLink(Certificate, $"{Certificate}.1");
        File.CreateSymbolicLink(Key, $"{Key}.1");
        await using var service = await StartAsync();
        Assert.Equal(authority.Last, (await HandshakeAsync(service)).Serial);

        authority.Issue().WriteTo($"{Certificate}.2", $"{Key}.2");
        foreach (var path in new[] { Certificate, Key })
        {
            File.CreateSymbolicLink($"{path}.new", $"{path}.2");
            File.Move($"{path}.new", path, overwrite: true);
        }

        Assert.Equal(authority.Last, (await HandshakeAsync(service)).Serial);
        authority.Issue().WriteTo($"{Certificate}.2", $"{Key}.2"); // the link stays as it is
        Assert.Equal(authority.Last, (await HandshakeAsync(service)).Serial);
    }

    [Fact]
    public async Task Files_that_are_not_good_leave_the_certificate_from_before_in_use_until_they_are()
    {
        var first = authority.Issue();
        first.WriteTo(Certificate, Key);
        await using var service = await StartAsync();
        var shown = authority.Last;
        var second = authority.Issue();
        var expected = authority.Last;

        await File.WriteAllTextAsync(Certificate, second.CertificatePem, TestContext.Current.CancellationToken); // its key is still to come
        for (var handshake = 0; handshake < 3; handshake++)
            Assert.Equal(shown, (await HandshakeAsync(service)).Serial);
        Assert.Single(logs.Lines, line => line.Contains("stays in use", StringComparison.Ordinal));
        File.Delete(Key);
        Assert.Equal(shown, (await HandshakeAsync(service)).Serial);
        second.WriteTo(Certificate, Key);
        Assert.Equal(expected, (await HandshakeAsync(service)).Serial);
    }

    [Fact]
    public async Task The_chain_in_the_file_is_sent_with_the_certificate()
    {
        authority.Issue(throughIntermediate: true).WriteTo(Certificate, Key);
        await using var service = await StartAsync();
        Assert.Equal(authority.Last, (await HandshakeAsync(service)).Serial);
    }

    [Fact]
    public void What_is_wrong_with_the_files_stops_the_start()
    {
        var good = authority.Issue();
        Refused("cannot be read");
        good.WriteTo(Certificate, Key);
        File.WriteAllText(Key, authority.Issue().KeyPem);
        Refused("are not a certificate and its key");
        File.WriteAllText(Key, "planted");
        Refused("are not a certificate and its key");
        authority.Issue(forClients: true).WriteTo(Certificate, Key);
        Refused("not one for servers");
        if (OperatingSystem.IsWindows())
            return;
        good.WriteTo(Certificate, Key);
        File.SetUnixFileMode(Key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Refused("open to everyone");

        void Refused(string what)
        {
            var refusal = Assert.Throws<StartupException>(() => Build());
            Assert.Contains(what, refusal.What, StringComparison.Ordinal);
            Assert.DoesNotContain("planted", refusal.ToString(), StringComparison.Ordinal);
        }
    }

    private string Certificate => Path.Combine(folder.FullName, "certificate.pem");

    private string Key => Path.Combine(folder.FullName, "key.pem");

    private WebApplication Build(Func<KeystoreOptions, KeystoreOptions>? change = null)
    {
        var options = new KeystoreOptions { Urls = "https://127.0.0.1:0", Data = Path.Combine(folder.FullName, "data"), Certificate = Certificate, CertificateKey = Key };
        return KeystoreService.Build(change?.Invoke(options) ?? options, logging: logging => logging.AddProvider(logs));
    }

    private async Task<WebApplication> StartAsync(Func<KeystoreOptions, KeystoreOptions>? change = null)
    {
        var service = Build(change);
        await service.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    /// <summary>A new connection, by a client that trusts the test's authority and checks everything.</summary>
    private async Task<(SslProtocols Version, string Serial)> HandshakeAsync(WebApplication service, SslProtocols version = SslProtocols.None)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", new Uri(service.Urls.Single()).Port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", EnabledSslProtocols = version, CertificateChainPolicy = authority.Policy },
            TestContext.Current.CancellationToken);
        return (tls.SslProtocol, ((X509Certificate2)tls.RemoteCertificate!).SerialNumber);
    }
}
