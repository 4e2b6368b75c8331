using System.CommandLine;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;

namespace Keyladder.Cli.Commands;

/// <summary>What a person chooses after a restore: to put back what this device still holds, to lose it, or to stop.</summary>
/// <param name="Restored">"412:398:1f3a9c2e0b7d", from the one change to the other; null where nothing was chosen.</param>
/// <param name="PutBack">Whether it is put back.</param>
internal sealed record RestoreChoice(string? Restored, bool PutBack)
{
    public static readonly RestoreChoice None = new(null, PutBack: false);

    public static readonly Option<string?> AcceptRestore = new("--accept-restore")
    {
        Description = "Go back with a restored service, from the change that this device has seen to the one that the service shows",
        HelpName = "SEEN:SHOWN:MARK",
    };

    public static readonly Option<string?> PutBackOption = new("--put-back")
    {
        Description = "Likewise, and put back what this device still holds; without numbers where it was gone back already",
        HelpName = "SEEN:SHOWN:MARK",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static bool IsTerminal => !Screen.IsJson && !Console.IsInputRedirected;

    public static RestoreChoice Of(ParseResult parsed)
    {
        var isPutBack = parsed.GetResult(PutBackOption) is not null;
        if (isPutBack && parsed.GetValue(AcceptRestore) is not null)
            throw Failure.Usage("What went back is either lost or put back.", "Leave out either --accept-restore or --put-back.");
        return new(parsed.GetValue(isPutBack ? PutBackOption : AcceptRestore), isPutBack);
    }

    /// <summary>Opens the account, or the Vault; where the person has to choose first and there is a terminal, asks them and opens it as they say.</summary>
    public async Task<AgentAnswer> UnlockAsync(Func<RestoreChoice, Task<AgentAnswer>> unlock)
    {
        try
        {
            return await unlock(this);
        }
        catch (Failure failure) when (failure.Restored is { } question && Restored is null && IsTerminal)
        {
            return await unlock(Ask(failure, question));
        }
    }

    /// <summary>Tells what another device chose, or this one has put back; where this one holds what is not there, asks whether to put it back.</summary>
    /// <returns>What went back.</returns>
    /// <param name="answer">What was opened.</param>
    /// <param name="made">What they had chosen.</param>
    /// <param name="command">Which command opens it.</param>
    /// <param name="putBack">Puts it back.</param>
    public static async Task<RestoreLine[]> TellAsync(AgentAnswer answer, RestoreChoice made, string command, Func<Task<AgentAnswer>> putBack)
    {
        if (answer.Notice is { } notice)
            Screen.Notify(notice);
        if (answer.WentBack is not { Length: > 0 } wentBack)
            return [];
        var isQuestion = made == None && RestoreLine.IsAny(wentBack);
        if (isQuestion)
        {
            Screen.Say("What this device still holds and the service does not show:");
            Show(wentBack);
            if (!IsTerminal)
            {
                Screen.Notify($"This device still holds some of what went back. To put it back, before the account locks: keyladder {command} --put-back");
                return wentBack;
            }

            if (Prompt.Ask("Type \"put back\" to put it back, or press Enter to leave it for now: ") != "put back")
                return wentBack;
            wentBack = (await putBack()).WentBack!;
        }

        if (isQuestion || made.PutBack)
            Report(wentBack);
        else
            Show(wentBack);
        return wentBack;
    }

    private static RestoreChoice Ask(Failure failure, RestoreQuestion question)
    {
        Screen.Say(failure.Message);
        Screen.Say("Ask the operator whether that is so; a service can say it and lie.");
        var canPutBack = question.WentBack is not null;
        if (canPutBack)
        {
            Screen.Say(question.WentBack is [] ? "Nothing that this device holds is gone." : "What went back:");
            Show(question.WentBack!);
        }
        else
        {
            Screen.Say(question.Vault is null
                ? "The account was locked on this device, so that it holds nothing to put back. Another device, open since before, may: choose there first."
                : "This device keeps no copy of the Vault, so that it holds nothing to put back. Another one may: choose there first.");
        }

        return Prompt.Ask($"Type {(canPutBack ? "\"put back\" to go back and put back what this device holds, " : "")}\"accept\" to go back without, or press Enter to stop: ") switch
        {
            "put back" when canPutBack => new(question.Choice, PutBack: true),
            "accept" => new(question.Choice, PutBack: false),
            _ => throw new Failure(ExitCode.Alarm, "Stopped: nothing has changed, and this device opens nothing there.", "Run the command again once you know what happened."),
        };
    }

    private static void Show(RestoreLine[] wentBack)
    {
        foreach (var line in wentBack)
            Screen.Say($"  {Screen.Printable(Tell(line))}");
    }

    private static void Report(RestoreLine[] wentBack)
    {
        Screen.Say($"Put back: {wentBack.Count(line => line.PutBack)} of {wentBack.Length}.");
        foreach (var line in wentBack.Where(line => !line.PutBack))
        {
            Screen.Notify($"Not put back: {Screen.Printable(Tell(line))}. " + ((line.What, line.Change) switch
            {
                ("item", "unknown") => "It stays as it is there.",
                ("item", _) => "It was deleted or changed meanwhile, this device has not read all of it, or the Vault has no room.",
                ("secret", "missing") => "Make a new one: keyladder recovery-key add, passphrase change or device add.",
                ("secret", _) => $"If it was removed, unlock with another secret and run: keyladder unlock-method remove {line.Id}",
                (_, "unknown") => "It stays; delete it if you had.",
                _ => "It was deleted meanwhile.",
            }));
        }

        foreach (var line in wentBack)
        {
            if (line.Conflict is { } other)
                Screen.Notify($"Both versions of {Screen.Printable(line.Label!)} are kept: the one from here is item {other}.");
            foreach (var name in line.Lacks ?? [])
                Screen.Notify($"Put back without the attachment {Screen.Printable($"{name} of {line.Label}")}: the Vault no longer has its content. Attach it again.");
        }
    }

    private static string Tell(RestoreLine line)
    {
        var name = line.What == "secret" ? $"{line.Kind} {line.Id}" : $"{line.What} {line.Label ?? line.Id} ({line.Kind})";
        return (line.What, line.Change) switch
        {
            ("key" or "item", "missing") => $"gone: {name}",
            ("key", "older") => $"older: {name}, here {Describe(line.Label, line.State)}, there {Describe(line.ShownLabel, line.ShownState)}",
            ("item", "older") => $"older: {name}",
            ("key" or "item", "returned") => $"back: {name}, which had been deleted",
            ("key", _) => $"not known here: {name}, made elsewhere since or deleted before",
            ("item", _) => $"not known here: {name} as it is there, made or changed elsewhere since or deleted before",
            (_, "missing") => $"gone: {name}, which opens the account no more",
            (_, "returned") => $"back: {name}, which had been removed and opens the account again",
            _ => $"not known here: {name}, which opens the account; made elsewhere since or removed before",
        };
    }

    private static string Describe(string? label, string? state) => label is null ? $"without a label ({state})" : $"{label} ({state})";
}
