using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;
using Keyladder.Cryptography.Dids;

namespace Keyladder.Cli.Commands;

internal static class DidCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create() => new("did", "Work with DIDs") { Resolve(), Publish(), DidSignInCommand.Link(), DidSignInCommand.SignIn() };

    /// <summary>A document as a person reads it.</summary>
    public static string Text(DidDocument document) => JsonNode.Parse(document.ToUtf8Json())!.ToJsonString(Indented);

    private static Command Resolve()
    {
        var did = new Argument<string>("DID") { Description = "A did:key, did:jwk or did:web" };
        return new Command("resolve", "Print the document of a DID: offline, but for a did:web") { did }.Does(async (parsed, cancellationToken) =>
        {
            var resolution = await DidLookup.ResolveAsync(parsed.GetRequiredValue(did), cancellationToken);
            var result = JsonNode.Parse(resolution.ToUtf8Json())!.AsObject();
            Screen.Show(
                new JsonObject
                {
                    ["document"] = JsonNode.Parse(resolution.Document!.ToUtf8Json()),
                    ["documentMetadata"] = result["didDocumentMetadata"]!.DeepClone(),
                    ["resolutionMetadata"] = result["didResolutionMetadata"]!.DeepClone(),
                },
                () => Console.Out.WriteLine(Text(resolution.Document)));
        });
    }

    private static Command Publish()
    {
        var did = new Argument<string>("DID") { Description = "The did:web of an address that you have" };
        var keys = new Option<string[]>("--key") { Description = "A signing key that shall sign for it; may be given several times", HelpName = "KEY", Required = true };
        return new Command("publish", "Print the document to put at the address of a did:web") { did, keys }.Does(async (parsed, cancellationToken) =>
        {
            if (!Did.TryParse(parsed.GetRequiredValue(did), out var web) || web.Method != DidMethod.Web)
                throw Failure.Usage("That is not a did:web.", "Write did:web:example.org, or did:web:example.org:people:ada for a path; a port follows as %3A8443.");
            var listed = new List<Keyladder.Cryptography.Signing.PublicKey>();
            foreach (var name in parsed.GetRequiredValue(keys))
            {
                var key = (await parsed.AskAsync(new ShowKey(name), cancellationToken)).Keys!.Single();
                listed.Add(key.Did is { } text && Did.TryParse(text, out var own) ? own.PublicKey! : throw Failure.Usage("Only a signing key can be listed.", "Choose a key that `keyladder key list` shows with a DID."));
            }

            var document = DidDocument.ForWeb(web, listed);
            Screen.Show(new JsonObject { ["document"] = JsonNode.Parse(document.ToUtf8Json()) }, () => Console.Out.WriteLine(Text(document)));
        });
    }
}
