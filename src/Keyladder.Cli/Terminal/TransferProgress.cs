using Spectre.Console;

namespace Keyladder.Cli.Terminal;

/// <summary>A progress bar on standard error for long transfers; silent where standard error is not a terminal.</summary>
internal static class TransferProgress
{
    /// <summary>Runs <paramref name="work"/> with a stream that reads <paramref name="input"/> and moves the bar.</summary>
    public static async Task<T> ShowAsync<T>(string what, Stream input, Func<Stream, Task<T>> work)
    {
        if (Screen.IsJson || Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is "dumb" or null || !input.CanSeek)
            return await work(input);
        // Said, not detected: the library looks at standard output, which may well be a pipe.
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Error),
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
        });
        return await console.Progress().AutoClear(true).Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var task = progress.AddTask(Markup.Escape(what), maxValue: Math.Max(1, input.Length));
                return await work(new CountingStream(input, count => task.Increment(count)));
            });
    }

    private sealed class CountingStream(Stream inner, Action<int> count) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

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

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count1) => throw new NotSupportedException();
    }
}
