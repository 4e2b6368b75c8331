using Keyladder.Cli.Agent;

namespace Keyladder.Cli.Terminal;

/// <summary>What others have sent, as a person reads it. A program has it in the document.</summary>
internal static class NewsOutput
{
    /// <param name="answer">Of a command that has fetched what others have left; its result has been printed.</param>
    /// <param name="isAsked">Whether the person has asked for the news alone.</param>
    /// <exception cref="Failure">A letter was refused.</exception>
    public static void Tell(AgentAnswer answer, bool isAsked = false)
    {
        Say(answer);
        RequireNoneRefused(answer);
        if (isAsked && answer.News is { Established: [], Changed: [], Shares: [], Events: [], Unreachable: [], Shut: [] })
            Screen.Say("Nothing new.");
    }

    /// <summary>Before anything is done that may fail: it is told once.</summary>
    public static void Say(AgentAnswer answer)
    {
        if (answer.News is not { } news)
            return;
        foreach (var person in news.Established)
            Screen.Say($"Connected with {Named(person)}. Compare the safety words before you share what matters: keyladder connect show NAME");
        foreach (var change in news.Changed)
            Screen.Say($"{Screen.Printable(change.Name)} has taken new keys, signed by the ones before. The safety words are new: keyladder connect show NAME");
        foreach (var share in news.Shares)
            Screen.Say($"{Screen.Printable(share.From)} {What(share)}: share {share.Id}");
        foreach (var (name, told) in news.Events.Where(told => told.Event is "accepted" or "read").Select(told => (told.Name, told.Event)).Distinct())
            Screen.Say($"{Screen.Printable(name)} has {(told == "read" ? "opened what you share" : "accepted the terms of what you share")}: keyladder share list --given");
        foreach (var person in news.Unreachable)
            Screen.Say($"The Vault of {Named(person)} does not answer: what waits for you there comes later.");
        foreach (var person in news.Shut)
            Screen.Say($"The Vault of {Named(person)} lets you in no more: you are blocked there, or the relationship is over, or that Vault says so. `keyladder connect end NAME` ends it here too.");
        foreach (var refused in news.Refused)
            Screen.Say(refused);
    }

    /// <summary>Once the result of the command has been printed.</summary>
    /// <exception cref="Failure">A letter was refused.</exception>
    public static void RequireNoneRefused(AgentAnswer answer)
    {
        if (answer.News is not { Refused: { Length: > 0 } refused })
            return;
        throw new Failure(
            ExitCode.Alarm,
            refused.Length == 1 ? "A letter was refused, and nothing of it was used." : $"{refused.Length} letters were refused, and nothing of them was used.",
            "The rest counts. Compare the safety words with the other person (keyladder connect show NAME); `keyladder connect block NAME` fetches nothing more from there.");
    }

    private static string What(HeldLine share) => share.State switch
    {
        "given" => share.Accepted ? "shares something with you, or has changed it" : "shares something with you, or has changed it, and sets terms",
        "revoked" => "has taken back what was shared",
        _ => "has ended what was shared, for its last day is over",
    };

    private static string Named(PersonLine person) => Screen.Printable(person.Name);
}
