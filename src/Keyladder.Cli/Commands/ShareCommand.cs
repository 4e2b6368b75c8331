using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;
using Keyladder.Keys.Relationships;

namespace Keyladder.Cli.Commands;

internal static class ShareCommand
{
    private const string AcceptFirst = "Read them: keyladder share list --held --json. If you agree: keyladder share accept SHARE --yes, or keyladder share show SHARE --accept";

    private static readonly Argument<string> Share = new("SHARE") { Description = "The id of a share, or the start of one, from `share list`" };

    public static Command Create() => new("share", "Share items, or single attributes of them, with people you are connected with; read what they share")
    {
        Give(), List(), Show(), Save(), Accept(), Update(), Revoke(), EndExpired(),
    };

    private static Command Give()
    {
        var item = new Argument<string>("ITEM") { Description = "An id, the start of one, or a name" };
        var with = new Option<string[]>("--with") { Description = "Somebody you are connected with; may be given again", HelpName = "NAME", Required = true };
        var only = new Option<string?>("--only") { Description = "Share this attribute alone, without the item's name", HelpName = "ATTRIBUTE" };
        var terms = new Option<string?>("--terms") { Description = "What the other one agrees to by opening it", HelpName = "TEXT" };
        var file = new Option<string?>("--terms-file") { Description = "The same from a file; - for standard input", HelpName = "FILE" };
        var until = new Option<string?>("--until") { Description = "The last day that it is good for, in UTC, such as 2027-01-31", HelpName = "DAY" };
        var receipt = new Option<bool>("--receipt") { Description = "Have the other one's program tell when it is opened" };
        return new Command("give", "Share an item, or one attribute: each of the others gets a copy of their own") { item, with, only, terms, file, until, receipt }.Does(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(terms) is not null && parsed.GetValue(file) is not null)
                throw Failure.Usage("Terms come from --terms or from --terms-file, not from both.", "Leave one of them away.");
            var request = new GiveShare(
                parsed.GetRequiredValue(with),
                parsed.GetRequiredValue(item),
                parsed.GetValue(only),
                parsed.GetValue(file) is { } path ? await ReadTermsAsync(path, cancellationToken) : Checked(parsed.GetValue(terms)),
                parsed.GetValue(until) is { } day ? DayOf(day) : null,
                parsed.GetValue(receipt));
            PrintGiven(await parsed.AskAsync(request, cancellationToken));
        });
    }

    private static Command List()
    {
        var given = new Option<bool>("--given") { Description = "Only what you share" };
        var held = new Option<bool>("--held") { Description = "Only what others share with you" };
        return new Command("list", "List what you share and what others share with you, after fetching what they have left") { given, held }.Does(async (parsed, cancellationToken) =>
        {
            var answer = await parsed.AskAsync(new ListShares(), cancellationToken);
            if (answer.Notice is { } notice)
                Screen.Notify(notice);
            var one = parsed.GetValue(given) != parsed.GetValue(held);
            var (givenLines, heldLines) = (one && parsed.GetValue(held) ? null : answer.Given, one && parsed.GetValue(given) ? null : answer.Held);
            Screen.Show(
                new JsonObject { ["given"] = Screen.ToJson(givenLines), ["held"] = Screen.ToJson(heldLines), ["news"] = Screen.ToJson(answer.News) },
                () => Screen.Table(ShareOutput.Header, [.. (givenLines ?? []).Select(ShareOutput.Row), .. (heldLines ?? []).Select(ShareOutput.Row)]));
            NewsOutput.Tell(answer);
        });
    }

    private static Command Show()
    {
        var only = new Option<string?>("--only") { Description = "Print the value of this attribute alone, as it is", HelpName = "NAME" };
        var accept = new Option<bool>("--accept") { Description = "Accept its terms, without being asked" };
        return new Command("show", "Show what somebody shares with you, as it is now; asks first where it has terms") { Share, only, accept }.Does(async (parsed, cancellationToken) =>
        {
            var share = parsed.GetRequiredValue(Share);
            var answer = await DescribeAsync(parsed, isFetched: false, cancellationToken);
            var (known, news) = (answer.KnownTerms, answer);
            for (var again = false; ; again = true)
            {
                if (answer.Held!.Single() is { State: ShareStates.Given, Accepted: false, Terms: { } terms } described)
                    await AcceptAsync(parsed, described, terms, parsed.GetValue(accept), known, cancellationToken);
                using var values = new MemoryStream();
                try
                {
                    var shown = await AgentConnection.AskAsync(parsed.Profile(), new ShowShare(share), Stream.Null, values, cancellationToken);
                    ShareOutput.Show(shown.Shared!, values.ToArray(), parsed.GetValue(only), news.News);
                    NewsOutput.RequireNoneRefused(news);
                    return;
                }
                catch (Failure e) when (!again && e.Code == ExitCode.Refused)
                {
                    // Opening it may have found an update, which is accepted anew.
                    answer = await DescribeAsync(parsed, isFetched: false, cancellationToken);
                }
            }
        });
    }

    private static Command Save()
    {
        var name = new Argument<string>("NAME") { Description = "Name of the attribute" };
        return new Command("save", "Write an attachment that somebody shares with you to a file or standard output; its terms are accepted before") { Share, name, CommandLine.Output }.Does(async (parsed, cancellationToken) =>
        {
            RequireAccepted(await DescribeAsync(parsed, isFetched: false, cancellationToken));
            try
            {
                await Transfer.SaveAsync(parsed, new ReadSharedAttachment(parsed.GetRequiredValue(Share), parsed.GetRequiredValue(name)), cancellationToken);
            }
            catch (Failure e) when (e.Code == ExitCode.Refused)
            {
                // Opening it may have found an update, which is accepted anew.
                RequireAccepted(await DescribeAsync(parsed, isFetched: false, cancellationToken));
                throw;
            }
        });

        static void RequireAccepted(AgentAnswer answer)
        {
            if (answer.Held!.Single() is { State: ShareStates.Given, Accepted: false } share)
                throw new Failure(ExitCode.Refused, "Its terms have not been accepted.", $"Read them and accept them: keyladder share accept {share.Id}; then run the command again.");
        }
    }

    private static Command Accept()
    {
        var yes = new Option<bool>("--yes") { Description = "Do not ask; others than this device has fetched before are not accepted by it" };
        return new Command("accept", "Accept the terms of a share as they are now, and tell who shares it") { Share, yes }.Does(async (parsed, cancellationToken) =>
        {
            var answer = await DescribeAsync(parsed, isFetched: true, cancellationToken);
            var share = answer.Held!.Single();
            if (share.State != ShareStates.Given)
                throw new Failure(ExitCode.Refused, $"The share is over: it is {share.State}.", "Ask who shared it to share it again.");
            if (share is { Accepted: false, Terms: { } terms })
                share = await AcceptAsync(parsed, share, terms, parsed.GetValue(yes), answer.KnownTerms, cancellationToken);
            Screen.Show(new JsonObject { ["held"] = Screen.ToJson(new[] { share }), ["news"] = Screen.ToJson(answer.News) }, () => Screen.Say(
                $"{(share.Terms is null ? "It has no terms: there was nothing to accept." : "Accepted.")} To read it: keyladder share show {share.Id}; to save an attachment of it: keyladder share save {share.Id} NAME --output FILE"));
            NewsOutput.RequireNoneRefused(answer);
        });
    }

    private static Command Update()
    {
        var shares = new Argument<string[]>("SHARE") { Description = "Ids of shares, or the start of each (default: all of which something has changed since)", Arity = ArgumentArity.ZeroOrMore };
        return new Command("update", "Give the others what the items are now; terms and last day stay") { shares }.Does(async (parsed, cancellationToken) =>
        {
            var answer = await parsed.AskAsync(new UpdateShares(parsed.GetValue(shares) ?? []), cancellationToken);
            if (answer.Notice is { } notice)
                Screen.Notify(notice);
            PrintGiven(answer);
            if (answer is { Given: [], Notice: null })
                Screen.Say("Nothing that you share has changed.");
        });
    }

    private static Command Revoke()
    {
        var shares = new Argument<string[]>("SHARE") { Description = "Ids of shares, or the start of each, from `share list`", Arity = ArgumentArity.OneOrMore };
        return new Command("revoke", "Take shares back: the copies go, their keys are destroyed, and the others are told") { shares }.Does(async (parsed, cancellationToken) =>
        {
            PrintGiven(await parsed.AskAsync(new RevokeShares(parsed.GetRequiredValue(shares)), cancellationToken));
            Screen.Say("Taken back. What somebody has read, they have read.");
        });
    }

    private static Command EndExpired() => new Command("end-expired", "Take back the shares whose last day is over, by this device's clock").Does(async (parsed, cancellationToken) =>
    {
        var answer = await parsed.AskAsync(new EndExpiredShares(), cancellationToken);
        PrintGiven(answer);
        if (answer.Given is [])
            Screen.Say("None is over.");
    });

    /// <summary>What a share says of itself; what was fetched for that is told.</summary>
    private static async Task<AgentAnswer> DescribeAsync(ParseResult parsed, bool isFetched, CancellationToken cancellationToken)
    {
        var answer = await parsed.AskAsync(new DescribeShare(parsed.GetRequiredValue(Share), isFetched), cancellationToken);
        if (answer.Notice is { } notice)
            Screen.Notify(notice);
        NewsOutput.Say(answer);
        return answer;
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="share">As it is now.</param>
    /// <param name="terms">Of it.</param>
    /// <param name="isAccepted">Whether the person accepts terms without being asked.</param>
    /// <param name="known">Those that could have been read before: nobody accepts others unread.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    private static async Task<HeldLine> AcceptAsync(ParseResult parsed, HeldLine share, string terms, bool isAccepted, string? known, CancellationToken cancellationToken)
    {
        if (!isAccepted || terms != known)
        {
            Screen.Say($"{Screen.Printable(share.From)} shares this on these terms:");
            Screen.Say(string.Join('\n', Screen.Printable(terms.ReplaceLineEndings("\n")).Split('\n').Select(line => $"  {line}")));
            if (isAccepted)
                throw new Failure(ExitCode.Refused, "Its terms are others than this device knew: they have not been accepted.", "Read them. If you agree, run the command again.");
            if (Console.IsInputRedirected)
                throw new Failure(ExitCode.Refused, "Its terms have not been accepted.", AcceptFirst);
            if (!Prompt.Confirm("Do you accept them?"))
                throw new Failure(ExitCode.Refused, "Its terms are not accepted: it stays closed.", "Nothing needs to be done.");
        }

        // As they were read: others that take their place meanwhile are not accepted by this.
        return (await parsed.AskAsync(new AcceptTerms($"{share.Relationship}/{share.Id}", terms), cancellationToken)).Held!.Single();
    }

    private static void PrintGiven(AgentAnswer answer)
    {
        Screen.Show(
            new JsonObject { ["given"] = Screen.ToJson(answer.Given!), ["news"] = Screen.ToJson(answer.News) },
            () => Screen.Table(ShareOutput.Header, answer.Given!.Select(ShareOutput.Row)));
        NewsOutput.Tell(answer);
    }

    private static DateOnly DayOf(string text)
    {
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            throw Failure.Usage("--until takes a day such as 2027-01-31.", "Write the year, the month and the day.");
        return day >= DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime)
            ? day
            : throw Failure.Usage("That day is over.", "Name today or a later day, in UTC.");
    }

    private static async Task<string?> ReadTermsAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = FileTransfer.OpenInput(path);
        using var reader = new StreamReader(file);
        // One more than there may be tells that it is too long; the rest of a long file is left unread.
        var text = new char[ShareStatement.MaxTermsLength + 2];
        var length = await reader.ReadBlockAsync(text, cancellationToken);
        return Checked(new string(text, 0, length).TrimEnd());
    }

    private static string? Checked(string? terms) => terms switch
    {
        null => null,
        { Length: 0 } => throw Failure.Usage("There are no terms in it.", "Write some, or leave the option away."),
        { Length: > ShareStatement.MaxTermsLength } => throw Failure.Usage($"Terms have at most {ShareStatement.MaxTermsLength} characters.", "Say where the rest stands, such as an address."),
        _ => terms,
    };
}
