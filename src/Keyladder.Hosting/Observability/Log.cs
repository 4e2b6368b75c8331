using Microsoft.Extensions.Logging;

namespace Keyladder.Hosting.Observability;

/// <summary>
/// Every line that a service writes. Parameters are names that this program fixes, numbers and durations: no addresses, no account ids, no text that came in a request or in an
/// exception's message.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Endpoint} answered {Status} in {Milliseconds} ms")]
    public static partial void Answered(ILogger logger, string endpoint, int status, long milliseconds);

    [LoggerMessage(2, LogLevel.Error, "{Endpoint} failed: {ExceptionType}\n{StackTrace}")]
    public static partial void Failed(ILogger logger, string endpoint, string exceptionType, string? stackTrace);

    [LoggerMessage(3, LogLevel.Error, "The database does not answer: {ExceptionType} {Diagnosis}")]
    public static partial void DatabaseUnavailable(ILogger logger, string exceptionType, string? diagnosis);

    [LoggerMessage(4, LogLevel.Information, "Removed {Rows} rows of {Table} that had ended")]
    public static partial void Swept(ILogger logger, int rows, string table);

    [LoggerMessage(5, LogLevel.Error, "A file of the service does not answer: {ExceptionType} {Diagnosis}")]
    public static partial void FileUnavailable(ILogger logger, string exceptionType, string? diagnosis);

    [LoggerMessage(10, LogLevel.Information, "The certificate has been replaced; the new one is good until {ValidUntil}")]
    public static partial void CertificateReplaced(ILogger logger, DateOnly validUntil);

    [LoggerMessage(11, LogLevel.Warning, "The files of certificate and key have changed and are not good; the certificate from before, good until {ValidUntil}, stays in use")]
    public static partial void CertificateNotReplaced(ILogger logger, DateOnly validUntil);

    [LoggerMessage(12, LogLevel.Information, "Stopping: not ready any more, {Seconds} seconds until new connections are refused")]
    public static partial void Draining(ILogger logger, int seconds);
}
