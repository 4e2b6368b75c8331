using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;
using Keyladder.Keys.Recovery;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.Cli.Commands;

/// <summary>The words of the account back with a username and a password (docs/spec/passphrase-store.md).</summary>
internal static class RecoveryCommand
{
    public static Command Create() => new("recovery", "Get the account's words back with a username and a password")
    {
        RecoveryRegisterCommand.Create(), RecoveryOpenCommand.Create(), SendCode(), Password(), Reset(), Rehearse(), Devices(), Events(), Withdraw(),
    };

    private static Command SendCode()
    {
        var reset = new Option<bool>("--reset") { Description = "To reset a password (default: to register)" };
        return new Command("code", "Have a code sent by mail; it is good for ten minutes") { RecoveryInput.Store, RecoveryInput.Username, reset }.Does(async (parsed, cancellationToken) =>
        {
            var profile = parsed.Profile();
            using var store = RecoveryInput.Connect(parsed, profile);
            await store.SendCodeAsync(RecoveryInput.ReadUsername(parsed, profile), parsed.GetValue(reset) ? CodePurposes.Reset : CodePurposes.Register, cancellationToken);
            Screen.Show(new JsonObject { ["sent"] = true }, () => Screen.Say("If there is such a person, a code is on its way by mail. If not, the mail says so."));
        });
    }

    private static Command Password() => new Command("password", "Replace the password; the words stay, and a new recovery code takes the place of the old one")
    {
        RecoveryInput.Store, RecoveryInput.Username, RecoveryInput.PasswordFile, RecoveryInput.NewPasswordFile, RecoveryInput.Guardian, CommandLine.KitFile,
    }.Does(async (parsed, cancellationToken) =>
    {
        var profile = parsed.Profile();
        using var store = RecoveryInput.Connect(parsed, profile);
        using var opened = await RecoveryInput.FetchAsync(parsed, profile, store, cancellationToken);
        var guardian = RecoveryInput.ReadGuardian(parsed);
        using var password = AskForNewPassword(parsed);
        using var kit = KitOutput.Open(parsed.GetValue(CommandLine.KitFile));
        opened.NextGuardian = guardian;
        await ChangeAsync(parsed, profile, store, opened, password, kit, cancellationToken);
    });

    private static Command Reset() => new Command("reset", "Set a new password with a code by mail and the recovery code; the words stay")
    {
        RecoveryInput.Store, RecoveryInput.Username, RecoveryInput.CodeFile, RecoveryInput.RecoveryCodeFile, RecoveryInput.NewPasswordFile, RecoveryInput.Guardian, CommandLine.KitFile,
    }.Does(async (parsed, cancellationToken) =>
    {
        var profile = parsed.Profile();
        using var store = RecoveryInput.Connect(parsed, profile);
        var username = RecoveryInput.ReadUsername(parsed, profile);
        using var device = RecoveryInput.ReadDevice(profile);
        using var recoveryCode = RecoveryInput.ReadRecoveryCode(parsed, device);

        // The code from the mail is good once: what may be refused here is read before it is spent.
        var guardian = RecoveryInput.ReadGuardian(parsed);
        using var password = AskForNewPassword(parsed);
        using var kit = KitOutput.Open(parsed.GetValue(CommandLine.KitFile));
        var code = await RecoveryInput.ReadCodeAsync(parsed, store, username, CodePurposes.Reset, cancellationToken);
        using var opened = await store.ReleaseAsync(username, code, recoveryCode, cancellationToken);
        opened.NextGuardian = guardian;
        await ChangeAsync(parsed, profile, store, opened, password, kit, cancellationToken);
    });

    private static Command Rehearse() => new Command("rehearse", "See whether the recovery code on paper is the right one; it changes nothing")
    {
        RecoveryInput.Store, RecoveryInput.Username, RecoveryInput.PasswordFile, RecoveryInput.RecoveryCodeFile,
    }.Does(async (parsed, cancellationToken) =>
    {
        var profile = parsed.Profile();
        using var store = RecoveryInput.Connect(parsed, profile);
        using var device = RecoveryInput.ReadDevice(profile);
        using var recoveryCode = RecoveryInput.ReadRecoveryCode(parsed, device: null);
        if (device is not null && parsed.GetValue(RecoveryInput.PasswordFile) is null && parsed.GetValue(RecoveryInput.Username) is null)
        {
            await RecoveryInput.IfKnownAsync(async () =>
            {
                await store.RehearseAsync(device, recoveryCode, cancellationToken);
                return true;
            });
        }
        else
        {
            using var opened = await RecoveryInput.FetchAsync(parsed, profile, store, cancellationToken);
            await opened.RehearseAsync(recoveryCode, cancellationToken);
        }

        Screen.Show(new JsonObject { ["right"] = true }, () => Screen.Say("That is the recovery code: with a code by mail it resets the password."));
    });

