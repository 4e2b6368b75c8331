using Microsoft.Extensions.Logging;

namespace Keyladder.PassphraseStore;

/// <summary>The lines that only a Passphrase Store writes, under the rule of every service: names that this program fixes, numbers and durations; no username.</summary>
internal static partial class PassphraseStoreLog
{
    [LoggerMessage(30, LogLevel.Error, "A mail was not sent: {Why}. Check the mail server and the settings of passphrase-store:mail")]
    public static partial void MailNotSent(ILogger logger, string why);

    [LoggerMessage(31, LogLevel.Error, "Work after an answer failed: {ExceptionType}\n{StackTrace}")]
    public static partial void DeferredFailed(ILogger logger, string exceptionType, string? stackTrace);

    [LoggerMessage(32, LogLevel.Warning, "Work after an answer is left out: {Waiting} pieces wait already. Check the mail server")]
    public static partial void DeferredLeftOut(ILogger logger, int waiting);
}
