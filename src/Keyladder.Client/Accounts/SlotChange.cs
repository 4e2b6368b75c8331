using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>A slot added, one removed, or both at once.</summary>
internal sealed record SlotChange(NewSlot? Add, SlotId? Remove)
{
    /// <summary>Number of the last head that was sent with it; 0 if nothing has been sent.</summary>
    public long Sent { get; set; }

    /// <summary>Whether the last that was sent may have landed, or may yet.</summary>
    public bool IsOpen { get; set; }

    /// <summary>
    /// Whether a head shows the account after the change. The id of an added slot is random: no other change can have brought it.
    /// </summary>
    public bool IsDoneIn(KeystoreHead head) =>
        Add is { } added ? head.Slots.Contains(added.Slot) : head.Slots.All(slot => slot.Id != Remove);

    /// <exception cref="KeyladderException">There is nothing to remove, or no room.</exception>
    public IReadOnlyList<HeadSlot> Apply(IReadOnlyList<HeadSlot> slots)
    {
        List<HeadSlot> next = [.. slots.Where(slot => slot.Id != Remove)];
        if (Remove is { } removed && next.Count == slots.Count)
            throw new KeyladderException(
                FailureReason.NotFound,
                $"No secret of the account has the id {removed}.",
                "List the ways to unlock to see which there are.");
        if (Add is { } added)
            next.Add(added.Slot);
        if (next.Count > KeystoreHead.MaxSlots)
            throw Failures.NotAllowed($"The account has {KeystoreHead.MaxSlots} secrets already.", "Remove one that is not needed.");
        return [.. next.OrderBy(slot => slot.Id.ToString(), StringComparer.Ordinal)];
    }

    public ChangeSlotsRequest ToRequest(string head, string proof) => new(head, proof, Add?.Message, Remove?.Value);
}
