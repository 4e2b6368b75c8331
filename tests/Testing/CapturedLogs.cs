using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Keyladder.Testing;

/// <summary>Keeps every log line of a service, with its arguments one by one and its exception, at every level.</summary>
public sealed class CapturedLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _lines);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lines.Enqueue($"{category} scope {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var arguments = (state as IEnumerable<KeyValuePair<string, object?>> ?? [])
                .Select(argument => $" [{argument.Key}={argument.Value}]");
            lines.Enqueue($"{logLevel} {category} {eventId}: {formatter(state, exception)}{string.Concat(arguments)} {exception}");
        }
    }
}
