using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class UnlockMethodCommand
{
    private const int ShortestId = 8;

    public static Command Create() => new("unlock-method", "See and remove the secrets that open the account") { List(), Remove() };

    private static Command List() => new Command("list", "List every secret that opens the account, by id and kind").Does(async (parsed, cancellationToken) =>
    {
        var methods = await AllAsync(parsed, cancellationToken);
        Screen.Show(new JsonObject { ["unlockMethods"] = Screen.ToJson(methods) }, () => Screen.Table(
            ["ID", "KIND", ""], methods.Select(method => new[] { method.Id, method.Kind, method.Current ? "opened this device" : "" })));
    });

    private static Command Remove()
    {
        var id = new Argument<string>("ID") { Description = "An id from `unlock-method list`, or its first 8 characters or more" };
        var yes = new Option<bool>("--yes") { Description = "Do not ask" };
        return new Command("remove", "Remove a secret: it opens the account no more") { id, yes }.Does(async (parsed, cancellationToken) =>
        {
            var text = parsed.GetRequiredValue(id);
            var found = (await AllAsync(parsed, cancellationToken)).Where(method => text.Length >= ShortestId && method.Id.StartsWith(text, StringComparison.Ordinal)).ToList();
            if (found is not [var method])
                throw new Failure(ExitCode.NotFound, "That names no way to unlock, or several.", "Copy an id from `keyladder unlock-method list`.");
            // Said before the question: a yes would be in vain.
            if (method.Current)
                throw new Failure(ExitCode.Refused, "This is the secret that opened the account here.", "Replace it with `keyladder passphrase change`, or unlock with another one and remove it then.");
            if (!parsed.GetValue(yes) && !Prompt.Confirm($"Remove {method.Kind} {method.Id}? Whoever holds only this can open the account no more."))
                throw new Failure(ExitCode.Refused, "Nothing was removed.", "Run the command again and type yes if you mean it.");
            await parsed.AskAsync(new RemoveUnlockMethod(method.Id), cancellationToken);
            Screen.Show(new JsonObject { ["removed"] = method.Id }, () => Screen.Say($"Removed {method.Id}. A device that it opened keeps what it holds until it locks, and signs in no more."));
        });
    }

    private static async Task<UnlockMethodLine[]> AllAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        (await parsed.AskAsync(new ListUnlockMethods(), cancellationToken)).UnlockMethods!;
}
