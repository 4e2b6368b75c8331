using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class CompletionCommand
{
    // Whoever presses Tab waits for it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash or zsh" }.AcceptOnlyFromAmong("bash", "zsh");
        return new Command("completion", "Print what makes a shell complete commands: `source <(keyladder completion bash)`") { shell }.Does((parsed, _) =>
        {
            var script = CompletionScript.Of(parsed.RootCommandResult.Command, parsed.GetRequiredValue(shell));
            Screen.Show(new JsonObject { ["script"] = script }, () => Console.Out.Write(script));
            return Task.CompletedTask;
        });
    }

    /// <summary>What the script asks for names of keys: one a line, and nothing where the account is locked or the answer is late. Not for people.</summary>
    public static Command CreateKeys() => new Command("complete-keys", "Ids and labels of keys, for completion") { Hidden = true }.Does(async (parsed, cancellationToken) =>
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            foreach (var key in (await parsed.AskAsync(new ListKeys(), limit.Token)).Keys!)
            {
                Console.Out.WriteLine(key.Id);
                // What cannot be shown as it is cannot be typed by it either.
                if (key.Label is { } label && Screen.Printable(label) == label)
                    Console.Out.WriteLine(label);
            }
        }
        catch (Exception e) when (e is Failure or OperationCanceledException)
        {
            // Nothing to offer.
        }
    });
}
