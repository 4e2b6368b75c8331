namespace Members;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "A DID was linked")]
    public static partial void LogLinked(this ILogger logger);
}
