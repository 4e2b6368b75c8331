using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;

namespace Keyladder.Cli.Commands;

internal static class AccountCommand
{
    public static Command Create() => new("account", "See everything that the service keeps of the account, bring it to another service, or delete it")
    {
        Data("Show every row that the service keeps of the account", atVault: false), ExportCommand.Create(), ImportCommand.Create(), Delete(),
    };

    /// <summary>The same of the account's Vault.</summary>
    public static Command DataOfVault() => Data("Show every row that the Vault keeps of the account", atVault: true);

    private static Command Data(string description, bool atVault) => new Command("data", description) { CommandLine.Output }.Does(async (parsed, cancellationToken) =>
    {
        using var shown = new MemoryStream();
        await AgentConnection.AskAsync(parsed.Profile(), new ReadData(atVault), Stream.Null, shown, cancellationToken);
        var tables = JsonNode.Parse(shown.ToArray());
        var output = parsed.GetValue(CommandLine.Output);
        if (output is null or "-")
        {
            // At a terminal and in a pipe the same: JSON, whose standard encoder moves no cursor.
            if (Screen.IsJson)
                Screen.Show(new JsonObject { ["output"] = null, ["tables"] = tables });
            else
                Console.Out.Write(Encoding.UTF8.GetString(InLines(tables)));
            return;
        }

        var text = InLines(tables);
        await FileTransfer.WriteAsync(output, binary: false, stream => stream.WriteAsync(text, cancellationToken).AsTask());
        Screen.Show(new JsonObject { ["output"] = output, ["tables"] = null }, () => Screen.Say($"Written to {output}."));
    });

    /// <summary>A column a line: for eyes, and JSON all the same.</summary>
    private static byte[] InLines(JsonNode? tables)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
            new JsonObject { ["tables"] = tables }.WriteTo(writer);
        text.WriteByte((byte)'\n');
        return text.ToArray();
    }

    private static Command Delete()
    {
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        var forget = new Option<bool>("--forget") { Description = "Remove the Secret Key and the device's secret from this profile too" };
        return new Command("delete", "Delete the account at the service for good: what its keys seal opens no more")
        {
            SecretInput.SecretFile, SecretInput.SecretKeyFile, yes, forget,
        }.Does(async (parsed, cancellationToken) =>
        {
            var profile = parsed.Profile();
            var server = ServiceAddress.Of(null, profile);
            // Asked for again though the account may be open: an unlocked screen alone deletes nothing.
            var (typed, code) = SecretInput.AskToUnlock(parsed, profile);
            using var closeTyped = typed;
            using var closeCode = code;
            DeletedAccount deleted;
            using (var client = ServiceAddress.Connect(server, profile))
            await using (var account = await SecretKeys.UnlockAsync(profile, client, typed, code, cancellationToken))
            {
                if (!parsed.GetValue(yes) && !Prompt.Confirm(
                    $"Delete account {account.Id} at {server}, with every key and every way to unlock it? Nobody can bring it back, and files that its keys seal open no more."))
                    throw new Failure(ExitCode.Refused, "Nothing was deleted.", "Run the command again and type yes if you mean it.");
                deleted = await account.DeleteAsync(cancellationToken);
            }

            // From here on nothing may keep the statement from the person: it is there once.
            var rows = new JsonObject(deleted.Rows.Select(row => KeyValuePair.Create(row.Key, (JsonNode?)row.Value)));
            var document = new JsonObject
            {
                ["account"] = deleted.Id.ToString(),
                ["server"] = server,
                ["statement"] = deleted.Statement,
                ["day"] = deleted.Day?.ToString("O", CultureInfo.InvariantCulture),
                ["rows"] = rows,
            };
            Screen.Show(document, () => Console.Out.WriteLine(deleted.Statement));
            Screen.Say("Deleted. The line above is what your account signed for it: keep it if you want to show that you asked for this, and when.");
            Screen.Say(deleted.Rows.Count > 0
                ? $"The service says that {deleted.Rows.Values.Sum().ToString(CultureInfo.InvariantCulture)} rows are gone. Its operator's backups hold the account until they expire."
                : "The service's answer was lost; it knows the secret no more. Its operator's backups hold the account until they expire.");
            await LockAsync(profile);
            if (parsed.GetValue(forget))
                await ForgetAsync(profile);
            Screen.Say(parsed.GetValue(forget)
                ? $"In {profile.Folder} stays what tells you if the service shows the account again. Your kits on paper open nothing any more."
                : $"In {profile.Folder} stay what tells you if the service shows the account again, and this device's secrets, which open nothing any more.");
        });
    }

    private static async Task LockAsync(Profile profile)
    {
        try
        {
            await using var agent = await AgentConnection.TryOpenAsync(profile, CancellationToken.None);
            if (agent is not null)
                await agent.AskAsync(new LockAccount(), Stream.Null, Stream.Null, CancellationToken.None);
        }
        catch (Failure failure) when (failure.Code == ExitCode.Locked)
        {
            // It ended by itself meanwhile.
        }
    }

    private static async Task ForgetAsync(Profile profile)
    {
        profile.RemoveSecretKey();
        DeviceStore.SayThatItStays(await DeviceStore.RemoveAsync(profile, CancellationToken.None));
        if (profile.ReadSettings() is { } settings)
            profile.Write(settings with { Device = null });
    }
}