    private static Command Devices()
    {
        var add = new Command("add", "Make this device a known one: it keeps the recovery code, and guesses of others do not make it wait")
        {
            RecoveryInput.Store, RecoveryInput.Username, RecoveryInput.PasswordFile, RecoveryInput.RecoveryCodeFile,
        }.Does(async (parsed, cancellationToken) =>
        {
            var profile = parsed.Profile();
            using var store = RecoveryInput.Connect(parsed, profile);
            using var recoveryCode = RecoveryInput.ReadRecoveryCode(parsed, device: null);
            using var opened = await RecoveryInput.FetchAsync(parsed, profile, store, cancellationToken);
            await RecoveryInput.KeepDeviceAsync(profile, opened, recoveryCode, cancellationToken);
            Screen.Show(new JsonObject { ["added"] = true }, () => Screen.Say($"This device is known now. What it keeps is in {profile.RecoveryDeviceFile}, which only you can read."));
        });
        var remove = new Command("remove", "Make this device an unknown one again") { RecoveryInput.PasswordFile }.Does(async (parsed, cancellationToken) =>
        {
            var profile = parsed.Profile();
            using var device = RecoveryInput.ReadDevice(profile) ?? throw RecoveryInput.NoDevice();
            using var store = ServiceAddress.ConnectStore(device.Store.GetLeftPart(UriPartial.Authority));
            using var password = RecoveryInput.ReadPassword(parsed, RecoveryInput.PasswordFile, "Password");
            var isKnown = true;
            try
            {
                using var opened = await store.FetchAsync(device, password, cancellationToken);
                await opened.RemoveDeviceAsync(device, cancellationToken);
            }
            catch (KeyladderException e) when (e.Reason == FailureReason.SessionEnded)
            {
                isKnown = false;
            }

            profile.RemoveRecoveryDevice();
            Screen.Show(new JsonObject { ["removed"] = true }, () => Screen.Say(isKnown
                ? "Removed. The recovery code stays the right one; keep its paper."
                : "This device was known no longer; what it had kept is removed."));
        });
        return new Command("devices", "Make this device known to the Passphrase Store, or unknown again") { add, remove };
    }

    private static Command Events() => new Command("events", "What has happened to the record, as the Passphrase Store tells a known device").Does(async (parsed, cancellationToken) =>
    {
        var profile = parsed.Profile();
        using var device = RecoveryInput.ReadDevice(profile) ?? throw RecoveryInput.NoDevice();
        using var store = ServiceAddress.ConnectStore(device.Store.GetLeftPart(UriPartial.Authority));
        var events = (await RecoveryInput.IfKnownAsync(() => store.ReadEventsAsync(device, cancellationToken))).Select(RecoveryLine.Of).ToArray();
        Screen.Show(
            new JsonObject { ["events"] = Screen.ToJson(events) },
            () => Screen.Table(["NUMBER", "HOUR", "WHAT"], events.Select(each => new[] { each.Number.ToString(System.Globalization.CultureInfo.InvariantCulture), each.Hour, each.Kind })));
    });

    private static Command Withdraw()
    {
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        return new Command("withdraw", "Remove the record at both services; the words stay, and only they open the account then")
        {
            RecoveryInput.Store, RecoveryInput.Username, RecoveryInput.PasswordFile, yes,
        }.Does(async (parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(yes) && !Prompt.Confirm("Remove the record? Username and password open nothing then; have the words on paper."))
                throw new Failure(ExitCode.Refused, "Nothing was removed.", "Run the command again and type yes if you mean it.");
            var profile = parsed.Profile();
            using var store = RecoveryInput.Connect(parsed, profile);
            using var opened = await RecoveryInput.FetchAsync(parsed, profile, store, cancellationToken);
            await opened.WithdrawAsync(cancellationToken);
            profile.RemoveRecoveryDevice();
            Screen.Show(new JsonObject { ["withdrawn"] = true }, () => Screen.Say("Removed at both services. The words open the account as before."));
        });
    }

    private static RecoveryPassword AskForNewPassword(ParseResult parsed)
    {
        Screen.Say(RecoveryInput.WhatAPasswordIsWorth);
        return RecoveryInput.ReadNewPassword(parsed);
    }

    private static async Task ChangeAsync(
        ParseResult parsed, Profile profile, PassphraseStore store, OpenedRecovery opened, RecoveryPassword password, KitOutput kit, CancellationToken cancellationToken)
    {
        using var change = await opened.ChangePasswordAsync(password, cancellationToken);
        using var typedAgain = RecoveryInput.ShowAndAskAgain(kit, store.Address, change.RecoveryCode);
        using var changed = await change.CompleteAsync(typedAgain, cancellationToken);
        await RecoveryInput.KeepDeviceAsync(profile, changed, recoveryCode: null, cancellationToken);
        Screen.Show(
            new JsonObject { ["kit"] = parsed.GetValue(CommandLine.KitFile) },
            () => Screen.Say("The password is changed; the old one and the old recovery code are of no use any more. Other devices are known no longer. " + kit.Advice));
    }
}

/// <summary>An event as <c>--json</c> prints it.</summary>
internal sealed record RecoveryLine(long Number, string Hour, string Kind)
{
    public static RecoveryLine Of(RecoveryEvent recorded) => new(
        recorded.Number, recorded.Hour.ToString("yyyy-MM-dd HH:00", System.Globalization.CultureInfo.InvariantCulture), recorded.Kind);
}
