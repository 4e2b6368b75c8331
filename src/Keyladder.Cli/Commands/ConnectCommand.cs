using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class ConnectCommand
{
    private static readonly Argument<string> Known = new("NAME") { Description = "What you call the other one, or the id of the relationship, or the start of one" };

    private static readonly Argument<string> Called = new("NAME") { Description = "What you call the other one; nobody else sees it" };

    public static Command Create() => new("connect", "Connect with other people, each pair under keys and ids of their own")
    {
        Invite(), Accept(), List(), Show(), Sync(), Rename(), Block("block", isBlocked: true), Block("unblock", isBlocked: false), ChangeKeys(), End(),
    };

    private static Command Invite()
    {
        var validFor = LinkText.ValidFor();
        var file = new Option<string?>("--link-file") { Description = "Write the link to a new file that only you can read, instead of printing it", HelpName = "FILE" };
        var code = new Option<bool>("--qr") { Description = "Show the link as a QR code too" };
        return new Command("invite", "Invite somebody: prints a link, once, which is to reach only them") { Called, validFor, code, file }.Does(async (parsed, cancellationToken) =>
        {
            var (path, isShown) = (parsed.GetValue(file), parsed.GetValue(code));
            LinkText.RequirePlace(path, isShown);
            var request = new Invite(parsed.GetRequiredValue(Called), parsed.GetValue(validFor));
            RelationshipLine? invited = null;
            await LinkText.WriteAsync(path, isShown, async link =>
                invited = (await AgentConnection.AskAsync(parsed.Profile(), request, Stream.Null, link, cancellationToken)).Relationships!.Single());
            Screen.Show(new JsonObject { ["relationships"] = Screen.ToJson(new[] { invited! }), ["file"] = path }, () => Screen.Say(
                $"{(path is null ? "The link is not shown again" : $"The link is in {path}")}. Hand it over in a way that reaches only {Screen.Printable(invited!.Name)}, for whoever has it first is who is invited; then delete it. "
                + $"It can be taken once, until {Text(invited.InvitationExpires!.Value)}. After that: keyladder connect sync"));
        });
    }

    private static Command Accept()
    {
        var file = new Option<string?>("--link-file") { Description = "File that holds the link; - for standard input (default: a prompt)", HelpName = "FILE" };
        return new Command("accept", "Take an invitation: asks for the link") { Called, file }.Does(async (parsed, cancellationToken) =>
        {
            using var link = LinkText.Ask(parsed.GetValue(file), file.Name);
            var utf8 = link.ToUtf8();
            using var wiped = new Wiped(utf8);
            using var input = new MemoryStream(utf8, writable: false);
            var answer = await AgentConnection.AskAsync(parsed.Profile(), new AcceptInvitation(parsed.GetRequiredValue(Called)), input, Stream.Null, cancellationToken);
            var accepted = answer.Relationships!.Single();
            Print(answer);
            Screen.Say($"Accepted. {Screen.Printable(accepted.Name)}'s program confirms it when it next synchronizes; then here: keyladder connect sync");
        });
    }

    private static Command List() => new Command("list", "List whom you are connected with, after fetching what they have left").Does(async (parsed, cancellationToken) =>
        Print(await parsed.AskAsync(new ListRelationships(), cancellationToken)));

    private static Command Show() => new Command("show", "Show a relationship: its safety words, and the DIDs of both sides") { Known }.Does(async (parsed, cancellationToken) =>
    {
        var answer = await parsed.AskAsync(new ListRelationships(parsed.GetRequiredValue(Known)), cancellationToken);
        Print(answer, () => ShowOne(answer.Relationships!.Single()));
    });

    private static Command Sync()
    {
        var wait = CommandLine.Number("--wait", "Wait so many seconds for something to come, 30 at most", "SECONDS", most: 30, usual: 0);
        return new Command("sync", "Fetch what others have left, verify it, and say what came") { wait }.Does(async (parsed, cancellationToken) =>
        {
            var answer = await parsed.AskAsync(new SyncRelationships(parsed.GetValue(wait)), cancellationToken);
            Screen.Show(new JsonObject { ["news"] = Screen.ToJson(answer.News) });
            NewsOutput.Tell(answer, isAsked: true);
        });
    }

    private static Command Rename()
    {
        var next = new Argument<string>("NEW") { Description = "The new name; nobody else sees it" };
        return new Command("rename", "Call the other one something else") { Known, next }.Does(async (parsed, cancellationToken) =>
            Print(await parsed.AskAsync(new RenameRelationship(parsed.GetRequiredValue(Known), parsed.GetRequiredValue(next)), cancellationToken)));
    }

    private static Command Block(string name, bool isBlocked)
    {
        var description = isBlocked ? "Hear nothing more from the other one, and give nothing more, until you unblock" : "Take back a block";
        return new Command(name, description) { Known }.Does(async (parsed, cancellationToken) =>
            Print(await parsed.AskAsync(new BlockRelationship(parsed.GetRequiredValue(Known), isBlocked), cancellationToken)));
    }

    private static Command ChangeKeys() => new Command("change-keys", "Take new keys for a relationship, as when a device is lost; its safety words are new then") { Known }.Does(async (parsed, cancellationToken) =>
    {
        Print(await parsed.AskAsync(new ChangeRelationshipKeys(parsed.GetRequiredValue(Known)), cancellationToken));
        Screen.Say("Changed. The other side follows when it next synchronizes; then compare the safety words: keyladder connect show NAME");
    });

    private static Command End()
    {
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        return new Command("end", "End a relationship on this side, or withdraw an invitation: its keys and all that was shared in it go") { Known, yes }.Does(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(Known);
            if (!parsed.GetValue(yes) && !Prompt.Confirm($"End the relationship with {Screen.Printable(name)} for good, with all that is shared in it? The other one is not told."))
                throw new Failure(ExitCode.Refused, "Nothing was ended.", "Run the command again and type yes if you mean it; `keyladder connect block` can be taken back.");
            var ended = (await parsed.AskAsync(new EndRelationship(name), cancellationToken)).Relationships!.Single();
            Screen.Show(new JsonObject { ["ended"] = ended.Id }, () => Screen.Say($"Ended: {Screen.Printable(ended.Name)}."));
        });
    }

    private static void Print(AgentAnswer answer, Action? text = null)
    {
        if (answer.Notice is { } notice)
            Screen.Notify(notice);
        Screen.Show(new JsonObject { ["relationships"] = Screen.ToJson(answer.Relationships!), ["news"] = Screen.ToJson(answer.News) }, text ?? (() => Screen.Table(
            ["ID", "NAME", "STATUS", ""], answer.Relationships!.Select(each => new[] { each.Id, each.Name, each.Status, Remark(each) }))));
        NewsOutput.Tell(answer);
    }

    private static void ShowOne(RelationshipLine relationship)
    {
        Screen.Table(
            ["RELATIONSHIP", ""],
            new[]
            {
                ("id", relationship.Id), ("name", relationship.Name), ("status", relationship.Status), ("safety words", relationship.SafetyWords),
                ("own DID", relationship.Did), ("other DID", relationship.OtherDid), ("invited until", relationship.InvitationExpires is { } expires ? Text(expires) : null),
            }.Where(row => row.Item2 is not null).Select(row => new[] { row.Item1, row.Item2! }));
        if (relationship.SafetyWords is not null)
            Screen.Say("Read the safety words to each other, by a voice that you both know: if they are the same on both sides, nobody stands between you.");
    }

    private static string Remark(RelationshipLine relationship) => relationship.InvitationExpires is not { } expires || relationship.Status != "invited" ? ""
        : expires < TimeProvider.System.GetUtcNow() ? $"over since {Text(expires)}"
        : $"until {Text(expires)}";

    private static string Text(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
