using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;
using Keyladder.Keys.Recovery;

namespace Keyladder.Cli.Commands;

/// <summary>What the commands of <c>recovery</c> ask for. Secrets are typed or read from files, and never arguments.</summary>
internal static class RecoveryInput
{
    public const string WhatAPasswordIsWorth =
        "A password of your own, of 12 characters at least, that you use nowhere else. Neither service can try passwords alone; one operator who runs both can, at the price of a tenth of a second each.";

    public static readonly Option<string?> Store = new("--store") { Description = "The Passphrase Store's address (default: the one that knows this device)", HelpName = "ADDRESS" };

    public static readonly Option<string?> Guardian = new("--guardian")
    {
        Description = "The second party that the record moves to, where the Passphrase Store has another one now (default: it stays)", HelpName = "ADDRESS",
    };

    public static readonly Option<string?> Username = new("--username") { Description = "Your e-mail address (default: asked for)", HelpName = "ADDRESS" };

    public static readonly Option<string?> PasswordFile = File("--password-file", "the password");

    public static readonly Option<string?> NewPasswordFile = File("--new-password-file", "the new password");

    public static readonly Option<string?> CodeFile = File("--code-file", "the code from the mail, after `recovery code`,");

    public static readonly Option<string?> RecoveryCodeFile = File("--recovery-code-file", "the recovery code");

    public static PassphraseStore Connect(ParseResult parsed, Profile profile)
    {
        if (parsed.GetValue(Store) is { } address)
            return ServiceAddress.ConnectStore(address);
        using var device = ReadDevice(profile);
        return ServiceAddress.ConnectStore(
            device?.Store.GetLeftPart(UriPartial.Authority) ?? throw Failure.Usage("This device knows no Passphrase Store.", "Name it with --store ADDRESS."));
    }

    public static Username ReadUsername(ParseResult parsed, Profile profile)
    {
        using var device = ReadDevice(profile);
        var typed = parsed.GetValue(Username);
        if (typed is null && device is not null)
            return device.Username;
        if (typed is null && Console.IsInputRedirected)
            throw Failure.Usage("There is no terminal to ask for the username on.", "Give it with --username ADDRESS.");
        return Keys.Recovery.Username.TryParse(typed ?? Prompt.Ask("Username (your e-mail address): "), out var username)
            ? username
            : throw Failure.Usage("That is no e-mail address.", "Type it as it was registered.");
    }

    public static RecoveryPassword ReadPassword(ParseResult parsed, Option<string?> file, string prompt)
    {
        using var typed = parsed.GetValue(file) is { } path ? TypedSecret.Read(path, file.Name) : TypedSecret.Ask(prompt, file.Name);
        return RecoveryPassword.TryParse(typed.Text, out var password, out var error) ? password : throw Failure.Usage(error.ToString(), "Type all of it again.");
    }

    public static RecoveryPassword ReadNewPassword(ParseResult parsed)
    {
        var password = ReadPassword(parsed, NewPasswordFile, "New password");
        if (parsed.GetValue(NewPasswordFile) is not null)
            return password;
        using var again = ReadPassword(parsed, NewPasswordFile, "Once more");
        if (password.IsSame(again))
            return password;
        password.Dispose();
        throw Failure.Usage("The two passwords are not the same.", "Nothing has changed; run the command again.");
    }

    /// <summary>From its file; or the mail is sent now, and the person asked.</summary>
    public static async Task<string> ReadCodeAsync(ParseResult parsed, PassphraseStore store, Username username, string purpose, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(CodeFile) is { } file)
        {
            using var read = TypedSecret.Read(file, CodeFile.Name);
            return Digits(read.Text);
        }

