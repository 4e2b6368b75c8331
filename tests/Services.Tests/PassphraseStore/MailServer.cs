using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using MimeKit;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Mail;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace Services.Tests.PassphraseStore;

/// <summary>A real mail server on loopback: what it takes, it gives to the test. It refuses who begins with "refused-".</summary>
internal sealed class MailServer : MessageStore, IUserAuthenticator, IMailboxFilter, IAsyncDisposable
{
    public const string User = "recovery";
    public const string Password = "planted mail password";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<(string From, string To, MimeMessage Mail)> received = Channel.CreateUnbounded<(string, string, MimeMessage)>();
    private readonly CancellationTokenSource end = new();
    private X509Certificate2? certificate;
    private Task running = Task.CompletedTask;
    private int signIns;
    private int count;

    public int Port { get; private set; }

    /// <summary>How often somebody has signed in with the right password.</summary>
    public int SignIns => Volatile.Read(ref signIns);

    /// <summary>What it waits for before it takes a mail.</summary>
    public Task Open { get; set; } = Task.CompletedTask;

    public int Received => Volatile.Read(ref count);

    /// <param name="pem">With a certificate it takes mails under TLS alone, and from those who have signed in.</param>
    /// <param name="key">Of the certificate.</param>
    public static MailServer Start(string? pem = null, string? key = null)
    {
        var server = new MailServer();
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            server.Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        var services = new ServiceProvider();
        services.Add((IMessageStore)server);
        services.Add((IUserAuthenticator)server);
        services.Add((IMailboxFilter)server);
        var options = new SmtpServerOptionsBuilder().ServerName("127.0.0.1").Endpoint(endpoint =>
        {
            endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, server.Port));
            if (pem is null)
                return;
            using var ephemeral = X509Certificate2.CreateFromPem(pem, key);
            server.certificate = X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), null);
            endpoint.Certificate(server.certificate).AllowUnsecureAuthentication(false).AuthenticationRequired();
        });
        server.running = new SmtpServer.SmtpServer(options.Build(), services).StartAsync(server.end.Token);
        return server;
    }

    /// <summary>The next mail that it takes.</summary>
    public async Task<(string From, string To, MimeMessage Mail)> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await received.Reader.ReadAsync(patience.Token);
    }

    public override async Task<SmtpResponse> SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream(buffer.ToArray());
        await Open;
        Interlocked.Increment(ref count);
        await received.Writer.WriteAsync((Text(transaction.From), Text(transaction.To.Single()), await MimeMessage.LoadAsync(bytes, cancellationToken)), cancellationToken);
        return SmtpResponse.Ok;
    }

    public Task<bool> AuthenticateAsync(ISessionContext context, string user, string password, CancellationToken cancellationToken)
    {
        var isRight = (user, password) == (User, Password);
        if (isRight)
            Interlocked.Increment(ref signIns);
        return Task.FromResult(isRight);
    }

    public Task<bool> CanAcceptFromAsync(ISessionContext context, IMailbox from, int size, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task<bool> CanDeliverToAsync(ISessionContext context, IMailbox to, IMailbox from, CancellationToken cancellationToken) =>
        Task.FromResult(!to.User.StartsWith("refused-", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
            // As it was told.
        }

        certificate?.Dispose();
        end.Dispose();
    }

    private static string Text(IMailbox mailbox) => $"{mailbox.User}@{mailbox.Host}";
}
