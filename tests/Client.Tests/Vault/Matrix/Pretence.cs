using System.Text.Json;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client.Tests.Vaults.Matrix;

/// <summary>What a hostile Vault pretends that the account holds, and how it says so in an answer.</summary>
internal sealed class Pretence(MatrixScene scene)
{
    private readonly Dictionary<ObjectName, ObjectMessage> _objects = new(scene.Now);
    private readonly List<ObjectName> _twice = [];

    /// <summary>What the alarm may be about: every place where something else stands than the account signed.</summary>
    public HashSet<string> Touched { get; } = [];

    /// <summary>Whether it is other than the truth at all.</summary>
    public bool IsFalse => Differences.Any() || _twice.Any(_objects.ContainsKey);

    /// <summary>Whether all that is false is whole items that are not there: who has never seen them cannot say which.</summary>
    public bool IsSilence => !_twice.Any(_objects.ContainsKey) && Differences.All(name => !_objects.ContainsKey(name) && !_objects.ContainsKey(scene.ItemOf[name]));

    public ObjectMessage this[ObjectName name] => _objects.GetValueOrDefault(name) ?? scene.Now[name];

    private IEnumerable<ObjectName> Differences =>
        scene.Now.Keys.Union(_objects.Keys).Where(name => !Same(scene.Now.GetValueOrDefault(name), _objects.GetValueOrDefault(name)));

    public void Put(ObjectMessage shown)
    {
        var name = ObjectName.Read(shown.Kind, shown.Id);
        _objects[name] = shown;
        Touched.Add($"{name}");
    }

    public void Remove(ObjectName name)
    {
        _objects.Remove(name);
        Touched.Add($"{name}");
    }

    public void Repeat(ObjectName name)
    {
        _twice.Add(name);
        Touched.Add($"{name}");
    }

    /// <param name="genuine">The answer that it stands in the place of.</param>
    /// <param name="from">What the caller has seen.</param>
    /// <param name="leaves">Whether the list of leaves is false, and fits the objects; else it is the true one, and only the objects are false.</param>
    /// <param name="envelopes">Whether the objects are false; else they are the true ones.</param>
    public byte[] ToList(ObjectChangesResponse genuine, IReadOnlyDictionary<ObjectName, ObjectMessage> from, bool leaves, bool envelopes)
    {
        var changes = genuine.Changes.ToList();
        if (leaves)
        {
            changes = [.. from name in @from.Keys.Union(_objects.Keys)
                          let old = Leaf(@from.GetValueOrDefault(name))
                          let next = Leaf(_objects.GetValueOrDefault(name))
                          where !(old ?? []).AsSpan().SequenceEqual(next ?? [])
                          select new ObjectChangeMessage(name.Kind, name.Id, old, next)];
            changes.AddRange(_twice.SelectMany(name => changes.Where(change => change.Id == name.Id)).ToList());
        }

        var objects = genuine.Objects.ToList();
        if (envelopes)
        {
            objects = [.. _objects.Where(shown => shown.Key.Kind == ObjectKind.Item).Select(shown => shown.Value)];
            objects.AddRange(_twice.Where(name => name.Kind == ObjectKind.Item && _objects.ContainsKey(name)).Select(name => this[name]));
            if (!leaves)
                objects.AddRange(Differences.Concat(_twice).Concat(_twice).Where(name => name.Kind == ObjectKind.Attribute && _objects.ContainsKey(name)).Select(name => this[name]));
        }

        return JsonSerializer.SerializeToUtf8Bytes(genuine with { Changes = [.. changes], Objects = [.. objects] }, ProtocolJson.Default.ObjectChangesResponse);
    }

    /// <summary>What it has under some names, and what it has that the account has not.</summary>
    public ObjectMessage[] ToObjects(FetchObjectsRequest asked)
    {
        var names = asked.Names.Select(name => ObjectName.Read(name.Kind, name.Id)).ToList();
        return [.. from name in names.Union(_objects.Keys.Except(scene.Now.Keys)).Concat(_twice.Intersect(names))
                   where _objects.ContainsKey(name)
                   select _objects[name]];
    }

    public static Hash256 LeafOf(ObjectMessage shown) =>
        ObjectLeaf.Value(shown.Kind, shown.Id, new Hash256(shown.Dek), shown.Revision, shown.Attachment, shown.Sealed);

    private static bool Same(ObjectMessage? one, ObjectMessage? other) => ReferenceEquals(one, other)
        || (one is not null && other is not null && one.Revision == other.Revision && one.Attachment == other.Attachment
            && one.Dek.AsSpan().SequenceEqual(other.Dek) && one.Sealed.AsSpan().SequenceEqual(other.Sealed));

    private static byte[]? Leaf(ObjectMessage? shown) => shown is null ? null : LeafOf(shown).ToArray();
}
