using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cli.Commands;

internal static class KeyCommand
{
    private static readonly string[] PrivateFormats = ["pkcs8", "jwk", "raw"];

    private static readonly Argument<string> Key = new("KEY") { Description = "An id, the start of one, a label or a DID" };

    public static Command Create() => new("key", "Make, list and manage keys") { Generate(), List(), Show(), Export(), Change(), Delete() };

    private static Command Generate()
    {
        var kind = new Argument<string>("KIND") { Description = "personal, sharing or signing" }.AcceptOnlyFromAmong("personal", "sharing", "signing");
        var label = Label("What you call the key");
        var count = CommandLine.Number("--count", "How many", "N", most: 1_000, usual: 1);
        var type = new Option<string?>("--type") { Description = "Of a signing key: ed25519 (if left out), p-256 or secp256k1", HelpName = "TYPE" }.AcceptOnly([.. KeyType.All.Select(known => known.Name)]);
        return new Command("generate", "Make a data encryption key (personal or sharing) or a signing keypair with its DID") { kind, label, count, type }
            .Does(async (parsed, cancellationToken) =>
            {
                if (parsed.GetValue(label) is "")
                    throw Failure.Usage("A label has at least one character.", "Leave --label out for a key without one.");
                if (parsed.GetValue(type) is not null && parsed.GetRequiredValue(kind) != "signing")
                    throw Failure.Usage("Only a signing key has a type to choose.", "Leave --type out.");
                var request = new GenerateKeys(parsed.GetRequiredValue(kind), parsed.GetValue(label), parsed.GetValue(count), parsed.GetValue(type));
                var keys = (await parsed.AskAsync(request, cancellationToken)).Keys!;
                Show(keys, () => Array.ForEach(keys, key => Console.Out.WriteLine(key.Did is null ? key.Id : $"{key.Id}\t{key.Did}")));
            });
    }

    private static Command List() => new Command("list", "List every key").Does(async (parsed, cancellationToken) =>
        Print((await parsed.AskAsync(new ListKeys(), cancellationToken)).Keys!));

    private static Command Show() => new Command("show", "Show one key") { Key }.Does(async (parsed, cancellationToken) =>
    {
        var key = await OneAsync(parsed, cancellationToken);
        string[][] lines =
        [
            ["id", key.Id], ["purpose", key.Purpose], ["type", key.Type ?? ""], ["state", key.State], ["label", key.Label ?? ""], ["created", key.Created], ["did", key.Did ?? ""],
        ];
        Show([key], () => Screen.Table(["KEY", ""], lines.Where(line => line[1].Length > 0)));
    });

    private static Command Export()
    {
        var format = new Option<string?>("--format") { Description = "did (if left out), did-jwk, document (DID document) or jwk; of a private key: pkcs8 (if left out), jwk or raw", HelpName = "FORMAT" }
            .AcceptOnly([.. PublicKeyText.Formats, .. PrivateFormats.Except(PublicKeyText.Formats)]);
        var dangerous = new Option<string?>("--dangerous-private")
        {
            Description = "Write the private or secret key itself, unprotected, to a new file that only you can read",
            HelpName = "FILE",
        };
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        return new Command("export", "Print the public half of a signing key, or write a key itself to a file") { Key, format, dangerous, yes }.Does(async (parsed, cancellationToken) =>
        {
            var key = await OneAsync(parsed, cancellationToken);
            if (parsed.GetValue(dangerous) is { } path)
                await ExportPrivateAsync(parsed, key, parsed.GetValue(format), path, parsed.GetValue(yes), cancellationToken);
            else
                ExportPublic(key, parsed.GetValue(format) ?? "did");
        });
    }

