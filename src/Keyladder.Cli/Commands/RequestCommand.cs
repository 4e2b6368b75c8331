using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
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
            var output = parsed.GetValue(CommandLine.Output);
            if (Screen.IsJson ? output is null or "-" : output is null && !Console.IsOutputRedirected)
            {
                using var shown = new MemoryStream();
                answer = await AgentConnection.AskAsync(parsed.Profile(), request, input, shown, cancellationToken);
                var text = Encoding.UTF8.GetString(shown.ToArray());
                Screen.Show(Document(answer, Content(text)), () => Console.Out.WriteLine(Screen.Printable(text)));
            }
            else
            {
                await FileTransfer.WriteAsync(output, binary: false, async stream =>
                    answer = await AgentConnection.AskAsync(parsed.Profile(), request, input, stream, cancellationToken));
                Screen.Show(Document(answer!, null));
            }

            Screen.Say($"HTTP {answer!.Status}");
            if (answer.Status >= 400)
                throw new Failure(ExitCode.Refused, "The service refused the call.", "Its answer says why.");
        });
    }

    private static JsonObject Document(AgentAnswer answer, JsonNode? body) => new() { ["status"] = answer.Status, ["body"] = body };

    /// <summary>What is not JSON goes into the document as text.</summary>
    private static JsonNode? Content(string text)
    {
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
