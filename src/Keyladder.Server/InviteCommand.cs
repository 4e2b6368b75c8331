using System.Globalization;
using Keyladder.Cryptography.Secrets;
using Keyladder.Hosting;
using Keyladder.Hosting.Admissions;

namespace Keyladder.Server;

/// <summary>Makes an invitation. The code goes to standard output, where a pipe can take it, and nowhere else; what is said about it goes to standard error.</summary>
internal static class InviteCommand
{
    private const string Days = "--days";
    private const int UsualDays = 7;
    private const int MaxDays = 366;

    /// <param name="arguments">Settings, and <c>--days N</c> and <c>--service NAME</c> among them.</param>
    /// <exception cref="StartupException">They are not good.</exception>
    public static async Task RunAsync(string[] arguments)
    {
        var (days, settings) = ReadDays(arguments);
        var options = Service.Read(settings).Options;
        var (code, expires) = await Invitations.CreateAsync(options, days, TimeProvider.System);
        using (code)
            Console.WriteLine(Text(code));
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Good for one account until {expires:yyyy-MM-dd HH}:59 UTC. It is shown this once: give it to one person."));
        if (options.SignUp != SignUpRule.Invitation)
            await Console.Error.WriteLineAsync($"The service takes invitations where {options.Name}:signup is invitation; in these settings it is not.");
    }

    private static (int Days, string[] Settings) ReadDays(string[] arguments)
    {
        var at = Array.IndexOf(arguments, Days);
        if (at < 0)
            return (UsualDays, arguments);
        return at + 1 < arguments.Length && int.TryParse(arguments[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= MaxDays
            ? (days, [.. arguments[..at], .. arguments[(at + 2)..]])
            : throw new StartupException($"{Days} is not followed by a number of days.", $"Write {Days} and a number from 1 to {MaxDays}.");
    }

    private static char[] Text(InvitationCode code)
    {
        var text = new char[InvitationCode.TextLength];
        code.DangerousWriteTo(text);
        return text;
    }
}
