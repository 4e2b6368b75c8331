using Microsoft.Extensions.Logging;

namespace Keyladder.Vault;

/// <summary>The lines that only a Vault writes, under the rule of every service: names that this program fixes, numbers and durations.</summary>
internal static partial class VaultLog
{
    [LoggerMessage(20, LogLevel.Error, "An attachment cannot be written: {ExceptionType}. Check that its folder exists, has room, and may be written by the service's user")]
    public static partial void AttachmentNotWritten(ILogger logger, string exceptionType);

    [LoggerMessage(21, LogLevel.Error, "A file of an attachment is missing from the attachments' folder: was it restored with the database?")]
    public static partial void AttachmentLost(ILogger logger);

    [LoggerMessage(22, LogLevel.Debug, "Swept the attachments: {Rows} had ended, {Files} files belonged to none")]
    public static partial void AttachmentsSwept(ILogger logger, int rows, int files);
}
