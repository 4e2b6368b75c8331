using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class KeyCommand
{
    private static readonly Argument<string> Key = new("KEY") { Description = "An id, the start of one, a label or a DID" };

    public static Command Create() => new("key", "Make, list and manage keys") { Generate(), List(), Show(), Export(), Change(), Delete() };

    private static Command Generate()
    {
        var kind = new Argument<string>("KIND") { Description = "personal, sharing or signing" }.AcceptOnlyFromAmong("personal", "sharing", "signing");
        var label = Label("What you call the key");
        var count = CommandLine.Number("--count", "How many", "N", most: 1_000, usual: 1);
        return new Command("generate", "Make a data encryption key (personal or sharing) or a signing keypair with its DID") { kind, label, count }
            .Does(async (parsed, cancellationToken) =>
            {
                if (parsed.GetValue(label) is "")
                    throw Failure.Usage("A label has at least one character.", "Leave --label out for a key without one.");
                var request = new GenerateKeys(parsed.GetRequiredValue(kind), parsed.GetValue(label), parsed.GetValue(count));
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
            ["id", key.Id], ["purpose", key.Purpose], ["state", key.State], ["label", key.Label ?? ""], ["created", key.Created], ["did", key.Did ?? ""],
        ];
        Show([key], () => Screen.Table(["KEY", ""], lines.Where(line => line[1].Length > 0)));
    });

    private static Command Export()
    {
        var format = new Option<string>("--format") { Description = "did, document (DID document) or jwk", DefaultValueFactory = _ => "did" }
            .AcceptOnly("did", "document", "jwk");
        return new Command("export", "Print the public half of a signing key") { Key, format }.Does(async (parsed, cancellationToken) =>
        {
            var key = await OneAsync(parsed, cancellationToken);
            if (key.Did is null)
                throw Failure.Usage("Only the public half of a signing key can be exported.", "Choose a key that `keyladder key list` shows with a DID.");
            var name = parsed.GetRequiredValue(format);
            var text = PublicKeyText.Of(key.Did, name);
            Screen.Show(new JsonObject { [name] = name == "did" ? text : JsonNode.Parse(text) }, () => Console.Out.WriteLine(text));
        });
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