        if (Console.IsInputRedirected)
            throw Failure.Usage("There is no terminal to ask for the code on.", "Run `keyladder recovery code`, and give what the mail says with --code-file FILE.");
        await store.SendCodeAsync(username, purpose, cancellationToken);
        using var typed = TypedSecret.Ask("Code from the mail");
        return Digits(typed.Text);
    }

    /// <param name="device">Has the code already; null where it is to be from paper.</param>
    public static RecoveryCode ReadRecoveryCode(ParseResult parsed, RecoveryDevice? device)
    {
        if (parsed.GetValue(RecoveryCodeFile) is null && device is not null)
            return device.RecoveryCode.Copy();
        using var typed = parsed.GetValue(RecoveryCodeFile) is { } file ? TypedSecret.Read(file, RecoveryCodeFile.Name) : TypedSecret.Ask("Recovery code (KR1-…, on its page)", RecoveryCodeFile.Name);
        return Parse(typed);
    }

    /// <summary>Shows the code once, or writes it to the kit's file, and has it typed again, or read from there.</summary>
    public static RecoveryCode ShowAndAskAgain(KitOutput kit, Uri store, RecoveryCode code)
    {
        Span<char> text = stackalloc char[RecoveryCode.TextLength];
        code.DangerousWriteTo(text);
        var utf8 = GC.AllocateArray<byte>(text.Length, pinned: true);
        using var wiped = new Wiped(utf8);
        Encoding.ASCII.GetBytes(text, utf8);
        CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(text));
        kit.Write(output => AccountKit.WriteRecoveryCode(output, store, utf8));
        if (kit.IsFile)
            return code.Copy();
        using var typed = TypedSecret.Ask("The recovery code once more, from paper");
        return Parse(typed);
    }

    public static async Task<OpenedRecovery> FetchAsync(ParseResult parsed, Profile profile, PassphraseStore store, CancellationToken cancellationToken)
    {
        using var device = ReadDevice(profile);
        if (device is not null && device.Store == store.Address && parsed.GetValue(Username) is null)
        {
            using var known = ReadPassword(parsed, PasswordFile, "Password");
            return await IfKnownAsync(() => store.FetchAsync(device, known, cancellationToken));
        }

        var username = ReadUsername(parsed, profile);
        using var password = ReadPassword(parsed, PasswordFile, "Password");
        return await store.FetchAsync(username, password, cancellationToken);
    }

    /// <summary>A call as a known device, which the record may have forgotten meanwhile. Nothing else is tried: by this device's file what a Store shows is held to what it showed before.</summary>
    public static async Task<T> IfKnownAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.SessionEnded)
        {
            throw new Failure(
                ExitCode.SignInFailed,
                "This device is known no longer: on another one the password was changed or reset, or the record was withdrawn.",
                "Name yourself with --username ADDRESS, and the password is asked for as on any device. `keyladder recovery devices add --username ADDRESS` makes this one known again.");
        }
    }

    /// <returns>Null where this device is no known one.</returns>
    public static RecoveryDevice? ReadDevice(Profile profile)
    {
        if (profile.ReadRecoveryDevice() is not { } bytes)
            return null;
        using var wiped = new Wiped(bytes);
        return RecoveryDevice.TryImport(bytes, out var device)
            ? device
            : throw Failure.Usage($"{profile.RecoveryDeviceFile} is damaged.", "Delete it, and run `keyladder recovery devices add`.");
    }

    public static async Task KeepDeviceAsync(Profile profile, OpenedRecovery opened, RecoveryCode? recoveryCode, CancellationToken cancellationToken)
    {
        using var device = await opened.AddDeviceAsync(recoveryCode, cancellationToken);
        var bytes = device.DangerousExport();
        using var wiped = new Wiped(bytes);
        profile.WriteRecoveryDevice(bytes);
    }

    public static Failure NoDevice() => new(ExitCode.NotFound, "This device is not known to a Passphrase Store.", "Run `keyladder recovery devices add`, with the recovery code.");

    private static RecoveryCode Parse(TypedSecret typed) => RecoveryCode.TryParse(typed.Text, out var code, out var error)
        ? code
        : throw Failure.Usage(error.ToString(), "Look at its page and type all of it again.");

    // A code from a mail is of use for ten minutes, and once.
    private static string Digits(ReadOnlySpan<char> typed)
    {
        var digits = new string(typed).Replace(" ", "", StringComparison.Ordinal);
        return digits.Length == Protocol.PassphraseStore.RecoveryLimits.CodeDigits && digits.All(char.IsAsciiDigit)
            ? digits
            : throw Failure.Usage("The code from the mail has eight digits.", "Look at the newest mail; a new code ends the one before.");
    }

    /// <returns>Null where the record stays with its Guardian.</returns>
    public static Uri? ReadGuardian(ParseResult parsed) => parsed.GetValue(Guardian) switch
    {
        null => null,
        { } text when Uri.TryCreate(text, UriKind.Absolute, out var address) => address,
        _ => throw Failure.Usage("That is no address of a Guardian.", "Give it like this: --guardian https://keys.example.org"),
    };

    private static Option<string?> File(string name, string what) => new(name) { Description = $"Read {what} from a file, - for standard input", HelpName = "FILE" };
}
