using System.CommandLine;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class RequestCommand
{
    public static Command Create()
    {
        var method = new Argument<string>("METHOD") { Description = "GET, POST or DELETE" }.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "GET", "POST", "DELETE");
        var path = new Argument<string>("PATH") { Description = "A path of the service, such as /v1/sessions" };
        var body = new Option<string?>("--body") { Description = "A file with JSON; - for standard input", HelpName = "FILE" };
        return new Command("request", "Send a signed call to the service by hand") { method, path, body, CommandLine.Output }.Does(async (parsed, cancellationToken) =>
        {
            if (!parsed.GetRequiredValue(path).StartsWith('/'))
                throw Failure.Usage("PATH starts with a slash; the address is the one that the account was opened at.", "Give it like this: keyladder request GET /v1/sessions");
            var file = parsed.GetValue(body);
            await using var input = file is null ? Stream.Null : FileTransfer.OpenInput(file);
            AgentAnswer? answer = null;
            var request = new SendRequest(parsed.GetRequiredValue(method).ToUpperInvariant(), parsed.GetRequiredValue(path), file is not null);
            if (parsed.GetValue(CommandLine.Output) is null && !Console.IsOutputRedirected)
            {
                using var shown = new MemoryStream();
                answer = await AgentConnection.AskAsync(parsed.Profile(), request, input, shown, cancellationToken);
                Console.Out.WriteLine(Screen.Printable(System.Text.Encoding.UTF8.GetString(shown.ToArray())));
            }
            else
            {
                await FileTransfer.WriteAsync(parsed.GetValue(CommandLine.Output), binary: false, async output =>
                    answer = await AgentConnection.AskAsync(parsed.Profile(), request, input, output, cancellationToken));
            }

            Screen.Say($"HTTP {answer!.Status}");
            if (answer.Status >= 400)
                throw new Failure(ExitCode.Refused, "The service refused the call.", "Its answer says why.");
        });
    }
}
