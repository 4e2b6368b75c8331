using System.Net;
using Keyladder.Keystore;
using Keyladder.Protocol;
using Keyladder.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Services.Tests.Hosting;

/// <summary>A client that goes away while it sends is no failure of the service, and leaves no trace of one in the operator's log.</summary>
public sealed class HangUpTests : IDisposable
{
    private const int Times = 50; // which of the server's two notices comes first is for the scheduler to say

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keyladder-test-");
    private readonly CapturedLogs logs = new();
    private readonly TestAuthority authority = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        authority.Dispose();
        logs.Dispose();
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task H10_a_client_that_hangs_up_while_it_sends_is_no_failure_of_the_service(string version)
    {
        await using var service = await StartAsync();
        using var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = authority.Policy } };
        using var http = new HttpClient(handler)
        {
            BaseAddress = new Uri(service.Urls.Single()), DefaultRequestVersion = Version.Parse(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        for (var time = 0; time < Times; time++)
        {
            using var body = new UnfinishedBody();
            using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var sending = http.PostAsync(ServiceRoutes.Sessions, body, hangUp.Token);
            await body.Begun.WaitAsync(Patience, Cancellation);
            await hangUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        }

        await HeardAsync();
        Assert.DoesNotContain(logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) || line.Contains(" failed: ", StringComparison.Ordinal));
        // Whoever is there gets an answer.
        using var answer = await http.GetAsync("/health/live", Cancellation);
        Assert.Equal((HttpStatusCode.OK, version), (answer.StatusCode, answer.Version.ToString(2)));
    }

    /// <summary>Each of the requests stands in the log with a status, whichever.</summary>
    private async Task HeardAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        while (logs.Lines.Count(line => line.Contains("SignIn answered", StringComparison.Ordinal)) < Times)
            await Task.Delay(10, limit.Token);
    }

    private async Task<WebApplication> StartAsync()
    {
        var (certificate, key) = (Path.Combine(folder.FullName, "certificate.pem"), Path.Combine(folder.FullName, "key.pem"));
        authority.Issue().WriteTo(certificate, key);
        var options = new KeystoreOptions { Urls = "https://127.0.0.1:0", Data = Path.Combine(folder.FullName, "data"), Certificate = certificate, CertificateKey = key };
        var service = KeystoreService.Build(options, logging: logging => logging.AddProvider(logs));
        await service.StartAsync(Cancellation);
        return service;
    }

    /// <summary>Announces more than it brings, and waits with the rest until it is given up.</summary>
    private sealed class UnfinishedBody : HttpContent
    {
        private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public UnfinishedBody() => Headers.ContentType = new("application/json");

        public Task Begun => begun.Task;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync("{\"assertion\":"u8.ToArray(), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 1_000;
            return true;
        }
    }
}
