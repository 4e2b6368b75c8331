using Keyladder.Cryptography;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>
/// Reads what an item was (docs/spec/vault.md section 4, "Versions"). No head names the versions: the present item proves the one that it
/// replaced, that one the one before, and each its attributes by the leaves that it lists. Where the service keeps no more, it ends.
/// </summary>
internal sealed class VersionReading(VaultCalls calls, VaultCopy copy, ItemSealing sealing)
{
    /// <param name="present">As the copy has it now.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The newest first: <paramref name="present"/>, then what it was before.</returns>
    /// <exception cref="IntegrityException">One is not what the account replaced then, or is left out between others.</exception>
    public async Task<IReadOnlyList<VaultItem>> ListAsync(VaultItem present, CancellationToken cancellationToken)
    {
        List<VaultItem> versions = [present];
        foreach (var earlier in await GetAsync(present.Id, cancellationToken).ConfigureAwait(false))
        {
            // The leaf says all: which object, at which revision, with which content.
            if (earlier.Leaf != versions[^1].Overview.Follows)
                throw Alarms.ObjectInvalid(present.Id, $"with an earlier version that is not the one which revision {versions[^1].Revision} replaced");
            versions.Add(sealing.Open(earlier));
        }

        return versions;
    }

    /// <param name="version">One that was listed.</param>
    /// <param name="present">The same item as the copy has it now.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null where another device has moved the account on meanwhile.</returns>
    /// <exception cref="IntegrityException">An attribute is not the one that the version lists, or one of its versions is left out between others.</exception>
    public async Task<OpenedItem?> TryOpenAsync(VaultItem version, VaultItem present, CancellationToken cancellationToken)
    {
        var listed = version.Overview.Attributes.Where(entry => entry.Removed is null).ToList();
        if (!await copy.TryFetchAsync([.. listed.Where(IsPresent).Select(entry => (ObjectName)entry.Id)], cancellationToken).ConfigureAwait(false))
            return null;
        var now = present.Overview.Attributes.ToDictionary(entry => entry.Id);
        var attributes = new List<OpenedAttribute>();
        var missing = new List<AttributeId>();
        foreach (var entry in listed)
        {
            var stored = IsPresent(entry) ? copy.Find(entry.Id)
                : now.TryGetValue(entry.Id, out var last) ? await FindAsync(entry, last, cancellationToken).ConfigureAwait(false)
                : null; // deleted, and its versions with it
            if (stored is null)
                missing.Add(entry.Id);
            else
                attributes.Add(sealing.Open(version.Id, stored));
        }

        return new OpenedItem(version, attributes, missing);

        bool IsPresent(AttributeEntry entry) => copy.Leaves.TryGetValue(entry.Id, out var leaf) && leaf == entry.Leaf;
    }

    /// <param name="wanted">The attribute as a version of its item lists it.</param>
    /// <param name="last">As the present item does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null where the service keeps none so old.</returns>
    private async Task<StoredObject?> FindAsync(AttributeEntry wanted, AttributeEntry last, CancellationToken cancellationToken)
    {
        var revision = last.Revision;
        foreach (var earlier in await GetAsync(wanted.Id, cancellationToken).ConfigureAwait(false))
        {
            if (earlier.Revision != --revision)
                throw Alarms.ObjectInvalid(wanted.Id, "with an earlier version missing or out of place");
            if (revision != wanted.Revision)
                continue;
            return earlier.Leaf == wanted.Leaf
                ? earlier
                : throw Alarms.ObjectInvalid(wanted.Id, $"in revision {revision}, which is not the one that its item listed then");
        }

        return null;
    }

    private async Task<IEnumerable<StoredObject>> GetAsync(ObjectName name, CancellationToken cancellationToken) =>
        (await calls.GetVersionsAsync(name, cancellationToken).ConfigureAwait(false)).Objects.Select(StoredObject.Read);
}
