using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Cryptography.Heads;

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
        return new Command("remove", "Remove a secret: it opens the account no more") { id, yes }.Does((parsed, cancellationToken) =>
            RemoveAsync(parsed, parsed.GetRequiredValue(id), parsed.GetValue(yes), "unlock-method", _ => true, cancellationToken));
    }

    /// <param name="command">Which lists those that can be meant, and removes them.</param>
    /// <param name="isMeant">Which of the account's ways to unlock can be meant.</param>
    public static async Task RemoveAsync(
        ParseResult parsed, string text, bool isSure, string command, Func<UnlockMethodLine, bool> isMeant, CancellationToken cancellationToken)
    {
        var all = await AllAsync(parsed, cancellationToken);
        var found = all.Where(isMeant).Where(method => text.Length >= ShortestId && method.Id.StartsWith(text, StringComparison.Ordinal)).ToList();
        if (found is not [var method])
            throw new Failure(ExitCode.NotFound, $"That names no {command.Replace("unlock-method", "way to unlock", StringComparison.Ordinal)}, or several.", $"Copy an id from `keyladder {command} list`.");
        // Said before the question: a yes would be in vain.
        if (method.Current)
        {
            throw new Failure(
                ExitCode.Refused,
                "This is the secret that opened the account here.",
                method.Kind == SlotKind.Device
                    ? "Unlock with what you type, by `keyladder unlock --ask`, and remove it then."
                    : "Replace it with `keyladder passphrase change`, or unlock with another one and remove it then.");
        }

        if (method.Kind != SlotKind.Device && all.All(other => other == method || other.Kind == SlotKind.Device))
            throw new Failure(ExitCode.Refused, "Nothing but devices would open the account, and with the last of them it would be lost.", "Run `keyladder recovery-key add` first.");
        if (!isSure && !Prompt.Confirm($"Remove {method.Kind} {method.Id}? Whoever holds only this can open the account no more."))
            throw new Failure(ExitCode.Refused, "Nothing was removed.", "Run the command again and type yes if you mean it.");
        await parsed.AskAsync(new RemoveUnlockMethod(method.Id), cancellationToken);
        var stays = await ForgetAsync(parsed.Profile(), method.Id);
        Screen.Show(
            new JsonObject { ["removed"] = method.Id, ["stays"] = stays },
            () => Screen.Say($"Removed {method.Id}. A device that it opened keeps what it holds until it locks, and signs in no more."));
        DeviceStore.SayThatItStays(stays);
    }

    /// <summary>If it was this device's own: its secret opens nothing any more.</summary>
    /// <returns>As of <see cref="DeviceStore.RemoveAsync"/>.</returns>
    private static async Task<string?> ForgetAsync(Profile profile, string id)
    {
        if (profile.ReadSettings() is not { Device.Id: var own } settings || own != id)
            return null;
        // Not to be stopped: the service has removed it.
        var stays = await DeviceStore.RemoveAsync(profile, CancellationToken.None);
        profile.Write(settings with { Device = null });
        return stays;
    }

    public static async Task<UnlockMethodLine[]> AllAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        (await parsed.AskAsync(new ListUnlockMethods(), cancellationToken)).UnlockMethods!;
}
