using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;
using Keyladder.Cryptography.Dids;

namespace Keyladder.Cli.Commands;

/// <summary>Signing in to apps with a DID made for each (docs/spec/did-sign-in.md).</summary>
internal static class DidSignInCommand
{
    // Not secret: what it asks for is worth something in the browser that shows it alone.
    private static readonly Argument<string> Shown = new("LINK") { Description = "What the app's page shows, in quotes" };

    private static readonly Option<string?> Key = new("--key") { Description = "Which of your DIDs for that app (default: the newest)", HelpName = "KEY" };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask" };

    public static Command Link()
    {
        var another = new Option<bool>("--another") { Description = "Make a further DID for that app" };
        return new Command("link", "Link a DID to who you are signed in as at an app, so that it signs you in there") { Shown, Key, another, Yes }.Does((parsed, cancellationToken) =>
            parsed.GetValue(another) && parsed.GetValue(Key) is not null
                ? throw Failure.Usage("A further DID is made of a new key.", "Leave out --key or --another.")
                : AnswerAsync(parsed, DidSignInPurpose.Link, parsed.GetValue(another), cancellationToken));
    }

    public static Command SignIn() => new Command("sign-in", "Sign in to an app with the DID that you have linked there") { Shown, Key, Yes }.Does((parsed, cancellationToken) =>
        AnswerAsync(parsed, DidSignInPurpose.SignIn, isAnother: false, cancellationToken));

    public static Failure NoLink() => Failure.Usage(
        "That is not a link to sign in with a DID, or not all of one.", "Copy it whole from the app's page, in quotes: it begins with https:// and has purpose, challenge and check behind a #.");

    private static async Task AnswerAsync(ParseResult parsed, DidSignInPurpose purpose, bool isAnother, CancellationToken cancellationToken)
    {
        var text = parsed.GetRequiredValue(Shown);
        if (!DidSignInLink.TryParse(text, out var link))
            throw NoLink();
        if (link.Purpose != purpose)
        {
            throw new Failure(
                ExitCode.Refused,
                purpose == DidSignInPurpose.Link ? "That link is one to sign in, not to link a DID." : "That link is one to link a DID, not to sign in.",
                $"If it is what you mean: keyladder did {link.Purpose.ToText()} LINK");
        }

        var question = purpose == DidSignInPurpose.Link
            ? $"Link a DID to who you are signed in as at {link.Origin}? It signs you in there from then on."
            : $"Sign in at {link.Origin}? Only if its page stands open in a browser of yours, and you asked for it there.";
        if (!parsed.GetValue(Yes) && !Prompt.Confirm(question))
            throw new Failure(ExitCode.Refused, "Nothing was signed.", "Run the command again and type yes if you mean it.");

        var answer = (await parsed.AskAsync(new AnswerApp(text, parsed.GetValue(Key), isAnother), cancellationToken)).App!;
        Screen.Say($"Signed for {link.Origin}, and good there alone for five minutes. Open this in the browser that showed the link:");
        Screen.Show(
            new JsonObject
            {
                ["origin"] = link.Origin.ToString(),
                ["purpose"] = purpose.ToText(),
                ["key"] = answer.Key,
                ["did"] = answer.Did,
                ["challenge"] = answer.Challenge,
                ["response"] = answer.Response,
                ["address"] = answer.Address,
            },
            () => Console.Out.WriteLine(answer.Address));
    }
}
