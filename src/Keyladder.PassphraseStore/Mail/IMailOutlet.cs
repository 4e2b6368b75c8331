using MimeKit;

namespace Keyladder.PassphraseStore.Mail;

/// <summary>Where mails leave the service.</summary>
internal interface IMailOutlet
{
    /// <exception cref="MailNotSentException">It was not taken.</exception>
    Task SendAsync(MimeMessage mail, CancellationToken cancellation);
}
