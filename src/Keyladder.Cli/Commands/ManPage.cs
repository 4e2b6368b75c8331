using System.CommandLine;
using System.Globalization;
using System.Text;

namespace Keyladder.Cli.Commands;

/// <summary>The manual page, keyladder(1), in the macros of man(7): commands and options are read off the tree, the rest stands here.</summary>
internal static class ManPage
{
    /// <summary>As docs/guide/cli.md has them; a test compares.</summary>
    public static readonly IReadOnlyDictionary<ExitCode, string> ExitCodes = new Dictionary<ExitCode, string>
    {
        [ExitCode.Done] = "done",
        [ExitCode.Unexpected] = "unexpected: a fault here or at the service",
        [ExitCode.Usage] = "the command, a file's content or a secret has not the form that is asked for",
        [ExitCode.SignInFailed] = "the service refused the sign-in: wrong words, wrong passphrase or Secret Key, or another service",
        [ExitCode.Locked] = "the account is locked on this device",
        [ExitCode.NotFound] = "no such key, item, version, Vault, person, share, session, way to unlock or file; or a file, a profile folder, a copy of a Vault, a keyring or an output that cannot be read or written",
        [ExitCode.Refused] = "refused: does not open, does not verify, the key's state does not allow it, or you said no; the service lets nobody sign up in this way, or the account holds as much as it may; an invitation or a share is over, or its terms are not accepted",
        [ExitCode.Alarm] = "alarm: what the service answered contradicts what this device has seen or what the account signed; or a letter of somebody you are connected with was refused",
        [ExitCode.Unreachable] = "the service cannot be reached",
        [ExitCode.TryAgain] = "not now, nothing was changed: the service has had too many requests (the second line says when to come back), or others changed the account at the same moment each time",
        [ExitCode.Cancelled] = "stopped by you",
    };

    private const string Files = """
        .SH FILES
        The profile folder, which only its owner can read, is
        .I ~/.config/keyladder
        unless an option or the environment names another. It holds:
        .TP
        .I profile.json
        the service's address
        .TP
        .I pins
        the newest heads seen, which reveal a service that goes back in time
        .TP
        .I secret-key
        the Secret Key that goes with a chosen passphrase; it opens nothing alone
        .TP
        .I device\-secret
        what opens the account on this device without anything typed, if it was added; whoever reads it opens the account
        .TP
        .I device\-keyring
        which entry of the desktop's keyring holds that instead, if it was added with
        .BR \-\-keyring ;
        no secret
        .TP
        .I agent
        where the agent listens, while the account is open
        .SH ENVIRONMENT
        .TP
        .B KEYLADDER_PROFILE
        The profile folder, where
        .B \-\-profile
        does not name one. No secret is ever read from the environment or from an argument.

        """;

    private const string Examples = """
        .SH EXAMPLES
        .EX
        keyladder sign\-up \-\-server https://keys.example.org
        keyladder key generate personal \-\-label photos
        keyladder encrypt holiday.jpg \-o holiday.jpg.kl
        keyladder lock
        .EE
        .SH SEE ALSO
        .BR ssh\-agent (1),
        .BR secret\-tool (1)
        .PP
        The guide, docs/guide/cli.md, says more about secrets, lost devices and JSON.

        """;

    public static string Of(Command root)
    {
        var page = new StringBuilder();
        page.Append(".TH KEYLADDER 1\n.SH NAME\nkeyladder \\- ").Append(Text("keys held by their user, kept by a service that can read nothing"));
        page.Append("\n.SH SYNOPSIS\n.B keyladder\n.I command\n.RI [ options ]\n.SH DESCRIPTION\n");
        page.Append(Text("keyladder holds your keys open in a small agent on this device and does its work through it, much as ssh-agent does. "
            + "Keys never leave the agent, and the service sees none of them."));
        page.Append("\n.PP\n").Append(Text("KEY is an id, the start of one (8 characters or more), a label, or a DID. NAME of a person is what you call them, or the id of the relationship, or the start of one; SHARE an id or the start of one. FILE and OUT may be - for standard input and output."));
        page.Append("\n.SH OPTIONS\nEvery command takes these.\n");
        Append(page, root.Options.Where(option => option.Recursive && !option.Hidden));
        page.Append(".SH COMMANDS\n");
        foreach (var command in root.Subcommands.Where(command => !command.Hidden))
            Append(page, command, command.Name);
        page.Append(Files);
        page.Append(".SH EXIT STATUS\n");
        foreach (var (code, meaning) in ExitCodes)
            page.Append(CultureInfo.InvariantCulture, $".TP\n.B {(int)code}\n{Text(meaning)}\n");
        return page.Append(Examples).ToString();
    }

    private static void Append(StringBuilder page, Command command, string path)
    {
        if (command.Subcommands.Count > 0)
        {
            foreach (var child in command.Subcommands.Where(child => !child.Hidden))
                Append(page, child, $"{path} {child.Name}");
            return;
        }

        var options = command.Options.Where(option => !option.Recursive && !option.Hidden).ToList();
        var operands = command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $" [\\fI{Text(argument.Name)}\\fR]" : $" \\fI{Text(argument.Name)}\\fR");
        var required = options.Where(option => option.Required).Select(option => $" {Form(option)}");
        page.Append(CultureInfo.InvariantCulture, $".SS \"\\fB{Text(path)}\\fR{string.Concat(operands)}{string.Concat(required)}\"\n");
        page.Append(Text(command.Description!)).Append(".\n");
        foreach (var argument in command.Arguments)
            page.Append(CultureInfo.InvariantCulture, $".TP\n.I {Text(argument.Name)}\n{Text(argument.Description!)}\n");
        Append(page, options);
    }

    private static void Append(StringBuilder page, IEnumerable<Option> options)
    {
        foreach (var option in options)
            page.Append(CultureInfo.InvariantCulture, $".TP\n{Form(option)}\n{Text(option.Description!)}\n");
    }

    private static string Form(Option option) =>
        string.Join(", ", CompletionScript.Names(option).Select(name => $"\\fB{Text(name)}\\fR"))
        + (option.HelpName is { } value ? $" \\fI{Text(value)}\\fR" : option.ValueType == typeof(string) ? " \\fIVALUE\\fR" : "");

    /// <summary>Nothing in it is a request, an escape or a hyphen where a minus belongs.</summary>
    private static string Text(string text)
    {
        var escaped = text
            .Replace("\\", "\\e", StringComparison.Ordinal)
            .Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("…", "\\&...", StringComparison.Ordinal)
            .Replace("`", "\\(ga", StringComparison.Ordinal);
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? "\\&" + escaped : escaped;
    }
}
