using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class VaultCommand
{
    public static Command Create() => new("vault", "Make the account's Vault, see where it is and what happened there, take it elsewhere, or delete it")
    {
        Make(), Open(), Sync(), ReplaceKey(), List(), AuditCommand.OfVault(), SessionCommand.OfVault(), AccountCommand.DataOfVault(), VaultExportCommand.Create(), VaultImportCommand.Create(), Delete(),
    };

    private static Command Make()
    {
        var address = new Argument<string>("ADDRESS") { Description = "The Vault's address" };
        return new Command("create", "Make an account at a Vault; its keys are kept with the others") { address, InvitationInput.InvitationFile }
            .Does(async (parsed, cancellationToken) =>
            {
                var profile = parsed.Profile();
                var request = new CreateVault(ServiceAddress.Of(parsed.GetRequiredValue(address), profile));
                var invitation = parsed.GetValue(InvitationInput.InvitationFile) is { } file ? ReadInvitation(file) : [];
                using var wiped = new Wiped(invitation);
                using var input = new MemoryStream(invitation, writable: false);
                var answer = await AgentConnection.AskAsync(profile, request, input, Stream.Null, cancellationToken);
                Screen.Show(
                    new JsonObject { ["vault"] = answer.Vaults![0], ["account"] = answer.Account },
                    () => Screen.Say($"The Vault at {answer.Vaults[0]} is made, and open. Put something in: keyladder item add NAME --attribute password"));
            });
    }

    private static Command Open()
    {
        var unproven = new Option<string>("--unproven")
        {
            Description = "Go on although it is not proven that the newest state is shown: the mark that stood beside what was found",
            HelpName = "MARK",
        };
        return new Command("open", "Open the account's Vault anew, and check that the newest state is shown")
        {
            unproven, RestoreChoice.AcceptRestore, RestoreChoice.PutBackOption,
        }.Does(async (parsed, cancellationToken) =>
        {
            var made = RestoreChoice.Of(parsed);
            var answer = await made.UnlockAsync(next =>
            {
                made = next;
                return parsed.AskAsync(new OpenVault(parsed.GetValue(unproven), next.Restored, next.PutBack), cancellationToken);
            });
            var wentBack = await RestoreChoice.TellAsync(answer, made, "vault open", () => parsed.AskAsync(new OpenVault(PutBack: true), cancellationToken));
            Screen.Show(
                new JsonObject { ["vault"] = answer.Vaults![0], ["account"] = answer.Account, ["changed"] = answer.Text, ["wentBack"] = Screen.ToJson(wentBack) },
                () => Screen.Say($"The Vault at {answer.Vaults[0]} is open. It was last changed on {answer.Text}."));
        });
    }

    private static Command Sync() => new Command("sync", "Send what waits on this device to the Vault, and fetch what changed there").Does(async (parsed, cancellationToken) =>
    {
        var answer = await parsed.AskAsync(new SyncVault(), cancellationToken);
        if (answer.Notice is { } notice)
            Screen.Notify(notice);
        Screen.Show(
            new JsonObject { ["vault"] = answer.Vaults![0], ["changed"] = answer.Status, ["waiting"] = Screen.ToJson(answer.Items!) },
            () => Screen.Say(answer.Items!.Length == 0 ? "This device and the Vault have the same." : "What waits: " + string.Join(", ", answer.Items.Select(item => item.Id))));
    });

    private static Command ReplaceKey() => new Command("replace-key", "Seal what is written from now on with a new key, as when a device is lost").Does(async (parsed, cancellationToken) =>
    {
        var answer = await parsed.AskAsync(new ReplaceVaultKey(), cancellationToken);
        Screen.Show(
            new JsonObject { ["vault"] = answer.Vaults![0] },
            () => Screen.Say("Replaced. What was written before opens as before, and is sealed with the new key when it is changed."));
    });

    private static Command List() => new Command("list", "List the addresses of the account's Vaults").Does(async (parsed, cancellationToken) =>
    {
        var vaults = (await parsed.AskAsync(new ListVaults(), cancellationToken)).Vaults!;
        Screen.Show(
            new JsonObject { ["vaults"] = new JsonArray([.. vaults.Select(vault => (JsonNode)vault)]) },
            () => Array.ForEach(vaults, Console.Out.WriteLine));
    });

    private static Command Delete()
    {
        var address = new Argument<string>("ADDRESS") { Description = "The Vault's address, as `keyladder vault list` has it" };
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        var keysAlone = new Option<bool>("--keys-alone") { Description = "Delete its keys and ask no Vault: for one that is gone, or never was one" };
        return new Command("delete", "Delete the account at the Vault for good, with every item, and its keys") { address, keysAlone, yes }.Does(async (parsed, cancellationToken) =>
        {
            var vault = ServiceAddress.Of(parsed.GetRequiredValue(address), parsed.Profile());
            var keys = parsed.GetValue(keysAlone);
            var question = keys
                ? $"Delete the keys of the Vault at {Screen.Printable(vault)} for good? If it is still there, nothing in it opens any more, on any device."
                : $"Delete the account at {Screen.Printable(vault)} for good, with every item in it?";
            if (!parsed.GetValue(yes) && !Prompt.Confirm(question))
                throw new Failure(ExitCode.Refused, "Nothing was deleted.", "Run the command again and type yes if you mean it.");
            var answer = await parsed.AskAsync(new DeleteVault(vault, keys), cancellationToken);
            var deletion = answer.Deletion!;
            if (answer.Notice is { } notice)
                Screen.Notify(notice);
            var document = new JsonObject
            {
                ["vault"] = answer.Vaults![0],
                ["statement"] = deletion.Statement,
                ["day"] = deletion.Day,
                ["rows"] = new JsonObject(deletion.Rows.Select(row => KeyValuePair.Create(row.Key, (JsonNode?)row.Value))),
            };
            Screen.Show(document, () => Console.Out.WriteLine(deletion.Statement));
            Screen.Say(keys ? "Its keys are deleted. What a Vault there may hold was not touched."
                : deletion.Statement is null
                ? "It had been deleted before; now its keys are too."
                : "Deleted. The line above is what your account signed for it: keep it if you want to show that you asked for this, and when. The Vault's backups hold the items, sealed, until they expire.");
        });
    }

    private static byte[] ReadInvitation(string file)
    {
        using var typed = TypedSecret.Read(file, InvitationInput.InvitationFile.Name);
        return typed.ToUtf8();
    }
}
