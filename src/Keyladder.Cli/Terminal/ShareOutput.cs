using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;

namespace Keyladder.Cli.Terminal;

/// <summary>Shares as a person or a program reads them.</summary>
internal static class ShareOutput
{
    public static readonly string[] Header = ["ID", "", "WHO", "WHAT", "STATE", "UNTIL", ""];

    public static string[] Row(GivenLine share) =>
    [
        share.Id,
        "to",
        share.With,
        $"{share.Name ?? $"item {share.Item}, which is there no more"}{(share.IsWhole ? "" : $": {share.Attribute ?? "an attribute that is there no more"}")}",
        share.State,
        share.Until is { } day ? ItemLines.Text(day) : "",
        Remarks(share.Changed ? "changed since" : null, share is { Terms: not null, Accepted: true } ? "terms accepted" : null, share.Read ? "opened" : null),
    ];

    public static string[] Row(HeldLine share) =>
    [
        share.Id,
        "from",
        share.From,
        share.IsWhole
            ? $"{share.Name ?? "an item"}: {(share.Attributes.Length == 1 ? "one attribute" : $"{share.Attributes.Length} attributes")}"
            : share.Attribute ?? "one attribute",
        share.State,
        share.Until is { } day ? ItemLines.Text(day) : "",
        Remarks(share is { State: "given", Accepted: false } ? "has terms to accept" : null, share.Receipt ? "tells when it is opened" : null),
    ];

    /// <param name="shared">What it says of itself.</param>
    /// <param name="attributes">As the agent gives them: a JSON list.</param>
    /// <param name="only">Name of the one attribute to print, as it is; null for all.</param>
    /// <param name="news">What was fetched before it was opened; null for nothing.</param>
    public static void Show(SharedLine shared, byte[] attributes, string? only, NewsLine? news)
    {
        var document = (JsonObject)Screen.ToJson(new[] { shared.Share })!.AsArray()[0]!.DeepClone();
        (document["name"], document["kind"], document["news"]) = (shared.Name, shared.Kind, Screen.ToJson(news));
        ItemOutput.Show(
            document,
            [
                .. new[] { ("share", shared.Share.Id), ("from", shared.Share.From), ("name", shared.Name), ("kind", shared.Kind), ("until", shared.Share.Until is { } day ? ItemLines.Text(day) : null) }
                    .Where(row => row.Item2 is not null).Select(row => new[] { row.Item1, row.Item2! }),
            ],
            attributes,
            only,
            "keyladder share save SHARE NAME --output FILE");
    }

    private static string Remarks(params ReadOnlySpan<string?> remarks) => string.Join(", ", remarks.ToArray().OfType<string>());
}
