using System.Collections.Concurrent;
using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;

namespace Keyladder.Client;

/// <summary>What others have sent, and what became of it.</summary>
public sealed class RelationshipNews
{
    private readonly List<RelationshipId> _established = [];
    private readonly List<ReceivedKeyChange> _changed = [];
    private readonly List<ShareId> _shares = [];
    private readonly List<ReceivedEvent> _events = [];
    private readonly List<IntegrityException> _refused = [];
    private readonly ConcurrentQueue<RelationshipId> _shut = [];
    private readonly ConcurrentDictionary<RelationshipId, KeyladderException> _unreachable = [];

    /// <summary>Relationships that both sides have the keys of by now.</summary>
    public IReadOnlyList<RelationshipId> Established => _established;

    /// <summary>Relationships in which the other party has other keys, by a statement of the old ones: its safety words are new. In the order of the changes.</summary>
    public IReadOnlyList<ReceivedKeyChange> Changed => _changed;

    /// <summary>Shares that are new, changed or over.</summary>
    public IReadOnlyList<ShareId> Shares => _shares;

    /// <summary>What happened to shared attributes, as the other parties have signed it: for an app's rules.</summary>
    public IReadOnlyList<ReceivedEvent> Events => _events;

    /// <summary>Letters that were refused: altered, sent by somebody else, or old. Nothing of them was used.</summary>
    public IReadOnlyList<IntegrityException> Refused => _refused;

    /// <summary>
    /// Relationships whose other Vault lets this person in no more: the other one has ended or blocked it, or that Vault says so. Nothing is signed about it.
    /// </summary>
    public IReadOnlyCollection<RelationshipId> Shut => _shut;

    /// <summary>Relationships whose other Vault did not answer.</summary>
    public IReadOnlyDictionary<RelationshipId, KeyladderException> Unreachable => _unreachable;

    internal void AddUnreachable(RelationshipId id, KeyladderException why) => _unreachable[id] = why;

    internal void AddShut(RelationshipId id) => _shut.Enqueue(id);

    internal void AddEstablished(RelationshipId id) => _established.Add(id);

    internal void AddChanged(ReceivedKeyChange change) => _changed.Add(change);

    internal void AddShare(ShareId id) => _shares.Add(id);

    internal void AddEvent(ReceivedEvent received) => _events.Add(received);

    internal void AddRefused(IntegrityException why) => _refused.Add(why);

    /// <summary>Tells what came later too.</summary>
    internal void Add(RelationshipNews later)
    {
        _established.AddRange(later._established);
        _changed.AddRange(later._changed);
        _shares.AddRange(later._shares);
        _events.AddRange(later._events);
        _refused.AddRange(later._refused);
        foreach (var (id, why) in later._unreachable)
            _unreachable[id] = why;
        foreach (var id in later._shut)
            _shut.Enqueue(id);
    }
}

/// <summary>An event, verified.</summary>
/// <param name="Relationship">In which.</param>
/// <param name="Event">What it says.</param>
/// <param name="Jws">As it was signed: whoever has the DID verifies it without more.</param>
public sealed record ReceivedEvent(RelationshipId Relationship, ShareEvent Event, string Jws);

/// <summary>A change of the other party's keys, verified.</summary>
/// <param name="Relationship">In which.</param>
/// <param name="Change">What it says.</param>
/// <param name="Jws">As the old keys have signed it: for an app that knows the other party by the DID of before.</param>
public sealed record ReceivedKeyChange(RelationshipId Relationship, KeyChange Change, string Jws);
