using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class ManCommand
{
    public static Command Create() => new Command("man", "Print the manual page: `keyladder man | man -l -`").Does((parsed, _) =>
    {
        var page = ManPage.Of(parsed.RootCommandResult.Command);
        Screen.Show(new JsonObject { ["page"] = page }, () => Console.Out.Write(page));
        return Task.CompletedTask;
    });
}
