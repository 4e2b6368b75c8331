using System.Net;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Keyladder.PassphraseStore.Mail;

/// <summary>The operator's mail server, a connection for each mail.</summary>
internal sealed class SmtpOutlet(MailOptions options) : IMailOutlet
{
    private const int TimeoutMilliseconds = 30_000;

    public async Task SendAsync(MimeMessage mail, CancellationToken cancellation)
    {
        using var server = new SmtpClient { Timeout = TimeoutMilliseconds };
        try
        {
            await server.ConnectAsync(options.Host!, options.Port, Security, cancellation);
            if (options.User is not null)
                await server.AuthenticateAsync(new NetworkCredential(options.User, File.ReadLines(options.PasswordFile!).FirstOrDefault()), cancellation);
            await server.SendAsync(mail, cancellation);
        }
        catch (SmtpCommandException e)
        {
            // 5xx is the server's last word about this mail, 4xx is not (RFC 5321 section 4.2.1).
            throw new MailNotSentException($"SMTP {(int)e.StatusCode}", isWorthAnotherTry: (int)e.StatusCode is >= 400 and < 500);
        }
        catch (Exception e) when (e is AuthenticationException or NotSupportedException or UnauthorizedAccessException or FormatException)
        {
            throw new MailNotSentException(e.GetType().Name, isWorthAnotherTry: false);
        }
        catch (Exception e) when (e is ProtocolException or IOException or SocketException or SslHandshakeException or TimeoutException)
        {
            throw new MailNotSentException(e.GetType().Name, isWorthAnotherTry: true);
        }

        await SayGoodbyeAsync(server, cancellation);
    }

    private SecureSocketOptions Security => options.Tls switch
    {
        MailTls.Implicit => SecureSocketOptions.SslOnConnect,
        MailTls.None => SecureSocketOptions.None,
        _ => SecureSocketOptions.StartTls,
    };

    private static async Task SayGoodbyeAsync(SmtpClient server, CancellationToken cancellation)
    {
        try
        {
            await server.DisconnectAsync(quit: true, cancellation);
        }
        catch (Exception e) when (e is ProtocolException or IOException or SocketException or SmtpCommandException)
        {
            // The mail has been taken.
        }
    }
}
