using System.Globalization;
using System.Text.Json;
using Keyladder.Client;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Cli.Agent;

/// <summary>One thing that went back with a restored service, as docs/guide/cli.md names the members.</summary>
/// <param name="Change"><c>missing</c>, <c>older</c>, <c>returned</c> or <c>unknown</c>.</param>
/// <param name="What"><c>key</c> or <c>secret</c>.</param>
/// <param name="Kind">Purpose of the key, kind of the secret.</param>
/// <param name="Label">As this device holds it; of a key that it does not hold, as the service shows it.</param>
/// <param name="State">Of a key, likewise.</param>
/// <param name="ShownLabel">Of an older key: as the service shows it.</param>
/// <param name="ShownState">Of an older key, likewise.</param>
/// <param name="PutBack">Whether it is again as this device holds it.</param>
internal sealed record RestoreLine(
    string Change, string What, string Id, string Kind, string? Label, string? State, string? ShownLabel, string? ShownState, bool PutBack)
{
    public static RestoreLine[] Of(IEnumerable<RestoreDifference> differences) => [.. differences.Select(Of)];

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
}

/// <summary>What the person is asked after a restore.</summary>
/// <param name="Choice">What they write, or a program for them, who go back: it holds for this question alone.</param>
/// <param name="SeenDay">The day of the newest change that this device has seen; null where it is not known.</param>
/// <param name="ShownDay">The day of the change that the service shows.</param>
/// <param name="WentBack">By name; null where nothing is open here that could say so.</param>
internal sealed record RestoreQuestion(string Choice, long Seen, string? SeenDay, long Shown, string? ShownDay, RestoreLine[]? WentBack)
{
    public static RestoreQuestion Of(RestoredException shown, UnlockedAccount? before) =>
        new(shown.Choice, shown.Seen, Day(shown.SeenDay), shown.Shown, Day(shown.ShownDay), before is null ? null : RestoreLine.Of(shown.Compare(before)));

    private static string? Day(DateOnly? day) => day?.ToString("O", CultureInfo.InvariantCulture);
}
