using System.Security.Cryptography;
using MimeKit;

namespace Keyladder.PassphraseStore.Mail;

/// <summary>For development: each mail becomes a file, whose name sorts by the time it was written.</summary>
internal sealed class FolderOutlet(string folder, TimeProvider time) : IMailOutlet
{
    public async Task SendAsync(MimeMessage mail, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var path = Path.Combine(folder, $"{time.GetUtcNow():yyyyMMddTHHmmss.fffffff}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");

            // Whole or not there, for who watches the folder.
            await mail.WriteToAsync(path, cancellation);
            File.Move(path, path + ".eml");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailNotSentException(e.GetType().Name, isWorthAnotherTry: false);
        }
    }
}
