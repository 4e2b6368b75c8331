using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;

namespace Keyladder.Cli.Agent;

/// <summary>Shares as commands print them.</summary>
internal static class ShareLines
{
    /// <param name="share">What it says of itself.</param>
    /// <param name="with">What the person calls the holder.</param>
    /// <param name="item">That it is of; null where it is there no more.</param>
    /// <param name="opened">Likewise; null too where all of it is shared.</param>
    public static GivenLine Of(GivenShare share, string with, VaultItem? item, OpenedItem? opened) => new(
        share.Id.ToString(),
        share.Relationship.ToString(),
        with,
        share.Item.ToString(),
        item?.Name,
        opened?.Attributes.FirstOrDefault(attribute => attribute.Id == share.Attribute)?.Content.Name,
        share.Attribute is null,
        share.State,
        share.Terms,
        share.Expires,
        share.TellsWhenRead,
        share.State == ShareStates.Given && item is not null && !share.IsCurrent(item),
        share.IsAccepted,
        share.IsRead);

    /// <param name="share">What it says of itself.</param>
    /// <param name="from">What the person calls who shares it.</param>
    public static HeldLine Of(HeldShare share, string from) => new(
        share.Id.ToString(),
        share.Relationship.ToString(),
        from,
        share.IsWhole ? share.Name : null,
        share.IsWhole ? null : share.Name,
        [.. share.Attributes.Select(attribute => attribute.ToString())],
        share.IsWhole,
        share.State,
        share.Terms,
        share.IsAccepted,
        share.Expires,
        share.TellsWhenRead);

    /// <summary>Whether the text is the share's id, or 8 or more characters of it.</summary>
    public static bool Names(ShareId share, string text) => text.Length >= 8 && share.ToString().StartsWith(text, StringComparison.Ordinal);
}
