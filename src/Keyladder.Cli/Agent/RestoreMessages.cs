using System.Globalization;
using System.Text.Json;
using Keyladder.Client;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Cli.Agent;

/// <summary>One thing that went back with a restored service, as docs/guide/cli.md names the members.</summary>
/// <param name="Change"><c>missing</c>, <c>older</c>, <c>returned</c> or <c>unknown</c>.</param>
/// <param name="What"><c>key</c>, <c>secret</c> or <c>item</c>.</param>
/// <param name="Kind">Purpose of the key, kind of the secret or item.</param>
/// <param name="Label">As this device holds it, or the item's name; of what it does not hold, as the service shows it.</param>
/// <param name="State">Of a key, likewise.</param>
/// <param name="ShownLabel">Of an older key or item: as the service shows it.</param>
/// <param name="ShownState">Of an older key, likewise.</param>
/// <param name="PutBack">Whether it is again as this device holds it.</param>
/// <param name="Conflict">Of an item that another device has changed since: the one that holds this device's version.</param>
/// <param name="Lacks">Of an item: names of the attachments that could not be put back.</param>
internal sealed record RestoreLine(
    string Change, string What, string Id, string Kind, string? Label, string? State, string? ShownLabel, string? ShownState, bool PutBack,
    string? Conflict = null, IReadOnlyList<string>? Lacks = null)
{
    public static RestoreLine[] Of(IEnumerable<RestoreDifference> differences) => [.. differences.Select(Of)];

    public static RestoreLine[] Of(IEnumerable<ItemDifference> differences) => [.. differences.Select(Of)];

    /// <summary>Whether there is something to choose: what is unknown here is left alone.</summary>
    public static bool IsAny(IEnumerable<RestoreLine> lines) => lines.Any(line => line.Change != Text(RestoreChange.Unknown));

    public static string Text(RestoreChange change) => JsonNamingPolicy.KebabCaseLower.ConvertName(change.ToString());

    private static RestoreLine Of(RestoreDifference difference)
    {
        var change = Text(difference.Change);
        if (difference.Secret is { } secret)
            return new(change, "secret", secret.Id.ToString(), secret.Kind, null, null, null, null, difference.IsPutBack);
        var key = (difference.Held ?? difference.Shown)!;
        var older = difference.Change == RestoreChange.Older ? difference.Shown : null;
        return new(
            change, "key", key.Id.ToString(), key.Purpose.ToText(), key.Label, key.State.ToText(), older?.Label, older?.State.ToText(), difference.IsPutBack);
    }

    private static RestoreLine Of(ItemDifference difference)
    {
        var item = (difference.Held ?? difference.Shown)!;
        return new(
            Text(difference.Change), "item", item.Id.ToString(), item.Kind, item.Name, State: null, difference.Held is null ? null : difference.Shown?.Name, ShownState: null,
            difference.IsPutBack, difference.Conflict?.ToString(), difference.Lacks);
    }
}

/// <summary>What the person is asked after a restore.</summary>
/// <param name="Choice">What they write, or a program for them, who go back: it holds for this question alone.</param>
/// <param name="SeenDay">The day of the newest change that this device has seen; null where it is not known.</param>
/// <param name="ShownDay">The day of the change that the service shows.</param>
/// <param name="WentBack">By name; null where nothing is open here that could say so, or of a Vault, where this device has no copy.</param>
/// <param name="Vault">The Vault's address; null where it is the account at the Keystore that went back.</param>
internal sealed record RestoreQuestion(string Choice, long Seen, string? SeenDay, long Shown, string? ShownDay, RestoreLine[]? WentBack, string? Vault = null)
{
    /// <summary>About a Vault.</summary>
    public static RestoreQuestion Of(RestoredException shown) => new(
        shown.Choice,
        shown.Seen,
        Day(shown.SeenDay),
        shown.Shown,
        Day(shown.ShownDay),
        shown.Items is { } items ? RestoreLine.Of(items) : null,
        shown.Vault!.GetLeftPart(UriPartial.Authority));

    public static RestoreQuestion Of(RestoredException shown, UnlockedAccount? before) =>
        new(shown.Choice, shown.Seen, Day(shown.SeenDay), shown.Shown, Day(shown.ShownDay), before is null ? null : RestoreLine.Of(shown.Compare(before)));

    private static string? Day(DateOnly? day) => day?.ToString("O", CultureInfo.InvariantCulture);
}
