using Keyladder.PassphraseStore.Records;
using Microsoft.Extensions.Logging;
using MimeKit;
using MimeKit.Utils;

namespace Keyladder.PassphraseStore.Mail;

/// <summary>Writes mails and sees them off. One that is lost can be asked for again; what it tells of a change stands among the record's events too.</summary>
internal sealed class Mails(IMailOutlet outlet, PassphraseStoreOptions options, TimeProvider time, ILogger<Mails> logger)
{
    private static readonly TimeSpan[] Waits = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10)];

    private readonly MailboxAddress from = MailboxAddress.Parse(options.Mail.From!);

    /// <param name="code">Null for a text that has none.</param>
    public async Task SendAsync(Username to, MailText text, string? code, CancellationToken cancellation)
    {
        // What has the form of a username and is no address reaches nobody.
        if (!MailboxAddress.TryParse(to.Text, out var recipient) || recipient.Address != to.Text)
            return;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var mail = Write(recipient, text, code);
                await outlet.SendAsync(mail, cancellation);
                return;
            }
            catch (MailNotSentException e) when (e.IsWorthAnotherTry && attempt < Waits.Length)
            {
                await Task.Delay(Waits[attempt], time, cancellation);
            }
            catch (MailNotSentException e)
            {
                PassphraseStoreLog.MailNotSent(logger, e.Why);
                return;
            }
        }
    }

    private MimeMessage Write(MailboxAddress to, MailText text, string? code)
    {
        var mail = new MimeMessage
        {
            Subject = text.Subject,
            Date = time.GetUtcNow(),
            MessageId = MimeUtils.GenerateMessageId(from.Domain), // else it would hold the machine's name
            Body = new TextPart("plain") { Text = text.Body(code) },
        };
        mail.From.Add(from);
        mail.To.Add(to);
        mail.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834: no answer of a machine comes back
        return mail;
    }
}
