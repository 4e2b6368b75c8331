namespace Keyladder.Cli.Terminal;

/// <summary>Where the account kit goes: to the terminal, once, or to a new file that only its owner can read. Opened before an account is made, so that a kit never fails to be written for want of a place.</summary>
internal sealed class KitOutput : IDisposable
{
    private readonly Stream _output;
    private readonly string? _path;
    private bool _written;

    private KitOutput(Stream output, string? path) => (_output, _path) = (output, path);

    /// <summary>Whether what is written can be read back; a terminal's page only from paper.</summary>
    public bool IsFile => _path is not null;

    public string Advice => _path is null
        ? "Write the kit down now: it is not shown again."
        : $"The kit is in {_path}: print it, then delete the file.";

    public static KitOutput Open(string? path)
    {
        // Documents are kept, in logs and pipelines; the kit is the account.
        if (path is null && Screen.IsJson)
            throw Failure.Usage("With --json the kit goes to a file, never into the document.", "Name a new file with --kit FILE.");
        if (path is null)
            return new KitOutput(StandardOutput.Open(), null);
        // Without a buffer: it would keep what went through it.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new KitOutput(new FileStream(path, options), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure.Usage($"The kit cannot be written to {path}.", "Name a file that does not exist yet, in a folder where you may write.");
        }
    }

    /// <summary>Writes the kit, and lets a person at a terminal put it on paper, before the account depends on it.</summary>
    public void Write(Uri server, FreshSecret fresh, string title = AccountKit.Title)
    {
        var secret = (fresh.Code ?? fresh.Typed).ToUtf8();
        using var wiped = new Wiped(secret);
        Write(output => AccountKit.Write(output, title, server, isWords: fresh.Code is null, secret));
    }

    /// <summary>Writes a page; a person at a terminal puts it on paper before anything depends on it.</summary>
    public void Write(Action<Stream> page)
    {
        try
        {
            page(_output);
            (_output as FileStream)?.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.NotFound, "The kit cannot be written, so nothing was made or changed.", "Check where the output goes and how much room is left, or name a file with --kit FILE.");
        }

        _written = true;
        if (_path is null)
            Prompt.Pause("Write this down, then press Enter to go on (Ctrl-C to leave everything as it is): ");
    }

    /// <summary>The kit opens nothing after all: its file goes.</summary>
    public void Discard() => _written = false;

    /// <summary>Leaves no kit behind where nothing came of it.</summary>
    public void Dispose()
    {
        _output.Dispose();
        if (!_written && _path is not null)
            File.Delete(_path);
    }
}
