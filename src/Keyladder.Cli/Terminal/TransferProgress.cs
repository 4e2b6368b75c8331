using System.Globalization;
using Spectre.Console;

namespace Keyladder.Cli.Terminal;

/// <summary>What long work shows on standard error meanwhile; silent where standard error is not a terminal.</summary>
internal static class TransferProgress
{
    private static bool IsSilent => Screen.IsJson || Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is "dumb" or null;

    /// <summary>Runs <paramref name="work"/> with a stream that reads <paramref name="input"/> and moves a bar.</summary>
    public static Task<T> ShowAsync<T>(string what, Stream input, Func<Stream, Task<T>> work) =>
        IsSilent || !input.CanSeek
            ? work(input)
            : ShowAsync(
                what,
                task => work(new CountingStream(input, count => task.Increment(count))),
                Math.Max(1, input.Length),
                new PercentageColumn(),
                new TransferSpeedColumn(),
                new RemainingTimeColumn());

    /// <summary>Runs <paramref name="work"/> with a stream that writes to <paramref name="output"/>, nobody knows how much, and says how much it was.</summary>
    public static Task<T> ShowWritingAsync<T>(string what, Stream output, Func<Stream, Task<T>> work)
    {
        if (IsSilent)
            return work(output);
        long written = 0;
        return ShowAsync(
            what,
            task => work(new CountingStream(output, count => task.Description = $"{Markup.Escape(what)} {Size(written += count)}")),
            null,
            new ElapsedTimeColumn());
    }

    /// <summary>Runs <paramref name="work"/>, which says how many it has done of how many.</summary>
    public static Task<T> ShowCountAsync<T>(string what, Func<Action<long, long>, Task<T>> work) =>
        IsSilent
            ? work((_, _) => { })
            : ShowAsync(
                what,
                task => work((done, all) => (task.Description, task.MaxValue, task.Value) = ($"{Markup.Escape(what)} {done} of {all}", Math.Max(1, all), done)),
                1,
                new PercentageColumn(),
                new RemainingTimeColumn());

    private static Task<T> ShowAsync<T>(string what, Func<ProgressTask, Task<T>> work, double? all, params ProgressColumn[] columns)
    {
        // Said, not detected: the library looks at standard output, which may well be a pipe.
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Error),
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
        });
        return console.Progress().AutoClear(true).Columns([new TaskDescriptionColumn(), new ProgressBarColumn(), .. columns])
            .StartAsync(progress =>
            {
                var task = progress.AddTask(Markup.Escape(what), maxValue: all ?? 1);
                task.IsIndeterminate = all is null;
                return work(task);
            });
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB");

    private sealed class CountingStream(Stream inner, Action<int> count) : Stream
    {
        public override bool CanRead => inner.CanRead;

        public override bool CanSeek => false;

        public override bool CanWrite => inner.CanWrite;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count1)
        {
            var read = inner.Read(buffer, offset, count1);
            count(read);
            return read;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            count(read);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count1, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count1), cancellationToken).AsTask();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await inner.WriteAsync(buffer, cancellationToken);
            count(buffer.Length);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count1, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count1), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count1)
        {
            inner.Write(buffer, offset, count1);
            count(count1);
        }

        public override void Flush() => inner.Flush();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
