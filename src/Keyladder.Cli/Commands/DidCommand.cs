using System.CommandLine;

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
                Console.Out.WriteLine(PublicKeyText.Of(parsed.GetRequiredValue(did), "document"));
                return Task.CompletedTask;
            }),
        };
    }
}
