using System.CommandLine;
using System.Globalization;

namespace Keyladder.Cli.Terminal;

/// <summary>The link that invites somebody: a secret until it is taken. It goes to standard output once, or to a file, and comes from a prompt or a file; never from an argument.</summary>
internal static class LinkText
{
    // A link has 2,048 characters at most.
    private const int LongestLink = 4096;
    private const int LongestDays = 90;
    private const int UsualDays = 7;

    public static Option<TimeSpan> ValidFor() => new("--valid-for")
    {
        Description = $"How long it can be taken, such as 12h or 3d, {LongestDays}d at most (default: {UsualDays}d)",
        HelpName = "TIME",
        DefaultValueFactory = _ => TimeSpan.FromDays(UsualDays),
        // Read here: the parser's own message would repeat what was typed.
        CustomParser = result =>
        {
            var text = result.Tokens is [var token] ? token.Value : "";
            if (text.Length > 1 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 24 * LongestDays
                && (text[^1] == 'h' ? TimeSpan.FromHours(number) : text[^1] == 'd' ? TimeSpan.FromDays(number) : TimeSpan.Zero) is { Ticks: > 0 } time
                && time.TotalDays <= LongestDays)
                return time;
            result.AddError($"--valid-for takes hours or days, such as 12h or 3d, {LongestDays}d at most.");
            return TimeSpan.FromDays(UsualDays);
        },
    };

    /// <summary>Before anybody is invited.</summary>
    /// <param name="path">A new file; null for standard output.</param>
    /// <param name="isShown">Whether the code is to be shown too.</param>
    public static void RequirePlace(string? path, bool isShown)
    {
        // Documents are kept, in logs and pipelines.
        if (Screen.IsJson && path is null)
            throw Failure.Usage("With --json the link goes to a file, never into the document.", "Name a new file with --link-file FILE.");
        if (Screen.IsJson && isShown)
            throw Failure.Usage("With --json standard output is for the document.", "Leave --qr away.");
        if (path is not null)
            FileTransfer.RequireNew(path);
    }

    /// <summary>Writes what <paramref name="invite"/> writes to its stream: the link.</summary>
    /// <param name="path">A new file; null for standard output.</param>
    /// <param name="isShown">Whether the code is to be shown too.</param>
    /// <param name="invite">Makes the invitation.</param>
    public static async Task WriteAsync(string? path, bool isShown, Func<Stream, Task> invite)
    {
        var memory = GC.AllocateArray<byte>(LongestLink, pinned: true);
        using var wiped = new Wiped(memory);
        using var link = new MemoryStream(memory);
        if (path is null)
            await invite(link);
        else
        {
            await FileTransfer.WriteNewAsync(path, async file =>
            {
                await invite(link);
                await file.WriteAsync(memory.AsMemory(0, (int)link.Position));
                file.WriteByte((byte)'\n');
            });
        }

        using var output = StandardOutput.Open();
        if (path is null)
        {
            output.Write(memory, 0, (int)link.Position);
            output.Write("\n"u8);
        }

        if (!isShown)
            return;
        var exact = GC.AllocateArray<byte>((int)link.Position, pinned: true);
        using var wipedToo = new Wiped(exact);
        memory.AsSpan(0, exact.Length).CopyTo(exact);
        SecretCode.Write(output, exact);
    }

    /// <param name="file">Where it stands; null for a prompt.</param>
    /// <param name="option">What names the file.</param>
    public static TypedSecret Ask(string? file, string option)
    {
        if (file is null && Console.IsInputRedirected)
            throw Failure.Usage("There is no terminal to ask for the link on.", $"Give a file with {option} FILE, or `-` for standard input.");
        return file is null ? TypedSecret.Ask("Link") : TypedSecret.Read(file, option);
    }
}
