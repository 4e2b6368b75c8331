using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class DidCommand
{
    public static Command Create()
    {
        var did = new Argument<string>("DID") { Description = "A did:key" };
        return new("did", "Work with DIDs")
        {
            new Command("resolve", "Print the document that follows from a DID, offline") { did }.Does((parsed, _) =>
            {
                var document = PublicKeyText.Of(parsed.GetRequiredValue(did), "document");
                Screen.Show(new JsonObject { ["document"] = JsonNode.Parse(document) }, () => Console.Out.WriteLine(document));
                return Task.CompletedTask;
            }),
        };
    }
}
