using Keyladder.Cli.Terminal;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;

namespace Keyladder.Cli.Agent;

/// <summary>What others still hold of an item once it, or a part of it, is gone here: nothing is taken back from anybody by that.</summary>
internal static class SharedCopies
{
    /// <param name="vault">Where it was.</param>
    /// <param name="item">The one that is gone, or that an attribute is gone from.</param>
    /// <param name="dropped">Those that are gone; null for all of the item.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Who holds a copy, and the command that takes it back; null for nobody, or where nothing of it can be read now.</returns>
    public static async Task<string?> TellAsync(Vault vault, ItemId item, IReadOnlyCollection<AttributeId>? dropped, CancellationToken cancellationToken)
    {
        try
        {
            var given = (await vault.Relationships.ListGivenAsync(cancellationToken)).Where(
                share => share.State == ShareStates.Given && share.Item == item && (dropped is null || share.Attributes.Intersect(dropped).Any())).ToList();
            if (given.Count == 0)
                return null;
            var names = (await vault.Relationships.ListAsync(cancellationToken)).ToDictionary(each => each.Id, each => each.Name);
            return string.Join('\n', given.Select(share => Line(Screen.Printable(names[share.Relationship]), share, dropped is not null && share.Attribute is null)));
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.Unreachable or FailureReason.Conflict)
        {
            // What was asked for is done.
            return null;
        }
    }

    private static string Line(string name, GivenShare share, bool hasMore) => hasMore
        ? $"{name} still has a copy with it. To give them what the item is now: keyladder share update {share.Id}; to take the copy back: keyladder share revoke {share.Id}"
        : $"{name} still has a copy of it. To take it back: keyladder share revoke {share.Id}";
}
