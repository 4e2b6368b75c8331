using System.CommandLine;
using System.Globalization;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

/// <summary>The commands, and the options that several of them share.</summary>
internal static class CommandLine
{
    public static readonly Option<string?> ProfileFolder = new("--profile")
    {
        Description = "Folder of this device's profile (default: KEYLADDER_PROFILE, else the usual place for settings)",
        HelpName = "FOLDER",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print one JSON document, and a failure as one on standard error",
        Recursive = true,
    };

    public static readonly Option<string?> KitFile = new("--kit")
    {
        Description = "Write the account kit to a new file that only you can read, instead of showing it",
        HelpName = "FILE",
    };

    public static readonly Option<bool> ChoosePassphrase = new("--passphrase")
    {
        Description = "You choose a passphrase and get a Secret Key that goes with it, instead of words",
    };

    public static readonly Option<string?> Output = new("--output", "-o")
    {
        Description = "Where the result goes; - for standard output",
        HelpName = "OUT",
    };

    public static RootCommand Create() => new("User-held keys on every device, kept by a service that can read nothing.")
    {
        ProfileFolder,
        Json,
        SignUpCommand.Create(),
        UnlockCommand.Create(),
        LockCommand.Create(),
        StatusCommand.Create(),
        KeyCommand.Create(),
        VaultCommand.Create(),
        ItemCommand.Create(),
        ConnectCommand.Create(),
        ShareCommand.Create(),
        OpenExportCommand.Create(),
        EncryptCommand.Create(),
        DecryptCommand.Create(),
        SignCommand.Create(),
        VerifyCommand.Create(),
        SessionCommand.Create(),
        PassphraseCommand.Create(),
        RecoveryKeyCommand.Create(),
        RecoveryCommand.Create(),
        UnlockMethodCommand.Create(),
        AuditCommand.Create(),
        DeviceCommand.Create(),
        AccountCommand.Create(),
        DoctorCommand.Create(),
        DidCommand.Create(),
        RequestCommand.Create(),
        CompletionCommand.Create(),
        CompletionCommand.CreateKeys(),
        ManCommand.Create(),
        AgentCommand.Create(),
    };

    /// <summary>An option that takes a number from 1 on. Read here: the parser's own message would repeat what was typed.</summary>
    public static Option<int> Number(string name, string description, string helpName, int most, int usual) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => usual,
        CustomParser = result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most)
                return number;
            result.AddError($"{name} takes a number from 1 to {most}.");
            return usual;
        },
    };

    public static Profile Profile(this ParseResult parsed) => Profiles.Profile.At(parsed.GetValue(ProfileFolder));

    /// <summary>Asks the agent of the profile that the command line names.</summary>
    public static Task<AgentAnswer> AskAsync(this ParseResult parsed, AgentRequest request, CancellationToken cancellationToken) =>
        AgentConnection.AskAsync(parsed.Profile(), request, cancellationToken);

    /// <summary>A command without a body of its own.</summary>
    public static Command Does(this Command command, Func<ParseResult, CancellationToken, Task> action)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var hangUp = new HangUp(cancellationToken);
            await action(parsed, hangUp.Token);
        });
        return command;
    }
}
