using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// Finds what a list is wrong about, once its root has shown that it is: a person is to be told which item, and not only that something is
/// amiss. The service is asked to prove what it has said, and where it cannot, or proves something else, that is the object.
/// </summary>
internal sealed class FalseList(VaultCalls calls, SignedHead<VaultHead> head, HeadPin pin)
{
    // Nobody waits for ever to hear a name.
    private const int MaxCalls = 200;

    private int _calls;

    /// <param name="shown">The leaf of each object as the list has it; null for one that it says is not there.</param>
    /// <param name="suspects">What to look at, the likeliest first; nothing of a group is looked at, or worked out, before the one before it is through.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>What to raise; it names the object if one was found.</returns>
    public async Task<IntegrityException> NameAsync(
        IReadOnlyDictionary<ObjectName, Hash256?> shown, IEnumerable<IEnumerable<ObjectName>> suspects, CancellationToken cancellationToken)
    {
        var asked = new HashSet<ObjectName>();
        foreach (var group in suspects)
        {
            var names = group.Where(asked.Add).ToList();
            // A service does not hear of one id under both kinds at once, which is what a list may show.
            var once = names.DistinctBy(name => name.Id).ToList();
            foreach (var page in once.Chunk(VaultRoutes.MaxObjects).Concat(names.Except(once).Chunk(VaultRoutes.MaxObjects)))
            {
                if (await FindAsync(page, shown, cancellationToken).ConfigureAwait(false) is { } found)
                    return found;
            }
        }

        return Alarms.ProofInvalid(head.Head.Number);
    }

    private static IntegrityException Otherwise(ObjectName name) => Alarms.ObjectInvalid(name, "or that it is not there, otherwise than the account signed");

    private async Task<IntegrityException?> FindAsync(ObjectName[] page, IReadOnlyDictionary<ObjectName, Hash256?> shown, CancellationToken cancellationToken)
    {
        if (page.Length == 0 || ++_calls > MaxCalls)
            return null;
        try
        {
            var answer = await calls.FetchAsync(page, pin.Number, cancellationToken).ConfigureAwait(false);
            if (answer.Head != head.Jws)
                return null;
            var proven = ProvenObjects<VaultHead, StoredObject>.Verify(page, answer.Objects.Select(StoredObject.Read), answer.Proof, head, pin);
            foreach (var name in page)
            {
                if (proven.Objects.GetValueOrDefault(name)?.Leaf != shown.GetValueOrDefault(name))
                    return Otherwise(name);
            }

            return null;
        }
        catch (KeyladderException e) when (e is not IntegrityException)
        {
            // The list is false, whatever the service says or does not say to the question where.
            return null;
        }
        catch (IntegrityException e) when (e.Alarm == Alarm.ObjectInvalid)
        {
            // Something that was not asked for, or is there twice: that is it.
            return e;
        }
        catch (IntegrityException) when (page.Length == 1)
        {
            return Otherwise(page[0]);
        }
        catch (IntegrityException)
        {
            var half = page.Length / 2;
            return await FindAsync(page[..half], shown, cancellationToken).ConfigureAwait(false)
                ?? await FindAsync(page[half..], shown, cancellationToken).ConfigureAwait(false);
        }
    }
}
