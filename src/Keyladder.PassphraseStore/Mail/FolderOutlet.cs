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
            // A code is for its reader alone.
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var path = Path.Combine(folder, $"{time.GetUtcNow():yyyyMMddTHHmmss.fffffff}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");

            // Whole or not there, for who watches the folder.
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using (var file = new FileStream(path, options))
                await mail.WriteToAsync(file, cancellation);
            File.Move(path, path + ".eml");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailNotSentException(e.GetType().Name, isWorthAnotherTry: false);
        }
    }
}