    private static void ExportPublic(KeyLine key, string format)
    {
        if (key.Did is null)
            throw Failure.Usage("Only the public half of a signing key can be exported.", "Choose a key that `keyladder key list` shows with a DID.");
        if (!PublicKeyText.Formats.Contains(format))
            throw Failure.Usage("A public key is not exported in that format.", "Choose did, did-jwk, document or jwk.");
        var text = PublicKeyText.Of(key.Did, format);
        Screen.Show(new JsonObject { [format] = format is "did" or "did-jwk" ? text : JsonNode.Parse(text) }, () => Console.Out.WriteLine(text));
    }

    private static async Task ExportPrivateAsync(ParseResult parsed, KeyLine key, string? format, string path, bool isSure, CancellationToken cancellationToken)
    {
        if (format is not null && !PrivateFormats.Contains(format))
            throw Failure.Usage("A private key is not exported in that format.", "Choose pkcs8, jwk or raw.");
        FileTransfer.RequireNew(path);
        var means = key.Did is null ? "opens whatever it has sealed" : "signs as you";
        if (!isSure && !Prompt.Confirm($"Write {key.Purpose} {key.Id} itself to {Screen.Printable(path)}, sealed by nothing? Whoever gets at the file {means}, and no change of your passphrase helps."))
            throw new Failure(ExitCode.Refused, "Nothing was written.", "Run the command again and type yes if you mean it.");
        await FileTransfer.WriteNewAsync(path, output =>
            AgentConnection.AskAsync(parsed.Profile(), new ExportPrivateKey(key.Id, format), Stream.Null, output, cancellationToken));
        Screen.Show(
            new JsonObject { ["file"] = path, ["key"] = key.Id },
            () => Screen.Say($"Written to {Screen.Printable(path)}, sealed by nothing: whoever gets at the file {means}. Delete it when it has been where it was needed."));
    }

    private static Command Change()
    {
        var state = new Option<string?>("--state") { Description = "active, deactivated or compromised" }.AcceptOnly("active", "deactivated", "compromised");
        var label = Label("The new label; empty for none");
        return new Command("change", "Set the state or the label of a key") { Key, state, label }.Does(async (parsed, cancellationToken) =>
        {
            var request = new ChangeKey(parsed.GetRequiredValue(Key), parsed.GetValue(state), parsed.GetValue(label));
            if (request is { State: null, Label: null })
                throw Failure.Usage("There is nothing to change.", "Give --state, --label or both.");
            Print((await parsed.AskAsync(request, cancellationToken)).Keys!);
        });
    }

    private static Command Delete()
    {
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        return new Command("delete", "Destroy a key for good: what only it opens is lost") { Key, yes }.Does(async (parsed, cancellationToken) =>
        {
            var key = await OneAsync(parsed, cancellationToken);
            if (!parsed.GetValue(yes) && !Prompt.Confirm($"Destroy {key.Purpose} {key.Id}{(key.Label is { } label ? $" ({Screen.Printable(label)})" : "")}? What only this key opens is lost for ever."))
                throw new Failure(ExitCode.Refused, "Nothing was deleted.", "Run the command again and type yes if you mean it.");
            await parsed.AskAsync(new DeleteKey(key.Id), cancellationToken);
            Screen.Show(new JsonObject { ["deleted"] = key.Id }, () => Screen.Say($"Destroyed {key.Id}."));
        });
    }

    private static async Task<KeyLine> OneAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        (await parsed.AskAsync(new ShowKey(parsed.GetRequiredValue(Key)), cancellationToken)).Keys!.Single();

    private static void Print(KeyLine[] keys) => Show(keys, () => Screen.Table(
        ["ID", "PURPOSE", "STATE", "CREATED", "LABEL", "DID"],
        keys.Select(key => new[] { key.Id, key.Purpose, key.State, key.Created, key.Label ?? "", key.Did ?? "" })));

    private static void Show(KeyLine[] keys, Action text) => Screen.Show(new JsonObject { ["keys"] = Screen.ToJson(keys) }, text);

    private static Option<string?> Label(string description) => new("--label") { Description = description, HelpName = "NAME" };

    private static Option<T> AcceptOnly<T>(this Option<T> option, params string[] values)
    {
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
